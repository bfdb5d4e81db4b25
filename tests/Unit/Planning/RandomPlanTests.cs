using ShardConsole.ControlPlane.Planning;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Planning;

/// <summary>Seeded random clusters: every result passes the verifier, and the same seed gives the same result.</summary>
public sealed class RandomPlanTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Every_result_is_sound(int seed)
    {
        var options = new PlanningOptions();
        var input = Draw(new Random(seed));

        var result = Planner.Run(input, options);

        Assert.Equal([], PlanVerifier.Violations(input, result, options));
        Assert.Equal(result.Plan?.Hash, Planner.Run(Draw(new Random(seed)), options).Plan?.Hash);
    }

    [Fact]
    public void Most_random_overloads_are_relieved()
    {
        var options = new PlanningOptions();
        var results = Enumerable.Range(1, 60).Select(seed => Planner.Run(Draw(new Random(seed)), options)).Where(r => r.Figures.MinutesOverBefore > 0).ToArray();

        Assert.InRange(results.Length, 20, 60);
        Assert.InRange(results.Sum(r => r.Figures.MinutesOverAfter) / results.Sum(r => r.Figures.MinutesOverBefore), 0, 0.5);
        Assert.Contains(results, r => r.Plan is { Moves.Length: > 3 });
    }

    /// <summary>A cluster with 64 segments.</summary>
    internal static PlanningInput Draw(Random random)
    {
        var nodes = random.Next(2, 7);
        var shards = nodes * random.Next(1, 4);
        var phase = random.Next(0, 35);
        var cluster = new ClusterCase
        {
            Nodes = nodes,
            Shards = shards,
            Replication = random.Next(1, Math.Min(4, nodes + 1)),
            CpuMillicores = random.Next(300, 900),
            Threshold = random.Next(70, 150),
            Spread = random.NextDouble() * 0.5,
            Correlation = random.NextDouble() * 0.9,
            FollowerRatio = random.NextDouble() * 0.6,
            Shape = k => 0.7 + (0.5 * Math.Sin((k + phase) / 6.0)),
            Dead = random.Next(4) == 0 ? [1] : [],
            Bytes = [.. Enumerable.Range(0, 64).Select(_ => (long)random.Next(1, 50_000_000))],
        };
        for (var s = 0; s < 64; s++)
        {
            // Mostly small, now and then a hot one.
            cluster.With(random.Next(1, shards + 1), Math.Pow(random.NextDouble(), 3) * (random.Next(20) == 0 ? 50 : 14));
        }

        SegmentId Any() => new((ushort)random.Next(64));
        var input = cluster.Plan();
        var running = Any();
        var rested = Any();
        return input with
        {
            Pinned = new HashSet<SegmentId> { Any(), Any() },
            Excluded = random.Next(5) == 0 ? new HashSet<NodeId> { ClusterCase.Node(2) } : new HashSet<NodeId>(),
            Constraints = random.Next(2) == 0 ? [] :
            [
                new PlanConstraint("pin", ConstraintKind.Pin, new HashSet<SegmentId> { Any() }, new HashSet<NodeId>()),
                new PlanConstraint("apart", ConstraintKind.Apart, Enumerable.Range(0, 6).Select(_ => Any()).ToHashSet(), new HashSet<NodeId>()),
                new PlanConstraint("exclude", ConstraintKind.Exclude, new HashSet<SegmentId>(), random.Next(3) == 0 ? new HashSet<NodeId> { ClusterCase.Node(1) } : new HashSet<NodeId>()),
            ],
            UnderWay = [new MoveUnderWay(running, input.Scores.Map.OwnerOf(running), ClusterCase.Shard(random.Next(1, shards + 1)))],
            Past = [new PastMove(rested, ClusterCase.Shard(random.Next(1, shards + 1)), input.Scores.Map.OwnerOf(rested), ClusterCase.Now.AddMinutes(-random.Next(1, 500)))],
        };
    }
}
