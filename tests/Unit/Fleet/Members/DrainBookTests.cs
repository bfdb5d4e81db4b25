using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Fleet.Members.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using static ShardConsole.Unit.Fleet.Members.MemberWorld;

namespace ShardConsole.Unit.Fleet.Members;

public sealed class DrainBookTests
{
    private static readonly FleetState Cluster = Of(["", "", "", ""], founders: 3);
    private static readonly Drain Leaving = new(N(4), "ann", "old machine", 1000, 5, ThenLeave: true);

    [Fact]
    public void A_drain_that_nobody_asked_for_here_is_known_from_when_it_is_seen()
    {
        var work = DrainBook.Look([], Cluster with { Draining = [N(3)] }, 5000);

        // Twelve shards and the meta group.
        Assert.Equal([new Drain(N(3), "", "", 5000, 13, false)], work.Book);
        Assert.Empty(work.Leaving);
    }

    [Fact]
    public void Who_is_to_leave_leaves_when_it_is_empty_and_not_before()
    {
        Assert.Equal([Leaving], DrainBook.Look([Leaving], Cluster with { Draining = [N(4)] }, 5000).Leaving);

        var held = Leaving with { Node = N(3) };
        Assert.Empty(DrainBook.Look([held], Cluster with { Draining = [N(3)] }, 5000).Leaving);
        var coming = Cluster with { Draining = [N(4)], ReplicaChanges = [Change(7, GroupId.Of(S(1)), [1, 2, 3], [2, 3, 4])] };
        Assert.Empty(DrainBook.Look([Leaving], coming, 5000).Leaving);
    }

    [Fact]
    public void A_replica_that_still_catches_up_keeps_its_node_from_leaving()
    {
        var cancelled = Change(7, GroupId.Of(S(1)), [1, 2, 3], [2, 3, 4], cancelled: true) with { Learners = [N(4)] };

        Assert.Empty(DrainBook.Look([Leaving], Cluster with { Draining = [N(4)], ReplicaChanges = [cancelled] }, 5000).Leaving);
        Assert.Single(DrainBook.Look([Leaving], Cluster with { Draining = [N(4)], ReplicaChanges = [cancelled with { Phase = ReplicaPhase.Cancelled }] }, 5000).Leaving);
    }

    [Fact]
    public void Nobody_leaves_whose_drain_the_snapshot_does_not_show()
    {
        var work = DrainBook.Look([Leaving], Cluster, 1000 + DrainBook.SeenWithinMs - 1);

        Assert.Equal([Leaving], work.Book);
        Assert.Empty(work.Leaving);
        Assert.Empty(DrainBook.Look([Leaving], Cluster, 1000 + DrainBook.SeenWithinMs).Book);
    }

    [Fact]
    public void Who_has_left_is_forgotten_and_before_a_cluster_is_known_nothing_is()
    {
        Assert.Empty(DrainBook.Look([Leaving with { Node = N(9) }], Cluster, 1000).Book);
        Assert.Equal([Leaving], DrainBook.Look([Leaving], FleetState.Unknown, 99_000).Book);
    }
}
