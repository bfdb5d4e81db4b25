using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace ShardConsole.EndToEnd.Harness;

/// <summary>A plain connection to one node that hides nothing: no redirects, no retries. One command at a time.</summary>
internal sealed class RespConnection : IDisposable
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(10);
    private readonly TcpClient tcp = new() { NoDelay = true };
    private readonly byte[] buffer = new byte[64 * 1024];
    private int next;
    private int end;

    public static async Task<RespConnection> OpenAsync(int port)
    {
        var connection = new RespConnection();
        try
        {
            using var guard = new CancellationTokenSource(Guard);
            await connection.tcp.ConnectAsync("127.0.0.1", port, guard.Token);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>True once the server has closed the connection, where no reply is awaited: what is sent now would never arrive.</summary>
    public bool WasClosed => tcp.Client.Poll(0, SelectMode.SelectRead) && tcp.Available == 0;

    public async Task<RespReply> ExecuteAsync(params string[] command)
    {
        await SendAsync(Encode(command));
        return await ReceiveAsync();
    }

    /// <summary>Bytes of a command.</summary>
    public static string Encode(params string[] command)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"*{command.Length}\r\n");
        foreach (var argument in command)
        {
            text.Append(CultureInfo.InvariantCulture, $"${argument.Length}\r\n{argument}\r\n");
        }

        return text.ToString();
    }

    public async Task SendAsync(string raw)
    {
        using var guard = new CancellationTokenSource(Guard);
        await tcp.GetStream().WriteAsync(Encoding.Latin1.GetBytes(raw), guard.Token);
    }

    /// <exception cref="IOException">The connection was closed.</exception>
    /// <exception cref="OperationCanceledException">No reply came within the guard.</exception>
    public async Task<RespReply> ReceiveAsync()
    {
        using var guard = new CancellationTokenSource(Guard);
        return await ReadReplyAsync(guard.Token);
    }

    /// <summary>True when the node has closed the connection and nothing more comes.</summary>
    public async Task<bool> IsClosedAsync()
    {
        try
        {
            using var guard = new CancellationTokenSource(Guard);
            return next == end && await tcp.GetStream().ReadAsync(buffer, guard.Token) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public void Dispose() => tcp.Dispose();

    private async Task<RespReply> ReadReplyAsync(CancellationToken cancellation)
    {
        var line = await ReadLineAsync(cancellation);
        var (kind, text) = (line[0], line[1..]);
        if (kind is not ('$' or '*'))
        {
            return new RespReply(kind, text, []);
        }

        var count = int.Parse(text, CultureInfo.InvariantCulture);
        if (count < 0)
        {
            return new RespReply(kind, null, []);
        }

        if (kind == '$')
        {
            var body = new byte[count + 2];
            for (var i = 0; i < body.Length; i++)
            {
                body[i] = await ReadByteAsync(cancellation);
            }

            return new RespReply(kind, Encoding.Latin1.GetString(body, 0, count), []);
        }

        var items = new RespReply[count];
        for (var i = 0; i < count; i++)
        {
            items[i] = await ReadReplyAsync(cancellation);
        }

        return new RespReply(kind, "", items);
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellation)
    {
        var line = new StringBuilder();
        while (true)
        {
            var value = (char)await ReadByteAsync(cancellation);
            if (value == '\n')
            {
                return line.ToString(0, line.Length - 1);
            }

            line.Append(value);
        }
    }

    private ValueTask<byte> ReadByteAsync(CancellationToken cancellation) => next < end ? new ValueTask<byte>(buffer[next++]) : FillAsync(cancellation);

    private async ValueTask<byte> FillAsync(CancellationToken cancellation)
    {
        end = await tcp.GetStream().ReadAsync(buffer, cancellation);
        next = 0;
        return end == 0 ? throw new IOException("The node closed the connection.") : buffer[next++];
    }
}
