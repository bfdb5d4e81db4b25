using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.Bench;

/// <summary>
/// Moves one sixth of the slots of three loaded nodes under an open-loop load of 30 % of what they bear; beside it a three-node Redis Cluster with
/// "redis-cli --cluster reshard" at pipelines of 10 and 100. What is moved is counted the same way for both: keys and values of the slots that changed their owner.
/// </summary>
internal static class ReshardBench
{
    private const int StartsAtOnce = 32;

    // Segments that move to and fro before anything is measured: a node that has run for a while has compiled its code, and redis-server came compiled.
    private const int WarmSegments = 24;
    private const int PollMs = 100;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Options: --keys N of 100 bytes (1000000), --large N of 1 KiB (100000), --seconds N before and after (30), --batch N segments of a pair under way at once (64), --only rf1|rf3|redis10|redis100.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var missing = Peer.Missing("redis-server", "redis-cli");
        if (missing.Count > 0)
        {
            Console.WriteLine($"missing: {string.Join(", ", missing)} (Debian packages redis-server, redis-tools)");
            return 1;
        }

        var load = new Load(Option(args, "--keys", 1_000_000), Option(args, "--large", 100_000), Option(args, "--seconds", 30), Option(args, "--batch", 64));
        var only = Array.IndexOf(args, "--only") is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : "";
        Console.WriteLine($"{"",-22}{"moved MB",10}{"wall s",9}{"MB/s",8}   p50/p99/max/longest gap in ms: before | during | after");
        Row? rf1 = null, redis10 = null, redis100 = null;
        foreach (var name in new[] { "rf1", "rf3", "redis10", "redis100" }.Where(n => only.Length == 0 || n == only))
        {
            var row = name.StartsWith("redis", StringComparison.Ordinal)
                ? await RedisAsync(load, int.Parse(name[5..], CultureInfo.InvariantCulture))
                : await OwnAsync(load, int.Parse(name[2..], CultureInfo.InvariantCulture));
            Console.WriteLine(row.Text(name));
            (rf1, redis10, redis100) = (name == "rf1" ? row : rf1, name == "redis10" ? row : redis10, name == "redis100" ? row : redis100);
        }

        if (rf1 is null)
        {
            return 0;
        }

