using System.Globalization;

namespace ShardConsole.Bench;

/// <summary>What many groups cost that do nothing: three nodes that all hold a replica of each group, without clients.</summary>
internal static class IdleBench
{
    /// <summary>Options: --shards N per node (21: with the meta group 64 groups), --seconds N (20), --settle N seconds before (240).</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var shards = Option(args, "--shards", 21);
        var (seconds, settle) = (Option(args, "--seconds", 20), Option(args, "--settle", 240));
        var ports = Enumerable.Range(0, 3).Select(_ => Peer.FreePorts(4)).ToList();
        var key = Path.Combine(Peer.Folder, "idle.key");
        await File.WriteAllTextAsync(key, Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)));
        var nodes = Enumerable.Range(0, 3).Select(i => Peer.Start("dotnet", Peer.Product("NodeAgent", [
            "--name", $"n{i + 1}", "--data", Path.Combine(Peer.Folder, $"idle-{i + 1}"), "--client-port", $"{ports[i][0]}", "--peer-port", $"{ports[i][1]}",
            "--gossip-port", $"{ports[i][2]}", "--admin-port", $"{ports[i][3]}", "--cluster-key-file", key, "--shards-per-node", $"{shards}",
            .. i == 0 ? new[] { "--found", "3" } : [], "--seed", $"127.0.0.1:{ports[(i + 1) % 3][2]}"]))).ToArray();
        try
        {
            using var http = new HttpClient();
            for (var led = 0L; led < shards * 3; led = await SumAsync(http, ports, "shardconsole_shards_led"))
            {
                await Task.Delay(500);
            }

            // Until leaders are where they belong and what runs once a second has been compiled for good: a method is compiled anew after 30 calls, twice, and for minutes that costs as much as all groups do.
            await Task.Delay(TimeSpan.FromSeconds(settle));
            var (cpu, sent, rounds) = (nodes.Sum(n => n.CpuSeconds()), await SumAsync(http, ports, "shardconsole_peer_sent_bytes_total"), await SumAsync(http, ports, "shardconsole_raft_rounds_total"));
            var began = TimeProvider.System.GetTimestamp();
            await Task.Delay(TimeSpan.FromSeconds(seconds));
            var elapsed = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
            var cpuPercent = (nodes.Sum(n => n.CpuSeconds()) - cpu) * 100 / elapsed / 3;
            var bytes = (await SumAsync(http, ports, "shardconsole_peer_sent_bytes_total") - sent) / elapsed / 3 / 2;
            var perSecond = (await SumAsync(http, ports, "shardconsole_raft_rounds_total") - rounds) / elapsed / 3;
            Console.WriteLine($"{"groups",8}{"CPU of a core, %",20}{"bytes/s per peer",20}{"loop rounds/s",16}   (per node, idle)");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(shards * 3) + 1,8}{cpuPercent,20:0.00}{bytes,20:0}{perSecond,16:0}"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"RESULT idle groups={(shards * 3) + 1} cpu_percent={cpuPercent:0.00} peer_bytes_per_s={bytes:0}"));
            return 0;
        }
        finally
        {
            Array.ForEach(nodes, n => n.Dispose());
        }
    }

    private static async Task<long> SumAsync(HttpClient http, List<IReadOnlyList<int>> ports, string metric)
    {
        var sum = 0L;
        foreach (var node in ports)
        {
            try
            {
                var text = await http.GetStringAsync($"http://127.0.0.1:{node[3]}/metrics");
                var line = text.Split('\n').FirstOrDefault(l => l.StartsWith(metric + " ", StringComparison.Ordinal));
                sum += line is null ? 0 : (long)double.Parse(line[metric.Length..], CultureInfo.InvariantCulture);
            }
            catch (HttpRequestException)
            {
                // It is starting.
            }
        }

        return sum;
    }

    private static int Option(string[] args, string name, int otherwise)
    {
        var at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;
    }
}
