using System.Globalization;

namespace ShardConsole.Bench;

/// <summary>
/// GET and SET beside redis-server in the same run: 50 clients, values of 100 bytes, pipelines of 1 and 16, the server on core 0, the load on core 1.
/// Durable SETs beside "--appendfsync always"; replicated SETs of three nodes beside three nodes of etcd.
/// </summary>
internal static class ThroughputBench
{
    private const int Clients = 50;
    private const int Rounds = 6;

    /// <summary>Runs it; the argument "--seconds N" sets how long each figure is measured (default 2).</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var missing = Peer.Missing("redis-server", "redis-benchmark", "etcd", "taskset");
        if (missing.Count > 0)
        {
            Console.WriteLine($"missing: {string.Join(", ", missing)} (Debian packages redis-server, redis-tools, etcd-server, util-linux)");
            return 1;
        }

        var seconds = args is ["--seconds", var text] ? double.Parse(text, CultureInfo.InvariantCulture) : 2;
        var time = TimeProvider.System;
        Console.WriteLine($"{"",-26}{"ops/s",12}{"CPU µs/op",12}   median of {Rounds} rounds, both in turn");
        using var memory = Redis("no", time);
        using var durable = Redis("always", time);
        using var node = OneNode(time);
        var get1 = Compare("GET, pipeline 1", memory, node, "get", 1, seconds, time);
        var get16 = Compare("GET, pipeline 16", memory, node, "get", 16, seconds, time);
        var set1 = Compare("SET, fsync, pipe 1", durable, node, "set", 1, seconds, time);
        var set16 = Compare("SET, fsync, pipe 16", durable, node, "set", 16, seconds, time);
        Row("redis SET, in memory", [Measure(memory, "set", 1, seconds)]);
        node.Dispose();
        memory.Dispose();
        durable.Dispose();
        var replicated = ThreeNodes(time, seconds);
        var etcd = await ThreeEtcdAsync(time, seconds);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"RESULT throughput get_p1={get1.Cpu:0.00} get_p16={get16.Cpu:0.00} durable_set_p1={set1.Rate:0.00} durable_set_p16={set16.Rate:0.00} rf3_set_p1={replicated / etcd:0.00}"));
        return 0;
    }

    private readonly record struct Figure(double Rate, double CpuMicros);

    /// <summary>A server that is measured.</summary>
    private sealed record Server(int Port, Peer Process) : IDisposable
    {
        public void Dispose() => Process.Dispose();
    }

    /// <summary>
    /// Both in turn, so that what else the machine does meets both, and each as often first, so that neither always finds the disk and the caches as the other left them;
    /// of each the medians.
    /// </summary>
    private static (double Cpu, double Rate) Compare(string what, Server redis, Server node, string test, int pipeline, double seconds, TimeProvider time)
    {
        var (theirs, ours) = (new List<Figure>(), new List<Figure>());
        for (var round = 0; round < Rounds; round++)
        {
            var order = new[] { (redis, theirs), (node, ours) };
            foreach (var (server, figures) in round % 2 == 0 ? order : order.Reverse())
            {
                figures.Add(Measure(server, test, pipeline, seconds));

                // What redis-server still rewrites of its file is its own cost, not the next one's.
                RedisClient.WaitFor(redis.Port, "INFO persistence", "aof_rewrite_in_progress:0", time, TimeSpan.FromMinutes(1));
            }
        }

        var (their, our) = (Row($"redis {what}", theirs), Row($"node {what}", ours));
        return (their.CpuMicros / our.CpuMicros, our.Rate / their.Rate);
    }

    private static Server Redis(string sync, TimeProvider time)
    {
        var port = Peer.FreePorts(1)[0];
        var folder = Directory.CreateDirectory(Path.Combine(Peer.Folder, $"redis-{sync}")).FullName;
        var server = new Server(port, Peer.Start(
            "redis-server",
            ["--port", $"{port}", "--dir", folder, "--save", "", "--appendonly", sync == "no" ? "no" : "yes", "--appendfsync", "always"], core: 0));
        RedisClient.WaitFor(port, "PING", "+PONG", time, TimeSpan.FromSeconds(10));
        Warm(port);
        return server;
    }

    private static Server OneNode(TimeProvider time)
    {
        var ports = Peer.FreePorts(4);
        var server = new Server(ports[0], Peer.Start("dotnet", Peer.Product("NodeAgent", NodeArguments("one", ports, [])), core: 0));
        RedisClient.WaitFor(ports[0], "CLUSTER INFO", "$", time, TimeSpan.FromSeconds(30));
        WaitForCluster(ports[0], cluster: false, time);
        Warm(ports[0]);
        return server;
    }

    private static double ThreeNodes(TimeProvider time, double seconds)
    {
        var ports = Enumerable.Range(0, 3).Select(_ => Peer.FreePorts(4)).ToList();
        var key = Path.Combine(Peer.Folder, "three.key");
        File.WriteAllText(key, Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)));
        var nodes = Enumerable.Range(0, 3).Select(i => Peer.Start("dotnet", Peer.Product("NodeAgent", NodeArguments(
            $"three-{i + 1}", ports[i],
            ["--cluster-key-file", key, .. i == 0 ? new[] { "--found", "3" } : ["--seed", $"127.0.0.1:{ports[0][2]}"]])))).ToList();
        try
        {
            RedisClient.WaitFor(ports[0][0], "CLUSTER INFO", "$", time, TimeSpan.FromSeconds(30));
            WaitForCluster(ports[0][0], cluster: true, time);
            _ = Benchmark(ports[0][0], "set", 1, 20_000, cluster: true, core: null);
            var rate = Benchmark(ports[0][0], "set", 1, 20_000, cluster: true, core: null);
            rate = Benchmark(ports[0][0], "set", 1, (int)Math.Max(20_000, rate * seconds), cluster: true, core: null);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"3 nodes SET, replicas 3",-26}{rate,12:0}"));
            return rate;
        }
        finally
        {
            nodes.ForEach(n => n.Dispose());
        }
    }

    private static void WaitForCluster(int port, bool cluster, TimeProvider time)
    {
        // Every slot has a leader once a key of each of many slots can be written.
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                _ = Benchmark(port, "set", 1, 2000, cluster, core: null);
                return;
            }
            catch (InvalidOperationException) when (time.GetElapsedTime(started) < TimeSpan.FromSeconds(30))
            {
                using var pause = new ManualResetEventSlim(false);
                pause.Wait(500);
            }
        }
    }

    private static async Task<double> ThreeEtcdAsync(TimeProvider time, double seconds)
    {
        var ports = Peer.FreePorts(6);
        var cluster = string.Join(',', Enumerable.Range(0, 3).Select(i => $"e{i}=http://127.0.0.1:{ports[3 + i]}"));
        var nodes = Enumerable.Range(0, 3).Select(i => Peer.Start("etcd", [
            "--name", $"e{i}", "--data-dir", Path.Combine(Peer.Folder, $"etcd-{i}"),
            "--listen-client-urls", $"http://127.0.0.1:{ports[i]}", "--advertise-client-urls", $"http://127.0.0.1:{ports[i]}",
            "--listen-peer-urls", $"http://127.0.0.1:{ports[3 + i]}", "--initial-advertise-peer-urls", $"http://127.0.0.1:{ports[3 + i]}",
            "--initial-cluster", cluster, "--log-level", "error"])).ToList();
        try
        {
            var started = time.GetTimestamp();
            while (true)
            {
                try
                {
                    _ = await EtcdLoad.PutsPerSecondAsync(ports[0], Clients, 1, time);
                    break;
                }
                catch (Exception e) when (e is HttpRequestException or InvalidOperationException && time.GetElapsedTime(started) < TimeSpan.FromSeconds(30))
                {
                    await Task.Delay(500);
                }
            }

            var rate = await EtcdLoad.PutsPerSecondAsync(ports[0], Clients, seconds, time);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"3 nodes etcd, put",-26}{rate,12:0}"));
            return rate;
        }
        finally
        {
            nodes.ForEach(n => n.Dispose());
        }
    }

    private static string[] NodeArguments(string name, IReadOnlyList<int> ports, IEnumerable<string> more) =>
    [
        "--name", name, "--data", Path.Combine(Peer.Folder, name), "--client-port", $"{ports[0]}", "--peer-port", $"{ports[1]}",
        "--gossip-port", $"{ports[2]}", "--admin-port", $"{ports[3]}", .. more,
    ];

    private static void Warm(int port)
    {
        // The same keys in all servers, so that every GET finds its value; and what is measured is the code after it was optimised.
        _ = Benchmark(port, "set", 16, 1_000_000, cluster: false, core: 1);
        _ = Benchmark(port, "get", 16, 600_000, cluster: false, core: 1);
        _ = Benchmark(port, "get", 1, 150_000, cluster: false, core: 1);
    }

    private static Figure Row(string name, List<Figure> rounds)
    {
        var median = new Figure(Median(rounds.Select(r => r.Rate)), Median(rounds.Select(r => r.CpuMicros)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-26}{median.Rate,12:0}{median.CpuMicros,12:0.00}"));
        return median;
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    private static Figure Measure(Server on, string test, int pipeline, double seconds)
    {
        var rate = Benchmark(on.Port, test, pipeline, 20_000, cluster: false, core: 1);
        var count = (int)Math.Max(20_000, rate * seconds);
        var before = on.Process.CpuSeconds();
        rate = Benchmark(on.Port, test, pipeline, count, cluster: false, core: 1);
        return new Figure(rate, (on.Process.CpuSeconds() - before) * 1e6 / count);
    }

    private static double Benchmark(int port, string test, int pipeline, int count, bool cluster, int? core)
    {
        string[] arguments =
        [
            "-p", $"{port}", "-c", $"{Clients}", "-d", "100", "-r", "100000", "-n", $"{count}", "-P", $"{pipeline}", "-t", test, "--csv",
            .. cluster ? new[] { "--cluster" } : [],
        ];
        var output = Peer.Run("redis-benchmark", arguments, core);
        var row = output.Split('\n').LastOrDefault(l => l.StartsWith($"\"{test.ToUpperInvariant()}\"", StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"redis-benchmark printed no figure: {output}");
        return double.Parse(row.Split(',')[1].Trim('"'), CultureInfo.InvariantCulture);
    }
}
