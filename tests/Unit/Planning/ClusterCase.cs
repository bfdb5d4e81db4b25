using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.ControlPlane.Planning;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.Unit.Planning;

/// <summary>A small cluster with a forecast: shard i (1-based) is led by node (i - 1) mod nodes + 1 and followed by the next ones.</summary>
internal sealed class ClusterCase
{
    public static readonly DateTimeOffset Now = new(2026, 3, 2, 3, 0, 0, TimeSpan.Zero);

    private readonly List<(int Shard, double Millicores)> segments = [];

    public int Nodes { get; init; } = 2;

    public int Shards { get; init; } = 2;

    public int Replication { get; init; } = 1;

    public int CpuMillicores { get; init; } = 1000;

    public double Threshold { get; init; } = 100;

    /// <summary>Load of each step as a factor of the segment's load.</summary>
    public Func<int, double> Shape { get; init; } = _ => 1;

    /// <summary>Measured load as a factor of the segment's load.</summary>
    public double MeasuredRatio { get; init; } = 1;

    /// <summary>Standard deviation as a ratio of the mean, and how much of it is shared (correlation).</summary>
    public double Spread { get; init; }

    public double Correlation { get; init; }

    /// <summary>A follower's cost as a ratio of the leader's.</summary>
    public double FollowerRatio { get; init; }

    public double Skill { get; init; } = 0.4;

    public HashSet<int> Dead { get; init; } = [];

    public IReadOnlyList<long>? Bytes { get; init; }

    public Func<int, NodeUse?> Use { get; init; } = _ => null;

    public int SegmentCount => segments.Count;

    public static NodeId Node(int number) => new((ulong)number);

    public static ShardId Shard(int number) => new((ushort)number);

    /// <summary>Adds segments to a shard, in the order of their numbers.</summary>
    public ClusterCase With(int shard, params double[] millicores)
    {
        segments.AddRange(millicores.Select(m => (shard, m)));
        return this;
    }

    public ShardMap Map() => new()
    {
        Epoch = 7,
        Owners = [.. segments.Select(s => Shard(s.Shard))],
        Shards = [.. Enumerable.Range(1, Shards).Select(i => new ShardInfo(
            Shard(i), [.. Enumerable.Range(0, Replication).Select(r => Node(((i - 1 + r) % Nodes) + 1)).Order()], Node(((i - 1) % Nodes) + 1)))],
    };

    public ScoreBoard Board(ScoringOptions? options = null) => Scorer.Run(Input(), options ?? new ScoringOptions { ThresholdMillicores = Threshold });

    public ScoreInput Input()
    {
        var members = Enumerable.Range(1, Nodes).Select(n => new MemberLoad(
            new Member(Node(n), $"n{n}", "a", new NodeCapacity(CpuMillicores, 1L << 30, 0, 0), new NodeAddresses("h", 1, 2, 3, 4)),
            !Dead.Contains(n), Use(n))).ToArray();
        var measured = new MeasuredLoad(
            [.. segments.Select(s => (float)(MeasuredRatio * s.Millicores))], [.. segments.Select(s => (float)(MeasuredRatio * FollowerRatio * s.Millicores))]);
        return new ScoreInput(Now, Map(), members, measured, Forecast(1), FollowerRatio > 0 ? Forecast(FollowerRatio) : null);
    }

    public PlanningInput Plan() => new(Now, Board(), Bytes ?? [.. segments.Select(_ => 1_000_000L)]);

    private ForecastResult Forecast(double ratio)
    {
        float[][] Columns(double factor) => [.. Enumerable.Range(0, ForecastSteps.Count)
            .Select(k => segments.Select(s => (float)(s.Millicores * Shape(k) * ratio * factor)).ToArray())];
        var q90 = Columns(1 + (LoadSum.Quantile90 * Spread));
        var frame = new ForecastFrame(
            Now, LoadMetric.Cpu, ForecastSteps.Starts(Now), ForecastSteps.Spans(), Columns(1), Columns(1 - (LoadSum.Quantile90 * Spread)), Columns(1), q90,
            [.. segments.Select(_ => "day profile")], [.. segments.Select(_ => 0.6f)]);
        return new ForecastResult(
            frame, new ForecastRisk(Columns(Spread), [Columns(Spread * Correlation)]), new ForecastSkill(Skill, Skill), [.. segments.Select(_ => 0.8f)], 14);
    }
}
