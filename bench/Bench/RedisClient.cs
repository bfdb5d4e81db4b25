using System.Net.Sockets;
using System.Text;

namespace ShardConsole.Bench;

/// <summary>Just enough of the Redis protocol to see whether a server answers.</summary>
internal static class RedisClient
{
    /// <summary>Waits until a command is answered with something that holds <paramref name="expected"/>.</summary>
    public static void WaitFor(int port, string command, string expected, TimeProvider time, TimeSpan limit)
    {
        var started = time.GetTimestamp();
        var last = "no connection";
        while (time.GetElapsedTime(started) < limit)
        {
            try
            {
                using var client = new TcpClient("127.0.0.1", port) { ReceiveTimeout = 2000 };
                client.GetStream().Write(Encoding.ASCII.GetBytes(command + "\r\n"));
                var buffer = new byte[4096];
                last = Encoding.ASCII.GetString(buffer, 0, client.GetStream().Read(buffer)).Trim();
                if (last.Contains(expected, StringComparison.Ordinal))
                {
                    return;
                }
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                last = e.Message;
            }

            using var pause = new ManualResetEventSlim(false);
            pause.Wait(50);
        }

        throw new InvalidOperationException($"The server at port {port} did not answer \"{command}\" with \"{expected}\" within {limit.TotalSeconds} s; last: {last}");
    }
}
