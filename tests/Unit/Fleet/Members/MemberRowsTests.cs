using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Fleet.Members;
using ShardConsole.ControlPlane.Fleet.Members.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Unit.Support;
using static ShardConsole.Unit.Fleet.Members.MemberWorld;

namespace ShardConsole.Unit.Fleet.Members;

public sealed class MemberRowsTests
{
    private static readonly FleetState Cluster = Of(["a", "b", "c", "a"], founders: 3);

    [Fact]
    public void A_newcomer_is_empty_then_filling_then_serving()
    {
        Assert.Equal((MemberStage.Empty, 9), (Row(Cluster, 4).Stage, Row(Cluster, 4).Share));

        var filling = Cluster with
        {
            ReplicaChanges =
            [
                Change(9, GroupId.Of(S(2)), [1, 2, 3], [2, 3, 4], waiting: "n4 lacks 300 entries", unixMs: 100_000), Change(8, GroupId.Of(S(1)), [1, 2, 3], [2, 3, 4], ReplicaPhase.Done, unixMs: 99_000),
                Change(7, GroupId.Of(S(5)), [1, 2, 3], [2, 3, 4], ReplicaPhase.Done, unixMs: 1000),
            ],
        };
        var row = Row(filling, 4);
        Assert.Equal((MemberStage.Filling, "fill", 2, 1, 1, "s-02: n4 lacks 300 entries", "ann"), (row.Stage, row.Progress!.What, row.Progress.Groups, row.Progress.Done, row.Progress.UnderWay, row.Progress.Waiting, row.Progress.By));
        Assert.Equal(MemberStage.Serving, Row(Cluster, 1).Stage);
    }

    [Fact]
    public void A_drain_counts_from_what_was_held_when_it_began()
    {
        var draining = Cluster with { Draining = [N(1)], ReplicaChanges = [Change(9, GroupId.Of(S(2)), [1, 2, 3], [2, 3, 4])] };
        var row = Row(draining, 1, new Drain(N(1), "ann", "", 5000, 20, true));

        // Twelve shards and the meta group are left of twenty.
        Assert.Equal(("drain", 20, 7, 1, true, "ann"), (row.Progress!.What, row.Progress.Groups, row.Progress.Done, row.Progress.UnderWay, row.Progress.ThenLeave, row.Progress.By));
        Assert.Equal(MemberStage.Draining, row.Stage);
        Assert.Equal(MemberStage.Drained, Row(Cluster with { Draining = [N(4)] }, 4).Stage);
    }

    [Fact]
    public void A_drain_that_nobody_can_take_over_says_so()
    {
        var stuck = Of(["", "", ""], founders: 3) with { Draining = [N(3)] };

        Assert.Contains("No other member can take a replica of meta, s-01", Row(stuck, 3).Progress!.Waiting, StringComparison.Ordinal);
        Assert.Equal("", Row(Cluster with { Draining = [N(3)] }, 3).Progress!.Waiting);
    }

    [Fact]
    public void Suspicion_incarnation_and_round_trips_are_what_the_others_say()
    {
        GossipView[] Seen(params (int Node, string State, ulong Incarnation, int Trip)[] views) => [.. views.Select(v => new GossipView(N(v.Node), $"n{v.Node}", v.State, v.Incarnation, 1, 1, new NodeUse(0, 0, 0, 0), v.Trip))];
        var status = new NodeStatus(1, 1, new NodeUse(0, 0, 0, 0), 0, N(1), false, [], []);
        var heard = new Dictionary<NodeId, Heard>
        {
            [N(1)] = new(TestClock.Start, "1", status, [.. Seen((1, "alive", 3, 0), (2, "suspect", 8, 900), (3, "alive", 2, 300))]),
            [N(2)] = new(TestClock.Start, "1", status, [.. Seen((2, "alive", 9, 0), (1, "alive", 3, 500))]),
            [N(3)] = new(TestClock.Start.AddMinutes(-1), "1", status, [.. Seen((2, "dead", 8, 700))]),
        };
        var members = Cluster.Nodes.Select(n => n.Member).ToList();
        var state = FleetSnapshot.Build(new ClusterState("c-1", Cluster.Map, 1, [.. members], MigrationLimits.Default, false, "", N(1)), heard, [], TestClock.Start, TimeSpan.FromSeconds(5));

        var row = Row(state, 2);

        // n3 has been silent for a minute: what it said does not count any more.
        Assert.Equal(["n1"], row.SuspectedBy);
        Assert.Equal((9UL, 700), (row.Incarnation, row.RoundTripMicros));
        Assert.Equal(500, row.RoundTrips["n1"]);
    }

    [Fact]
    public void Nodes_beside_the_members_join_or_have_left()
    {
        var state = Cluster with { Strangers = [new Stranger(N(8), "n8", false), new Stranger(N(9), "n9", true)] };

        Assert.Equal([("n8", MemberStage.Joining), ("n9", MemberStage.Left)], MemberRows.Of(state, []).Skip(4).Select(m => (m.Name, m.Stage)));
    }

    [Fact]
    public void Replicas_have_role_and_lag_and_an_unknown_shard_has_none()
    {
        var state = Reports.State();

        Assert.Equal(["n1 leader 0 True", "n2 follower 0 False"], MemberRows.Replicas(state, GroupId.Of(Reports.S1))!.Select(r => $"{r.Name} {r.Role} {r.Lag} {r.IsPreferredLeader}"));
        Assert.Null(MemberRows.Replicas(state, GroupId.Of(new ShardId(77))));
        Assert.Empty(MemberRows.Replicas(state, GroupId.Meta)!);
    }

    private static MemberRow Row(FleetState state, int node, params Drain[] drains) => MemberRows.Of(state, drains).Single(m => m.Id == N(node));
}
