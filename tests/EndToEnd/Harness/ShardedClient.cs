using System.Globalization;
using System.Net.Sockets;
using System.Text;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.EndToEnd.Harness;

/// <summary>How a command that was sent through a cluster client ended.</summary>
internal enum Fate
{
    /// <summary>Acknowledged with a reply.</summary>
    Replied,

    /// <summary>Certainly not executed.</summary>
    NotExecuted,

    /// <summary>May or may not be executed, now or later.</summary>
    Unknown,
}

/// <summary>
/// A cluster client that is exact about what is known: follows MOVED, never repeats a command whose fate is unknown. One command at a time.
/// </summary>
internal sealed class ShardedClient(IReadOnlyList<int> ports) : IDisposable
{
    private static readonly string[] NotExecuted = ["TRYAGAIN", "CLUSTERDOWN", "MOVED", "MISCONF", "OOM", "LOADING"];
    private readonly Dictionary<int, RespConnection> connections = [];
    private readonly Dictionary<int, int> portOfSlot = [];
    private int fallback;

    /// <summary>Why the last command whose fate is unknown is so.</summary>
    public string Doubt { get; private set; } = "";

    /// <summary>Sends once, over as many redirects as it takes (at most five).</summary>
    public async Task<(Fate Fate, RespReply? Reply)> TryAsync(params string[] command)
    {
        var slot = Slot.Of(Encoding.Latin1.GetBytes(command[1]));
        for (var hop = 0; hop < 5; hop++)
        {
            var port = portOfSlot.TryGetValue(slot, out var known) ? known : ports[fallback % ports.Count];
            RespConnection connection;
            try
            {
                connection = await ConnectAsync(port);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                Forget(slot);
                return (Fate.NotExecuted, null);
            }

            RespReply reply;
            try
            {
                reply = await connection.ExecuteAsync(command);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                connections.Remove(port);
                connection.Dispose();
                Forget(slot);
                Doubt = $"{e.GetType().Name} from port {port}: {e.Message}";
                return (Fate.Unknown, null);
            }

            if (!reply.IsError)
            {
                return (Fate.Replied, reply);
            }

            var words = reply.Text!.Split(' ');
            if (words[0] == "MOVED")
            {
                portOfSlot[slot] = int.Parse(words[2].Split(':')[1], CultureInfo.InvariantCulture);
                continue;
            }

            if (words[0] == "UNKNOWN")
            {
                Doubt = $"port {port}: {reply}";
                return (Fate.Unknown, reply);
            }

            return NotExecuted.Contains(words[0]) ? (Fate.NotExecuted, reply) : (Fate.Replied, reply);
        }

        Forget(slot);
        return (Fate.NotExecuted, null);
    }

    /// <summary>Repeats until there is a reply. Only for what does no harm when it is executed twice.</summary>
    public Task<RespReply> RepeatAsync(params string[] command) =>
        Eventually.ValueAsync($"a reply to {string.Join(' ', command.Take(2))}", async () => await TryAsync(command) is (Fate.Replied, { } reply) ? reply : null);

    public void Dispose()
    {
        foreach (var connection in connections.Values)
        {
            connection.Dispose();
        }
    }

    private void Forget(int slot)
    {
        portOfSlot.Remove(slot);
        fallback++;
    }

    private async Task<RespConnection> ConnectAsync(int port)
    {
        // A node that was restarted meanwhile has closed it: every client notices that before it sends.
        if (connections.TryGetValue(port, out var connection) && connection.WasClosed)
        {
            connections.Remove(port);
            connection.Dispose();
            connection = null;
        }

        if (connection is null)
        {
            connection = await RespConnection.OpenAsync(port);
            connections[port] = connection;
        }

        return connection;
    }
}
