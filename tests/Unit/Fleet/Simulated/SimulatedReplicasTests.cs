using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Fleet.Members.Core;
using ShardConsole.ControlPlane.Fleet.Simulated;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Fleet.Simulated;

public sealed class SimulatedReplicasTests
{
    private readonly Microsoft.Extensions.Time.Testing.FakeTimeProvider real = TestClock.Real();
    private readonly SimulatedFleet fleet;

    public SimulatedReplicasTests()
    {
        fleet = new SimulatedFleet(new SimulatedOptions { Nodes = 6, Segments = 64 }, MigrationLimits.Default with { NodeBytesPerSecond = long.MaxValue / 100 }, real);
        fleet.Begin(null);
    }

    [Fact]
    public async Task A_drained_node_hands_all_over_a_few_groups_at_a_time_and_may_leave_then()
    {
        var node = fleet.Members[2].Id;
        Assert.Equal("not-empty", (await fleet.ChangeMemberAsync(node, MemberChange.Leave, "ann", "", default)).Error);
        Assert.True((await fleet.ChangeMemberAsync(node, MemberChange.Drain, "ann", "", default)).Accepted);

        Carry(0.1);
        Assert.InRange(DrainBook.Open(fleet.State).Count(), 1, 8);
        Carry(120);

        Assert.Empty(DrainBook.Held(fleet.State, node));
        Assert.All(fleet.State.Map.Shards, s => Assert.Equal((3, true), (s.Replicas.Distinct().Count(), s.Replicas.Contains(s.PreferredLeader))));
        Assert.True((await fleet.ChangeMemberAsync(node, MemberChange.Leave, "ann", "", default)).Accepted);
        Assert.Null(fleet.State.Find(node));
        Assert.Equal("not-member", (await fleet.ChangeMemberAsync(node, MemberChange.Drain, "ann", "", default)).Error);
    }

    [Fact]
    public async Task Leadership_goes_to_another_replica_and_to_nobody_else()
    {
        var shard = fleet.State.Map.Shards[0];
        var (from, to) = (shard.PreferredLeader, shard.Replicas.First(r => r != shard.PreferredLeader));
        var stranger = fleet.Members.First(m => !shard.Replicas.Contains(m.Id)).Id;

        Assert.Equal("replicas", (await fleet.TransferLeaderAsync(shard.Id, new TransferLeader(from, stranger, "ann", ""), default)).Error);
        Assert.Equal("stale", (await fleet.TransferLeaderAsync(shard.Id, new TransferLeader(to, from == to ? to : shard.Replicas.Last(r => r != from && r != to), "ann", ""), default)).Error);
        Assert.True((await fleet.TransferLeaderAsync(shard.Id, new TransferLeader(from, to, "ann", ""), default)).Accepted);
        Assert.True((await fleet.TransferLeaderAsync(shard.Id, new TransferLeader(from, to, "ann", ""), default)).Accepted);

        Assert.Equal((to, to), (fleet.State.Map.Shards[0].PreferredLeader, fleet.State.LeaderOf(shard.Id)));
    }

    [Fact]
    public async Task Ending_a_drain_takes_back_what_is_under_way()
    {
        var node = fleet.Members[2].Id;
        await fleet.ChangeMemberAsync(node, MemberChange.Drain, "ann", "", default);
        Carry(0.1);
        var open = DrainBook.Open(fleet.State).Select(c => c.Id).ToList();
        var held = DrainBook.Held(fleet.State, node).Count;

        await fleet.ChangeMemberAsync(node, MemberChange.CancelDrain, "ann", "", default);
        Carry(30);

        Assert.All(fleet.State.ReplicaChanges.Where(c => open.Contains(c.Id)), c => Assert.Equal(ReplicaPhase.Cancelled, c.Phase));
        Assert.Equal(held, DrainBook.Held(fleet.State, node).Count);
    }

