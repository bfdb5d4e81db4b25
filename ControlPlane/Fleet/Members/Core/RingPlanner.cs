using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Fleet.Members.Core;

/// <summary>One segment that goes to where the placement ring puts it.</summary>
internal sealed record RingMove(SegmentId Segment, ShardId From, ShardId To, string Reason);

/// <summary>
/// Which segments go to the shards that came with a member, and which leave those that go with one: the placement ring over the shards names them. Pure; the same cluster gives
/// the same moves, ordered by their pair of shards, so that each pair's segments go together.
/// </summary>
internal static class RingPlanner
{
    /// <summary>Shards that a member leads, that own nothing and to which nothing is on its way: they wait to be filled.</summary>
    public static IReadOnlyList<ShardId> Waiting(FleetState state, NodeId node)
    {
        var used = state.Map.Owners.Concat(state.Migrations.Where(m => !IsOver(m)).Select(m => m.To)).ToHashSet();
        return [.. state.Map.Shards.Where(s => s.PreferredLeader == node && !used.Contains(s.Id) && !state.Retiring.Contains(s.Id)).Select(s => s.Id)];
    }

    /// <summary>Shards that go with a member and still own something.</summary>
    public static IReadOnlyList<ShardId> Leaving(FleetState state, NodeId node) =>
        [.. state.Map.Shards.Where(s => s.PreferredLeader == node && state.Retiring.Contains(s.Id) && state.Map.Owners.Contains(s.Id)).Select(s => s.Id)];

    /// <summary>
    /// The segments that the ring gives to a member's waiting shards, each shard at most the mean. Those that stand where the ring put them without the new shards go first: what stands
    /// elsewhere was put there for its load. A segment that moves already is left alone.
    /// </summary>
    public static IReadOnlyList<RingMove> Fill(FleetState state, NodeId node)
    {
        var waiting = Waiting(state, node).ToHashSet();
        var shards = state.Map.Shards.Select(s => s.Id).Where(s => !state.Retiring.Contains(s)).ToList();
        if (waiting.Count == 0 || waiting.Count == shards.Count || state.Draining.Contains(node))
        {
            return [];
        }

        var (before, after) = (PlacementRing.Assign(state.Map.SegmentCount, shards.Where(s => !waiting.Contains(s))), PlacementRing.Assign(state.Map.SegmentCount, shards));
        var (mean, moving, name) = ((int)Math.Ceiling(state.Map.SegmentCount / (double)shards.Count), Moving(state), Name(state, node));
        var chosen = Segments(state).Where(s => waiting.Contains(after[s.Value]) && !moving.Contains(s) && !state.Retiring.Contains(state.Map.OwnerOf(s)))
            .OrderBy(s => before[s.Value] == state.Map.OwnerOf(s) ? 0 : 1).ThenBy(s => s)
            .GroupBy(s => after[s.Value]).SelectMany(g => g.Take(mean));
        return Ordered(chosen.Select(s => new RingMove(s, state.Map.OwnerOf(s), after[s.Value], $"{after[s.Value]} came with {name} and owns nothing; the placement ring puts the segment there.")));
    }

    /// <summary>All segments of the shards that go with a member, each to where the ring puts it without them; one that would bring a shard above 1.1 times the mean goes to the emptiest.</summary>
    public static IReadOnlyList<RingMove> Empty(FleetState state, NodeId node)
    {
        var leaving = Leaving(state, node).ToHashSet();
        var staying = state.Map.Shards.Where(s => !state.Retiring.Contains(s.Id) && state.Find(s.PreferredLeader) is { IsServing: true } && !state.Draining.Contains(s.PreferredLeader)).Select(s => s.Id).ToList();
        if (leaving.Count == 0 || staying.Count == 0)
        {
            return [];
        }

        var after = PlacementRing.Assign(state.Map.SegmentCount, staying);
        var counts = staying.ToDictionary(s => s, s => state.Map.Owners.Count(o => o == s));
        var (limit, moving, name) = ((1 + PlacementRing.DefaultEpsilon) * state.Map.SegmentCount / staying.Count, Moving(state), Name(state, node));
        var moves = new List<RingMove>();
        foreach (var segment in Segments(state).Where(s => leaving.Contains(state.Map.OwnerOf(s)) && !moving.Contains(s)))
        {
            var to = after[segment.Value];
            to = counts[to] + 1 <= limit ? to : staying.OrderBy(s => counts[s]).ThenBy(s => s).First();
            counts[to]++;
            moves.Add(new RingMove(segment, state.Map.OwnerOf(segment), to, $"{state.Map.OwnerOf(segment)} goes with {name}, which is being emptied; the placement ring puts the segment there."));
        }

        return Ordered(moves);
    }

    private static List<RingMove> Ordered(IEnumerable<RingMove> moves) => [.. moves.OrderBy(m => m.From).ThenBy(m => m.To).ThenBy(m => m.Segment)];

    private static IEnumerable<SegmentId> Segments(FleetState state) => Enumerable.Range(0, state.Map.SegmentCount).Select(i => new SegmentId((ushort)i));

    // Retaining counts too: the cluster begins no other migration of the segment before it has ended.
    private static HashSet<SegmentId> Moving(FleetState state) => [.. state.Migrations.Where(m => !IsOver(m)).Select(m => m.Segment)];

    private static bool IsOver(Shared.Contracts.MigrationStatus migration) => Shared.Plans.MigrationPhases.IsEnded(migration.Phase);

    private static string Name(FleetState state, NodeId node) => state.Find(node)?.Member.Name ?? node.ToString();
}
