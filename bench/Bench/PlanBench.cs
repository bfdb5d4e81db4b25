using System.Diagnostics;
using System.Globalization;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.ControlPlane.Planning;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Bench;

/// <summary>The planner on large clusters with 16384 segments, four shards a node and three replicas. Arguments: the seed (1). On a busy machine <c>cpu ms</c>, the processor time of the whole process with its collector and compiler, says more than the time that passed.</summary>
internal static class PlanBench
{
    private const int Segments = 16384;
    private const int Runs = 5;
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 3, 0, 0, TimeSpan.Zero);

    /// <summary>Runs it; the first run warms up, the figure is the median of the others.</summary>
    public static void Run(string[] args)
    {
        var c = CultureInfo.InvariantCulture;
        var seed = args.Length > 0 ? int.Parse(args[0], c) : 1;
        Console.WriteLine("nodes  segments      ms   cpu ms   evaluations   moves   over before   over after     bound");
        foreach (var nodes in new[] { 100, 1000 })
        {
            var input = Input(nodes, new Random(seed));
            var options = new PlanningOptions { MaxMoves = 1024 };
            PlanningResult? result = null;
            var times = new List<double>();
            var cpu = new List<double>();
            for (var run = 0; run <= Runs; run++)
            {
                var watch = new Stopwatch();
                var used = Environment.CpuUsage.TotalTime;
                watch.Start();
                result = Planner.Run(input, options);
                times.Add(watch.Elapsed.TotalMilliseconds);
                cpu.Add((Environment.CpuUsage.TotalTime - used).TotalMilliseconds);
            }

            var ms = times.Skip(1).Order().ElementAt(Runs / 2);
            var cpuMs = cpu.Skip(1).Order().ElementAt(Runs / 2);
            var before = result!.Figures.MinutesOverBefore + result.Figures.NodeMinutesOverBefore;
            var after = result.Figures.MinutesOverAfter + result.Figures.NodeMinutesOverAfter;
            Console.WriteLine(string.Create(
                c, $"{nodes,5}{Segments,10}{ms,8:0}{cpuMs,9:0}{result.Evaluations,14}{result.Figures.Moves,8}{before,14:0}{after,13:0}{result.ExcessBound,10:0.0}"));
            Console.WriteLine(string.Create(
                c, $"RESULT plan nodes={nodes} segments={Segments} ms={ms:0} cpu_ms={cpuMs:0} overload_left={result.ExcessLeft:0.0} bound={result.ExcessBound:0.0}"));
        }
    }

    // Levels are log-normal, every segment has its own hour of peak; the threshold leaves one shard in twenty too full.
    private static PlanningInput Input(int nodes, Random random)
    {
        var members = Enumerable.Range(1, nodes).Select(n => new MemberLoad(
            new Member(new NodeId((ulong)n), $"n{n:0000}", $"zone-{n % 3}", new NodeCapacity(4000, 0, 0, 0), new NodeAddresses("h", 1, 2, 3, 4)), true, null)).ToArray();
        var shards = 4 * nodes;
        var map = new ShardMap
        {
            Epoch = 1,
            Owners = [.. Enumerable.Range(0, Segments).Select(s => new ShardId((ushort)((s % shards) + 1)))],
            Shards = [.. Enumerable.Range(0, shards).Select(i => new ShardInfo(
                new ShardId((ushort)(i + 1)), [.. Enumerable.Range(0, 3).Select(r => new NodeId((ulong)(((i + (r * 7)) % nodes) + 1))).Order()], new NodeId((ulong)((i % nodes) + 1))))],
        };
        var levels = Enumerable.Range(0, Segments).Select(_ => Math.Exp(0.6 * Normal(random)) * 2.2 * nodes * 1000 / Segments).ToArray();
        var phases = levels.Select(_ => random.NextDouble() * 2 * Math.PI).ToArray();
        var lead = Forecast(levels, phases, 1);
        var measured = new MeasuredLoad([.. levels.Select(l => (float)l)], [.. levels.Select(l => (float)(0.2 * l))]);
        var scored = new ScoreInput(Now, map, members, measured, lead, Forecast(levels, phases, 0.2));
        var wide = Scorer.Run(scored, new ScoringOptions { ThresholdMillicores = 1e6 });
        var threshold = wide.Shards.Select(s => s.Peak).Order().ElementAt(shards * 19 / 20);
        var board = Scorer.Run(scored, new ScoringOptions { ThresholdMillicores = threshold });
        return new PlanningInput(Now, board, [.. levels.Select(_ => (long)random.Next(1_000_000, 50_000_000))]);
    }

    private static ForecastResult Forecast(double[] levels, double[] phases, double ratio)
    {
        float[][] Columns(double factor) => [.. Enumerable.Range(0, ForecastSteps.Count).Select(k => levels.Select(
            (l, s) => (float)(l * ratio * factor * (1 + (0.3 * Math.Sin(phases[s] + (k / 6.0)))))).ToArray())];
        var means = Columns(1);
        var frame = new ForecastFrame(
            Now, LoadMetric.Cpu, ForecastSteps.Starts(Now), ForecastSteps.Spans(), means, Columns(0.8), means, Columns(1.2),
            [.. levels.Select(_ => "day profile")], [.. levels.Select(_ => 0.6f)]);
        return new ForecastResult(
            frame, new ForecastRisk(Columns(0.15), [Columns(0.05)]), new ForecastSkill(0.4, 0.4), [.. levels.Select(_ => 0.8f)], 14);
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