    [Fact]
    public async Task A_node_is_added_filled_and_all_of_it_kept_over_a_restart()
    {
        var (name, problem) = await fleet.AddNodeAsync("zone-x", default);
        Assert.Equal(("n007", null), (name, problem));
        var added = fleet.State.Nodes.Single(n => n.Member.Name == "n007");
        var moves = FillPlanner.Plan(fleet.State, added.Id, _ => 0);
        Assert.NotEmpty(moves);
        foreach (var move in moves)
        {
            Assert.True((await fleet.ReplaceReplicaAsync(GroupId.Of(move.Shard), new ReplaceReplica(move.From, move.To, "ann", "fill"), default)).Accepted);
        }

        Carry(60);
        Assert.Empty(FillPlanner.Plan(fleet.State, added.Id, _ => 0));
        Assert.Equal(moves.Count(m => m.TakesLead), fleet.State.Map.Shards.Count(s => s.PreferredLeader == added.Id));

        var again = new SimulatedFleet(fleet.Options, MigrationLimits.Default, real);
        again.Begin(fleet.Keep());
        Assert.Equal(fleet.State.Map.Shards.Select(s => (s.Id, s.PreferredLeader, string.Join(',', s.Replicas))), again.State.Map.Shards.Select(s => (s.Id, s.PreferredLeader, string.Join(',', s.Replicas))));
        Assert.Equal(fleet.Members, again.Members);
    }

    [Fact]
    public async Task Nonsense_is_refused_and_the_same_again_answers_itself()
    {
        var shard = fleet.State.Map.Shards[0];
        var (inside, outside) = (shard.Replicas[0], fleet.Members.First(m => !shard.Replicas.Contains(m.Id)).Id);
        var first = await Ask(shard.Id, inside, outside);

        Assert.Equal((true, first.MigrationId), ((await Ask(shard.Id, inside, outside)) is var same ? (same.Accepted, same.MigrationId) : default));
        Assert.Equal("replicas-under-way", (await Ask(shard.Id, shard.Replicas[1], outside)).Error);
        Assert.Equal("unknown-shard", (await Ask(new ShardId(999), inside, outside)).Error);
        Assert.Equal("replicas", (await Ask(fleet.State.Map.Shards[1].Id, default, fleet.State.Map.Shards[1].Replicas[0])).Error);
        Assert.Equal("unknown-change", (await fleet.CancelReplicasAsync(99, "ann", "", default)).Error);
        Carry(10);
        Assert.Equal("too-late", (await fleet.CancelReplicasAsync(first.MigrationId, "ann", "", default)).Error);
    }

    [Fact]
    public async Task Replicas_are_compared_on_demand_and_once_an_hour()
    {
        var shard = fleet.State.Map.Shards[0].Id;
        Assert.Equal([shard], await fleet.CompareAsync(shard, "ann", "sure?", default));
        Assert.Equal("Comparing", fleet.State.Integrity.Shards[0].Step);
        Carry(2);

        var known = fleet.State.Integrity.Shards[0];
        Assert.Equal(("", CheckOutcome.Equal, "ann: sure?"), (known.Step, known.Last!.Outcome, known.Last.By));
        Assert.Equal(3_600_000, known.NextUnixMs - known.Last.EndedUnixMs);
        Assert.Null(fleet.State.Integrity.Shards[1].Last);
        Carry(3602);
        Assert.All(fleet.State.Integrity.Shards, s => Assert.NotNull(s.Last));
    }

    private Task<MetaAnswer> Ask(ShardId shard, NodeId from, NodeId to) => fleet.ReplaceReplicaAsync(GroupId.Of(shard), new ReplaceReplica(from, to, "ann", ""), default);

    private void Carry(double seconds)
    {
        for (var done = 0.0; done < seconds; done += Math.Min(2, seconds))
        {
            real.Advance(TimeSpan.FromSeconds(Math.Min(2, seconds)));
            fleet.Advance(Math.Min(2, seconds));
        }
    }
}
