using System.Globalization;
using System.Net.Sockets;
using System.Text;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Bench;

/// <summary>Which port serves which slot, and filling a node with ready commands.</summary>
internal static class SlotPorts
{
    /// <summary>The port of each slot as the nodes themselves say: "&lt;first&gt;-&lt;last&gt;" of the line "myself" in CLUSTER NODES; 0 where nobody does.</summary>
    public static Task<int[]> ReadAsync(int[] ports) => Task.Run(() =>
    {
        var portOf = new int[Slot.Count];
        foreach (var port in ports)
        {
            var text = Peer.Run("redis-cli", ["-p", port.ToString(CultureInfo.InvariantCulture), "CLUSTER", "NODES"], acceptFailure: true);
            foreach (var range in text.Split('\n').Where(l => l.Contains("myself", StringComparison.Ordinal)).SelectMany(l => l.Trim().Split(' ').Skip(8)).Where(r => !r.StartsWith('[')))
            {
                var ends = range.Split('-').Select(e => int.Parse(e, CultureInfo.InvariantCulture)).ToArray();
                Array.Fill(portOf, port, ends[0], ends[^1] - ends[0] + 1);
            }
        }

        return portOf;
    });

    /// <summary>Sends ready commands and waits for as many lines "+OK".</summary>
    public static async Task PipeAsync(int port, string commands)
    {
        using var client = new TcpClient("127.0.0.1", port) { NoDelay = true };
        var stream = client.GetStream();
        var expected = commands.Split("*3\r\n").Length - 1;
        var writing = Task.Run(async () => await stream.WriteAsync(Encoding.ASCII.GetBytes(commands)));
        using var reader = new StreamReader(stream, Encoding.ASCII, false, 65_536);
        for (var i = 0; i < expected; i++)
        {
            var line = await reader.ReadLineAsync();
            if (line != "+OK")
            {
                throw new InvalidOperationException($"The node at port {port} answered \"{line}\" to a SET while it was filled.");
            }
        }

        await writing;
    }
}
