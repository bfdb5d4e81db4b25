namespace ShardConsole.ControlPlane.Planning;

/// <summary>
/// Swaps and chains of two, for where no single move helps: a segment goes to a shard that it would push over a limit, and one of that shard's segments
/// makes room, to the first one's place (a swap) or to a third. An ejection chain of length two (Glover, "Ejection chains, reference structures and
/// alternating path methods", 1996).
/// </summary>
internal sealed class ChainSearch(PlanSearch search, IReadOnlyList<long> bytes)
{
    private const int Segments = 24;
    private const int Targets = 16;
    private const int Partners = 12;
    private const int ThirdPlaces = 4;

    private readonly Dictionary<int, int[]> partners = [];

    /// <summary>Takes chains while one helps and the budget lasts.</summary>
    public void Run()
    {
        while (search.Excess > 1e-9 && !search.IsSpent && search.HasRoomForTwo && Best() is { } chain)
        {
            search.Take(chain.First);
            search.Take(chain.Second);
        }
    }

    // The chain that leaves least, among equals the first found.
    private (PickedMove First, PickedMove Second)? Best()
    {
        partners.Clear();
        var before = search.Excess;
        (PickedMove, PickedMove)? best = null;
        var least = before - 1e-6;
        var targets = search.Targets(Targets);
        foreach (var segment in search.StuckSegments(Segments))
        {
            foreach (var to in targets)
            {
                if (search.IsSpent)
                {
                    return best;
                }

                if (search.Eligibility.MayGo(segment, to) && search.MayMove(segment))
                {
                    Follow(new PickedMove(segment, search.Layout.OwnerOf(segment), to), targets, before, ref best, ref least);
                }
            }
        }

        return best;
    }

    private void Follow(PickedMove first, int[] targets, double before, ref (PickedMove, PickedMove)? best, ref double least)
    {
        // Memory that the first takes at its target is not there for the second.
        search.Eligibility.Book(first.Segment, first.To, 1);
        var places = targets.Where(t => t != first.To && t != first.From).Take(ThirdPlaces).Prepend(first.From).ToArray();
        foreach (var partner in PartnersIn(first.To))
        {
            foreach (var place in places)
            {
                if (!search.MayCopy(bytes[first.Segment] + bytes[partner]) || !search.Eligibility.MayGo(partner, place))
                {
                    continue;
                }

                search.Count();
                if (search.Layout.TryPair(first.Segment, first.To, partner, place) is { } gain && before - gain < least)
                {
                    (best, least) = ((first, new PickedMove(partner, first.To, place)), before - gain);
                }
            }
        }

        search.Eligibility.Book(first.Segment, first.To, -1);
    }

    // Those of a shard that may make room, the first few: the same for all that would go there.
    private int[] PartnersIn(int shard)
    {
        if (!partners.TryGetValue(shard, out var found))
        {
            partners[shard] = found = [.. search.Layout.SegmentsOf(shard).Where(search.MayMove).Order().Take(Partners)];
        }

        return found;
    }
}