        var redis = Math.Max(redis10?.MegabytesPerSecond ?? 0, redis100?.MegabytesPerSecond ?? 0);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"RESULT reshard mbps={rf1.MegabytesPerSecond:0.0} redis_mbps={redis:0.0} p99_before_ms={rf1.Before.P99:0.00} p99_during_ms={rf1.During.P99:0.00} pause_p50_ms={rf1.Pause(0.5):0.0} pause_p99_ms={rf1.Pause(0.99):0.0} pause_max_ms={rf1.Pause(1):0.0} errors={rf1.Errors}"));
        return rf1.Errors == 0 ? 0 : 1;
    }

    private static async Task<Row> OwnAsync(Load load, int factor)
    {
        var ports = Enumerable.Range(0, 3).Select(_ => Peer.FreePorts(4)).ToList();
        var name = $"reshard-{factor}";
        var secret = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));
        var key = Path.Combine(Peer.Folder, name + ".key");
        await File.WriteAllTextAsync(key, secret);
        var nodes = Enumerable.Range(0, 3).Select(i => Peer.Start("dotnet", Peer.Product("NodeAgent", [
            "--name", $"n{i + 1}", "--data", Path.Combine(Peer.Folder, $"{name}-{i + 1}"), "--client-port", $"{ports[i][0]}", "--peer-port", $"{ports[i][1]}",
            "--gossip-port", $"{ports[i][2]}", "--admin-port", $"{ports[i][3]}", "--cluster-key-file", key, "--shards-per-node", "1",
            .. i == 0 ? new[] { "--found", "3", "--replication-factor", $"{factor}" } : [], "--seed", $"127.0.0.1:{ports[(i + 1) % 3][2]}"]), core: 0)).ToList();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        http.DefaultRequestHeaders.Add(AdminRoutes.KeyHeader, secret);
        try
        {
            int[] clients = [.. ports.Select(p => p[0])];
            await WaitForClusterAsync(clients);
            var admin = await MetaLeaderAsync(http, ports);
            await SendAsync(http, HttpMethod.Put, $"{admin}{AdminRoutes.Limits}", MigrationLimits.Default with { NodeBytesPerSecond = 1_000_000_000, ClusterBytesPerSecond = 1_000_000_000, RetainSeconds = 0, BatchSegments = load.Batch });
            var map = (await http.GetFromJsonAsync<ClusterState>($"{admin}{AdminRoutes.Cluster}", JsonSerializerOptions.Web))!.Map;
            var (from, to) = (map.Shards[0].Id, map.Shards[1].Id);
            var moved = Enumerable.Range(0, map.SegmentCount).Where(s => map.OwnerOf(new SegmentId((ushort)s)) == from).Take(map.SegmentCount / 6).Select(s => new SegmentId((ushort)s)).ToList();
            var segments = moved.ToHashSet();
            var statuses = new List<MigrationStatus>();
            var asked = TimeSpan.Zero;
            async Task<TimeSpan> MoveAsync(string plan, IReadOnlyList<SegmentId> which, ShardId source, ShardId target)
            {
                var time = TimeProvider.System;
                var began = time.GetTimestamp();
                await Parallel.ForAsync(0, which.Count, new ParallelOptions { MaxDegreeOfParallelism = StartsAtOnce }, async (i, _) =>
                    await SendAsync(http, HttpMethod.Post, $"{admin}{AdminRoutes.Migrations}", new StartMigration(plan, i + 1, which[i], source, target, "bench", "reshard")));
                var asking = time.GetElapsedTime(began);
                statuses = [];
                while (statuses.Count < which.Count)
                {
                    await Task.Delay(PollMs);
                    statuses = [.. (await http.GetFromJsonAsync<MigrationStatus[]>($"{admin}{AdminRoutes.Migrations}", JsonSerializerOptions.Web))!.Where(m => m.PlanHash == plan && m.Phase.IsEnded())];
                    if (time.GetElapsedTime(began) > TimeSpan.FromMinutes(4))
                    {
                        throw new InvalidOperationException($"Only {statuses.Count} of {which.Count} moves ended within 4 minutes.");
                    }
                }

                return asking;
            }

            var warm = Enumerable.Range(0, map.SegmentCount).Select(s => new SegmentId((ushort)s)).Where(s => map.OwnerOf(s) == map.Shards[2].Id).Take(WarmSegments).ToList();
            var row = await MeasureAsync(load, clients, slot => segments.Contains(SegmentId.OfSlot(slot, map.SegmentCount)), async () =>
            {
                for (var i = 0; i < 4; i++)
                {
                    var (source, target) = (map.Shards[i % 2 == 0 ? 2 : i / 2].Id, map.Shards[i % 2 == 0 ? i / 2 : 2].Id);
                    await MoveAsync($"warm-{i}", warm, source, target);
                }
            }, async () => asked = await MoveAsync(name, moved, from, to));
            var aborted = statuses.Count(s => s.Phase != MigrationPhase.Done);
            Console.WriteLine(Phases(name, statuses, asked));
            return row with { Pauses = [.. statuses.Select(s => s.CutOverMicros / 1000.0).Order()], Errors = row.Errors + aborted };
        }
        finally
        {
            nodes.ForEach(n => n.Dispose());
        }
    }

    /// <summary>Where the time of the moves goes: medians over the segments.</summary>
    private static string Phases(string name, List<MigrationStatus> moves, TimeSpan asked)
    {
        var began = moves.Min(m => m.Log[0].UnixMs);
        string At(Func<PhaseEntry, bool> of)
        {
            var at = moves.Select(m => m.Log.FirstOrDefault(of)?.UnixMs - began).OfType<long>().Order().ToList();
            return at.Count == 0 ? "-" : string.Create(CultureInfo.InvariantCulture, $"{at[at.Count / 2]}..{at[^1]}");
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"  {name}: asked for {moves.Count} moves in {asked.TotalMilliseconds:0} ms; ms from the first to (median..last): admitted {At(e => e.Reason == "A place is free")}, copying {At(e => e.Phase == MigrationPhase.Shadowing)}, equal {At(e => e.Phase == MigrationPhase.Verifying)}, cut over {At(e => e.Phase == MigrationPhase.CuttingOver)}, committed {At(e => e.Phase == MigrationPhase.Retaining)}, cleaning {At(e => e.Phase == MigrationPhase.Cleaning)}, done {At(e => e.Phase == MigrationPhase.Done)}");
    }

    private static async Task<Row> RedisAsync(Load load, int pipeline)
    {
        int[] ports = [.. Peer.FreePorts(3)];
        var nodes = ports.Select(p => Peer.Start(
            "redis-server",
            ["--port", $"{p}", "--cluster-enabled", "yes", "--cluster-port", $"{Peer.FreePorts(1)[0]}", "--dir", Directory.CreateDirectory(Path.Combine(Peer.Folder, $"reshard-redis-{p}")).FullName, "--save", "", "--appendonly", "yes", "--appendfsync", "everysec"],
            core: 0)).ToList();
        try
        {
            foreach (var port in ports)
            {
                RedisClient.WaitFor(port, "PING", "+PONG", TimeProvider.System, Limit);
            }

            _ = Peer.Run("redis-cli", ["--cluster", "create", .. ports.Select(p => $"127.0.0.1:{p}"), "--cluster-yes"]);
            await WaitForClusterAsync(ports);
            var ids = ports.Select(p => Peer.Run("redis-cli", ["-p", $"{p}", "CLUSTER", "MYID"]).Trim()).ToList();

            // The first 2731 slots of the first node, as redis-cli takes them.
            return await MeasureAsync(load, ports, slot => slot < Slot.Count / 6, () => Task.CompletedTask, () => Task.Run(() => Peer.Run("redis-cli", [
                "--cluster", "reshard", $"127.0.0.1:{ports[0]}", "--cluster-from", ids[0], "--cluster-to", ids[1], "--cluster-slots", $"{Slot.Count / 6}",
                "--cluster-yes", "--cluster-pipeline", $"{pipeline}"])));
        }
        finally
        {
            nodes.ForEach(n => n.Dispose());
        }
    }

    private static async Task<Row> MeasureAsync(Load load, int[] ports, Func<int, bool> isMoved, Func<Task> warm, Func<Task> move)
    {
        var bytes = await FillAsync(load, ports, isMoved);
        using var clients = new OpenLoad(ports, load.Keys);
        await warm();
        var bears = await SaturationAsync(clients);
        var rate = 0.3 * bears;
        var before = await clients.RunAsync(rate, t => t.TotalSeconds < load.Seconds);
        var time = TimeProvider.System;
        var began = time.GetTimestamp();
        var moving = move();
        var during = clients.RunAsync(rate, t => !moving.IsCompleted);
        await moving;
        var wall = time.GetElapsedTime(began).TotalSeconds;
        var figures = await during;
        var after = await clients.RunAsync(rate, t => t.TotalSeconds < load.Seconds);
        if (clients.Errors.Count > 0)
        {
            Console.WriteLine($"  {clients.Errors.Count} client errors, the first: {clients.Errors.First}");
        }

        return new Row(bytes / 1e6, wall, rate, before, figures, after, [], clients.Errors.Count);
    }

    /// <summary>Finds what the cluster bears: the rate is doubled until the answers cannot keep up with it.</summary>
    private static async Task<double> SaturationAsync(OpenLoad clients)
    {
        // Programs that have just started are slow for a while; and one bad second of the machine is not what they bear.
        await clients.RunAsync(1000, t => t.TotalSeconds < 5);
        var best = 500.0;
        var failures = 0;
        for (var rate = 1000.0; rate < 200_000 && failures < 3;)
        {
            var figures = await clients.RunAsync(rate, t => t.TotalSeconds < 1.5);
            if (figures.PerSecond < 0.9 * rate || figures.P99 > 200)
            {
                failures++;
                continue;
            }

            (best, rate, failures) = (rate, rate * 1.5, 0);
        }

        return best;
    }

    /// <summary>Fills by redis-cli's pipe mode, each node with the keys of its slots; answers the bytes of keys and values that will move.</summary>
    private static async Task<long> FillAsync(Load load, int[] ports, Func<int, bool> isMoved)
    {
        var (small, large) = (new string('s', 100), new string('l', 1024));
        var moved = 0L;
        var files = new Dictionary<int, StringBuilder>();
        var portOf = await SlotPorts.ReadAsync(ports);
        for (var i = 0; i < load.Keys + load.Large; i++)
        {
            var key = i < load.Keys ? $"k{i}" : $"large{i}";
            var value = i < load.Keys ? small : large;
            var slot = Slot.Of(Encoding.ASCII.GetBytes(key));
            moved += isMoved(slot) ? key.Length + value.Length : 0;
            if (!files.TryGetValue(portOf[slot], out var text))
            {
                files[portOf[slot]] = text = new StringBuilder();
            }

            text.Append(CultureInfo.InvariantCulture, $"*3\r\n$3\r\nSET\r\n${key.Length}\r\n{key}\r\n${value.Length}\r\n{value}\r\n");
        }

        foreach (var (port, text) in files)
        {
            await SlotPorts.PipeAsync(port, text.ToString());
        }

        return moved;
    }

    private static async Task WaitForClusterAsync(int[] ports)
    {
        var time = TimeProvider.System;
        for (var began = time.GetTimestamp(); time.GetElapsedTime(began) < Limit; await Task.Delay(200))
        {
            try
            {
                if (ports.All(p => Peer.Run("redis-cli", ["-p", $"{p}", "CLUSTER", "INFO"], acceptFailure: true).Contains("cluster_state:ok", StringComparison.Ordinal))
                    && (await SlotPorts.ReadAsync(ports)).All(p => p != 0))
                {
                    return;
                }
            }
            catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
            {
                // Still starting.
            }
        }

        throw new InvalidOperationException($"The cluster at {string.Join(", ", ports)} did not serve within {Limit.TotalSeconds} s.");
    }

    private static async Task<string> MetaLeaderAsync(HttpClient http, List<IReadOnlyList<int>> ports)
    {
        var time = TimeProvider.System;
        for (var began = time.GetTimestamp(); time.GetElapsedTime(began) < Limit; await Task.Delay(200))
        {
            foreach (var port in ports)
            {
                var state = (await http.GetFromJsonAsync<NodeState>($"http://127.0.0.1:{port[3]}{AdminRoutes.State}", JsonSerializerOptions.Web))!;
                if (state.Status.MetaLeader == state.Node)
                {
                    return $"http://127.0.0.1:{port[3]}";
                }
            }
        }

        throw new InvalidOperationException("Nobody leads the meta group.");
    }

    private static async Task SendAsync<T>(HttpClient http, HttpMethod method, string at, T body)
    {
        using var request = new HttpRequestMessage(method, at) { Content = JsonContent.Create(body) };
        using var answer = await http.SendAsync(request);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{at} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        }
    }

    private static int Option(string[] args, string name, int otherwise) =>
        Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;

    private sealed record Load(int Keys, int Large, int Seconds, int Batch);

    private sealed record Row(double Megabytes, double Seconds, double Rate, LoadFigures Before, LoadFigures During, LoadFigures After, IReadOnlyList<double> Pauses, long Errors)
    {
        public double MegabytesPerSecond => Megabytes / Seconds;

        public double Pause(double share) => Pauses.Count == 0 ? 0 : Pauses[(int)((Pauses.Count - 1) * share)];

        public string Text(string name) => string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-10}{Rate,8:0} op/s{Megabytes,9:0.0}{Seconds,9:0.0}{MegabytesPerSecond,8:0.0}   {Of(Before)} | {Of(During)} | {Of(After)}");

        private static string Of(LoadFigures f) => string.Create(CultureInfo.InvariantCulture, $"{f.P50:0.0}/{f.P99:0.0}/{f.Max:0.0}/{f.GapMs:0.0}");
    }
}
