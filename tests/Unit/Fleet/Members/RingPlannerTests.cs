using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Fleet.Members.Core;
using ShardConsole.Shared.Cluster;
using static ShardConsole.Unit.Fleet.Members.MemberWorld;

namespace ShardConsole.Unit.Fleet.Members;

/// <summary>Three founders with four shards each over 1024 segments as the ring puts them; n4 has joined with four shards of its own, 13 to 16.</summary>
public sealed class RingPlannerTests
{
    private const int Segments = 1024;
    private static readonly ShardId[] Born = [S(13), S(14), S(15), S(16)];

    [Fact]
    public void The_shards_of_a_newcomer_get_their_share_each_and_nothing_else_moves()
    {
        var state = Joined();

        var moves = RingPlanner.Fill(state, N(4));

        Assert.Equal(Born, RingPlanner.Waiting(state, N(4)));
        Assert.All(moves, m => Assert.Contains(m.To, Born));
        Assert.All(moves, m => Assert.Equal(state.Map.OwnerOf(m.Segment), m.From));
        Assert.Equal(moves.Count, moves.Select(m => m.Segment).Distinct().Count());

        // A fourth of the shards: at most a fourth of the segments and 5 % of them, and each has at least eight tenths of the mean.
        Assert.InRange(moves.Count, 0, (Segments / 4) + (Segments / 20));
        Assert.All(moves.GroupBy(m => m.To), g => Assert.InRange(g.Count(), 0.8 * Segments / 16, Segments / 16));
        Assert.All(After(state, moves).Owners.GroupBy(o => o), g => Assert.InRange(g.Count(), 1, 1.1 * Segments / 12));
    }

    [Fact]
    public void Segments_of_one_pair_stand_together_so_that_they_go_as_one_batch()
    {
        var pairs = RingPlanner.Fill(Joined(), N(4)).Select(m => (m.From, m.To)).ToList();

        Assert.Equal(pairs.Distinct().Count(), 1 + pairs.Zip(pairs.Skip(1)).Count(p => p.First != p.Second));
    }

    [Fact]
    public void What_was_moved_for_its_load_moves_last()
    {
        var state = Joined();
        var wanted = RingPlanner.Fill(state, N(4)).Where(m => m.To == S(13)).ToList();
        var elsewhere = wanted[0].From == S(1) ? S(2) : S(1);
        state = state with { Map = state.Map.Apply(new SegmentMoved(wanted[0].Segment, elsewhere, "hot")) };

        var moves = RingPlanner.Fill(state, N(4)).Where(m => m.To == S(13)).Select(m => m.Segment).ToHashSet();

        // It goes only where the shard would have less than the mean without it.
        Assert.True(moves.Count == Segments / 16 ? wanted.Skip(1).All(m => moves.Contains(m.Segment)) : moves.Contains(wanted[0].Segment));
    }

    [Fact]
    public void A_member_that_is_emptied_a_founder_and_a_stranger_are_not_filled()
    {
        Assert.Empty(RingPlanner.Fill(Joined() with { Draining = [N(4)] }, N(4)));
        Assert.Empty(RingPlanner.Fill(Joined(), N(1)));
        Assert.Empty(RingPlanner.Fill(Joined(), N(9)));
    }

    [Fact]
    public void Every_segment_of_the_shards_that_go_finds_another_shard_and_none_of_those_has_more_than_a_tenth_above_the_mean()
    {
        var full = Joined();
        full = full with { Map = After(full, RingPlanner.Fill(full, N(4))) };
        Assert.Empty(RingPlanner.Empty(full, N(4)));

        var state = full with { Draining = [N(4)], Retiring = Born };
        var moves = RingPlanner.Empty(state, N(4));

        Assert.Equal(full.Map.Owners.Count(Born.Contains), moves.Count);
        Assert.All(moves, m => Assert.DoesNotContain(m.To, Born));
        var after = After(state, moves);
        Assert.DoesNotContain(after.Owners, Born.Contains);
        Assert.All(after.Owners.GroupBy(o => o), g => Assert.InRange(g.Count(), 1, (1.1 * Segments / 12) + 1));
        Assert.Empty(RingPlanner.Leaving(state with { Map = after }, N(4)));
    }

    private static FleetState Joined()
    {
        var state = Of(["", "", "", ""], founders: 3);
        var map = state.Map with { Owners = PlacementRing.Assign(Segments, state.Map.Shards.Select(s => s.Id)) };
        return state with { Map = map.Apply(new ShardsBorn([.. Born], N(4))) };
    }

    private static ShardMap After(FleetState state, IEnumerable<RingMove> moves) =>
        moves.Aggregate(state.Map, (map, move) => map.Apply(new SegmentMoved(move.Segment, move.To, move.Reason)));
}
