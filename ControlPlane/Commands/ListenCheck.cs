using System.Net;
using System.Net.Sockets;

namespace ShardConsole.ControlPlane.Commands;

/// <summary>Looks whether the addresses can be listened at before anything is started, so that a taken port is one clear line.</summary>
internal static class ListenCheck
{
    /// <summary>Listens at each address for a moment. Names are left to the server.</summary>
    /// <exception cref="StartupException">One of them is no address, or is taken.</exception>
    public static void Check(string urls)
    {
        foreach (var url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var parsed = BindingAddress.Parse(url);
            if (parsed.Port == 0 || parsed.IsUnixPipe || !IPAddress.TryParse(parsed.Host.Trim('[', ']'), out var address))
            {
                continue;
            }

            try
            {
                using var listener = new TcpListener(address, parsed.Port);
                listener.Start();
            }
            catch (SocketException e)
            {
                throw new StartupException($"{url} cannot be listened at: {e.Message}. Stop what uses it, or choose another with --port or --bind.");
            }
        }
    }
}
