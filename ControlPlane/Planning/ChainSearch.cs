namespace ShardConsole.ControlPlane.Planning;

/// <summary>
/// Swaps and chains of two, for where no single move helps: a segment goes to a shard that it would push over a limit, and one of that shard's segments
/// makes room, to the first one's place (a swap) or to a third. An ejection chain of length two (Glover, "Ejection chains, reference structures and
/// alternating path methods", 1996).
/// </summary>
internal sealed class ChainSearch(PlanSearch search)
{
    private const int Segments = 24;
    private const int Targets = 16;
    private const int Partners = 12;
    private const int ThirdPlaces = 4;

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
                    Follow(new PickedMove(segment, search.Layout.OwnerOf(segment), to), targets, ref best, ref least);
                }
            }
        }

        return best;
    }

    private void Follow(PickedMove first, int[] targets, ref (PickedMove, PickedMove)? best, ref double least)
    {
        search.Take(first);
        var partners = search.Layout.SegmentsOf(first.To).Where(s => s != first.Segment && search.MayMove(s)).Order().Take(Partners).ToArray();
        foreach (var partner in partners)
        {
            foreach (var place in targets.Where(t => t != first.To && t != first.From).Take(ThirdPlaces).Prepend(first.From))
            {
                if (!search.Eligibility.MayGo(partner, place))
                {
                    continue;
                }

                var second = new PickedMove(partner, first.To, place);
                search.Count();
                search.Take(second);
                var excess = search.Excess;
                if (excess < least && search.Layout.IsHarmless(first.To) && search.Layout.IsHarmless(first.From) && search.Layout.IsHarmless(place))
                {
                    (best, least) = ((first, second), excess);
                }

                search.Undo(second);
            }
        }

        search.Undo(first);
    }
}
