using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Fleet.Members.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.Unit.Fleet.Members;

public sealed class IntegrityMergeTests
{
    private static readonly CheckReport Older = Report(1000, CheckOutcome.HandedOver);
    private static readonly CheckReport Newer = Report(2000, CheckOutcome.Repaired);

    [Fact]
    public void The_leader_tells_what_is_next_and_the_newest_report_counts_whoever_made_it()
    {
        var merged = IntegrityMerge.Of(Reports.State(), new Dictionary<NodeId, NodeIntegrity>
        {
            [Reports.N1] = Of(new ShardIntegrity(Reports.S1, true, "Comparing", 9000, Older, []), new ShardIntegrity(Reports.S2, false, "", 0, Newer, [])),
            [Reports.N2] = Of(new ShardIntegrity(Reports.S1, false, "", 0, Newer, []), new ShardIntegrity(Reports.S2, true, "", 7000, null, [])),
        });

        Assert.Equal(
            [new ShardComparison(Reports.S1, Reports.N1, "Comparing", 9000, Newer), new ShardComparison(Reports.S2, Reports.N2, "", 7000, Newer)], merged.Shards);
        Assert.Equal((20, 4, 2), (merged.Checks, merged.Differences, merged.Repaired));
    }

    [Fact]
    public void Of_two_that_say_they_lead_the_one_that_does_counts()
    {
        var merged = IntegrityMerge.Of(Reports.State(), new Dictionary<NodeId, NodeIntegrity>
        {
            [Reports.N1] = Of(new ShardIntegrity(Reports.S2, true, "", 1, null, [])), [Reports.N2] = Of(new ShardIntegrity(Reports.S2, true, "", 2, null, [])),
        });

        Assert.Equal((Reports.N2, 2), (merged.Shards[1].Leader, merged.Shards[1].NextUnixMs));
    }

    [Fact]
    public void Of_a_node_that_is_away_only_its_last_report_is_kept()
    {
        var state = Reports.State();
        state = state with { Nodes = [.. state.Nodes.Select(n => n with { Health = n.Id == Reports.N1 ? "dead" : n.Health })] };

        var merged = IntegrityMerge.Of(state, new Dictionary<NodeId, NodeIntegrity>
        {
            [Reports.N1] = Of(new ShardIntegrity(Reports.S1, true, "Comparing", 9000, Newer, [new OrphanStatus(new SegmentId(3), "Retained", 4, Reports.S2, 1, 2, 3)])),
        });

        Assert.Equal(new ShardComparison(Reports.S1, default, "", 0, Newer), merged.Shards[0]);
        Assert.Empty(merged.Orphans);
    }

    [Fact]
    public void Orphans_name_their_holder_and_maps_are_what_the_meta_groups_leader_says()
    {
        var orphan = new OrphanStatus(new SegmentId(3), "Retained", 4, Reports.S2, 1, 2, 3);
        var difference = new MapDifference(Reports.N2, 1, 5, 6);

        var merged = IntegrityMerge.Of(Reports.State(), new Dictionary<NodeId, NodeIntegrity>
        {
            [Reports.N1] = Of(new ShardIntegrity(Reports.S1, true, "", 1, null, [orphan])) with { Maps = [difference] },
            [Reports.N2] = Of() with { Maps = [new MapDifference(Reports.N1, 1, 7, 8)] },
        });

        Assert.Equal([new FleetOrphan(Reports.S1, Reports.N1, orphan)], merged.Orphans);
        Assert.Equal([difference], merged.Maps);
    }

    [Fact]
    public void What_could_not_be_repaired_and_orphans_wait_for_a_person()
    {
        var state = Reports.State();
        Assert.Empty(Needs.Of(state with { Integrity = FleetIntegrity.Unknown with { Shards = [new ShardComparison(Reports.S1, Reports.N1, "", 0, Newer)] } }, null, null, false));

        var wrong = FleetIntegrity.Unknown with
        {
            Shards = [new ShardComparison(Reports.S1, Reports.N1, "", 0, Report(3000, CheckOutcome.Unrepaired))],
            Orphans = [new FleetOrphan(Reports.S1, Reports.N1, new OrphanStatus(new SegmentId(3), "Retained", 4, Reports.S2, 1, 2, 3))],
        };
        Assert.Equal(["The replicas of s-01 differ", "One orphan segment is held"], Needs.Of(state with { Integrity = wrong }, null, null, false).Select(n => n.Title));
    }

    private static NodeIntegrity Of(params ShardIntegrity[] shards) => new([.. shards], [], 10, 2, 1, 0);

    private static CheckReport Report(long endedUnixMs, CheckOutcome outcome) => new(5, endedUnixMs - 100, endedUnixMs, "ann", outcome, "", [Reports.N1], [], 3, 4, 5, 6, 1, 1, []);
}
