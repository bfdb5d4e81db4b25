using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Fleet.Members.Core;
using ShardConsole.Shared.Cluster;
using static ShardConsole.Unit.Fleet.Members.MemberWorld;

namespace ShardConsole.Unit.Fleet.Members;

public sealed class FillPlannerTests
{
    [Fact]
    public void A_newcomer_gets_its_share_of_leaders_and_of_replicas_and_nobody_falls_below_it()
    {
        var state = Of(["", "", "", ""], founders: 3);

        var moves = FillPlanner.Plan(state, N(4), _ => 0);

        Assert.Equal((9, 3), (moves.Count, moves.Count(m => m.TakesLead)));
        Assert.All(moves, m => Assert.Equal(N(4), m.To));
        Assert.Equal(9, moves.Select(m => m.Shard).Distinct().Count());
        var (replicas, leads) = After(state, moves);
        Assert.Equal([9, 9, 9, 9], replicas);
        Assert.Equal([3, 3, 3, 3], leads);
    }

    [Fact]
    public void Of_equal_choices_the_smallest_shard_moves()
    {
        var moves = FillPlanner.Plan(Of(["", "", "", ""], 3), N(4), s => 100 - s.Value);

        Assert.Equal(S(12), moves[0].Shard);
        Assert.Equal(100 - 12, moves[0].Bytes);
    }

    [Fact]
    public void A_group_keeps_as_many_zones_as_it_had()
    {
        var state = Of(["a", "b", "c", "a"], 3);

        var moves = FillPlanner.Plan(state, N(4), _ => 0);

        // Only in the place of n1, of its own zone, does n4 leave a group in three zones.
        Assert.NotEmpty(moves);
        Assert.All(moves, m => Assert.Equal(N(1), m.From));
    }

    [Fact]
    public void What_is_under_way_counts_as_done_and_is_left_alone()
    {
        var state = Of(["", "", "", ""], 3);
        state = state with { ReplicaChanges = [Change(7, GroupId.Of(S(1)), [1, 2, 3], [2, 3, 4])] };

        var moves = FillPlanner.Plan(state, N(4), _ => 0);

        Assert.Equal(8, moves.Count);
        Assert.DoesNotContain(moves, m => m.Shard == S(1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Who_has_its_share_or_is_no_member_gets_nothing(int node) => Assert.Empty(FillPlanner.Plan(Of(["", "", ""], 3), N(node), _ => 0));

    [Fact]
    public void A_member_that_is_emptied_gets_nothing_and_does_not_count()
    {
        var state = Of(["", "", "", ""], 3) with { Draining = [N(4)] };

        Assert.Empty(FillPlanner.Plan(state, N(4), _ => 0));
    }

    private static (int[] Replicas, int[] Leads) After(FleetState state, IReadOnlyList<ReplicaMove> moves)
    {
        var map = state.Map;
        foreach (var move in moves)
        {
            var shard = map.Find(move.Shard)!;
            map = map.Apply(new ReplicasChanged(move.Shard, shard.Replicas.Replace(move.From, move.To), move.TakesLead ? move.To : shard.PreferredLeader));
        }

        return ([.. state.Nodes.Select(n => map.Shards.Count(s => s.Replicas.Contains(n.Id)))], [.. state.Nodes.Select(n => map.Shards.Count(s => s.PreferredLeader == n.Id))]);
    }
}
