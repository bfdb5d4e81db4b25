using ShardConsole.ControlPlane.Planning;
using ShardConsole.ControlPlane.Planning.Paper;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Planning.Paper;

/// <summary>What the policies do on paper, and what holds whatever they do.</summary>
public sealed class PaperPolicyTests
{
    private static readonly ScoringOptions Scoring = new() { ThresholdMillicores = 1e6 };

    [Fact]
    public void Reactive_relieves_an_overload_after_it_was_seen()
    {
        // From minute 10 on n1 bears 800: seen at minute 11, moved within that minute, relieved from minute 12 on.
        var loads = PaperCase.Of(30, m => m < 10 ? [100, 100, 100] : [400, 400, 100]);

        var result = PaperCase.Run(PaperCase.Cluster(2, [1, 1, 2]), loads, PlannedPolicy.Reactive(Scoring, new PlanningOptions()));

        Assert.Equal(PaperCase.Start.AddMinutes(11), Assert.Single(result.Moves).AskedAt);
        Assert.Equal(2, result.OverloadNodeMinutes, 9);
    }

    [Fact]
    public void Foresight_moves_before_the_overload()
    {
        var loads = PaperCase.Of(120, m => m < 60 ? [100, 100, 100] : [400, 400, 100]);
        var policy = new PlannedPolicy(Scoring, new PlanningOptions(), 300, m => Foresight.Of(loads, m.Now));

        var result = PaperCase.Run(PaperCase.Cluster(2, [1, 1, 2]), loads, policy);

        Assert.Single(result.Moves);
        Assert.Equal(0, result.OverloadNodeMinutes);
    }

    [Fact]
    public void A_pinned_segment_stays()
    {
        var loads = PaperCase.Constant(30, 700, 100, 100);
        var policy = new PlannedPolicy(Scoring, new PlanningOptions(), 60, null) { Pinned = new HashSet<SegmentId> { new(0), new(1) } };

        Assert.Empty(PaperCase.Run(PaperCase.Cluster(2, [1, 1, 2]), loads, policy).Moves);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Whatever_happens_the_books_balance(int seed)
    {
        var (cluster, loads) = Drawn(new Random(seed), minutes: 240);
        var options = new PaperOptions { MovesAtOnce = 2, MovesPerNode = 1, CopyMillisecondsPerMegabyte = 0 };

        var result = PaperCase.Run(cluster, loads, PlannedPolicy.Reactive(Scoring, new PlanningOptions { CoolDownMinutes = 5 }), options);
        var again = PaperCase.Run(cluster, loads, PlannedPolicy.Reactive(Scoring, new PlanningOptions { CoolDownMinutes = 5 }), options);

        Assert.NotEmpty(result.Moves);
        Assert.Equal(result.Moves, again.Moves);
        Assert.Equal(result.Utilisation, again.Utilisation);
        for (var minute = 0; minute < 240; minute++)
        {
            Assert.Equal(loads.Lead[minute].Sum(), result.Utilisation[minute].Sum() * 1000, 0.1);
        }

        Assert.Equal(result.BytesMoved, result.Moves.Sum(m => m.Bytes));
        Assert.Equal(result.OverloadNodeMinutes, result.Utilisation.Sum(c => c.Count(u => u > 0.7)), 9);
        var owners = cluster.Map.Owners.ToArray();
        foreach (var move in result.Moves.Where(m => m.EndedAt is not null))
        {
            Assert.Equal(owners[move.Segment.Value], move.From);
            owners[move.Segment.Value] = move.To;
            var beside = result.Moves.Where(m => m.StartedAt <= move.StartedAt && (m.EndedAt ?? DateTimeOffset.MaxValue) > move.StartedAt).ToArray();
            Assert.InRange(beside.Length, 1, 2);
            Assert.Equal(beside.Length * 2, beside.SelectMany(m => new[] { m.From.Value % 4, m.To.Value % 4 }).Distinct().Count());
        }

        Assert.Equal(owners, result.Map.Owners);
    }

    [Fact]
    public void A_policy_sees_nothing_of_what_is_to_come()
    {
        var (cluster, loads) = Drawn(new Random(7), minutes: 240);
        var changed = loads with { Lead = [.. loads.Lead.Select((c, m) => m < 120 ? c : [.. c.Reverse()])] };
        PaperMove[] Before(PaperLoads all) =>
            [.. PaperCase.Run(cluster, all, PlannedPolicy.Reactive(Scoring, new PlanningOptions())).Moves.Where(m => m.AskedAt <= PaperCase.Start.AddMinutes(120) && m.EndedAt is not null)];

        Assert.NotEmpty(Before(loads));
        Assert.Equal(Before(loads), Before(changed));
    }

    // Four nodes, eight shards, 32 segments that swing with different phases; the first node carries more than the others.
    private static (PaperCluster Cluster, PaperLoads Loads) Drawn(Random random, int minutes)
    {
        var owners = Enumerable.Range(0, 32).Select(s => (s % 8) + 1).ToArray();
        var levels = owners.Select(o => (o % 4 == 1 ? 120 : 60) * (0.6 + (0.8 * random.NextDouble()))).ToArray();
        var phases = levels.Select(_ => random.NextDouble() * 2 * Math.PI).ToArray();
        var loads = PaperCase.Of(minutes, m => [.. levels.Select((l, s) => (float)(l * (1 + (0.8 * Math.Sin(phases[s] + (m / 25.0))))))]);
        return (PaperCase.Cluster(4, owners, shards: 8, bytes: 240_000_000), loads);
    }
}
