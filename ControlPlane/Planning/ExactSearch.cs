namespace ShardConsole.ControlPlane.Planning;

/// <summary>
/// Looks at every placement of the movable segments of a small cluster, branch and bound by cost. Starts from a plan that the search found and replaces it
/// where a better one exists: less excess, or as little at less cost.
/// </summary>
internal sealed class ExactSearch
{
    private readonly PlanSearch search;
    private readonly PlanningOptions options;
    private readonly int[] movable;
    private readonly int[] home;
    private IReadOnlyList<PickedMove> best;
    private double bestExcess;
    private double bestCost;

    private readonly bool linked;

    private ExactSearch(PlanSearch search, PlanningOptions options, int[] movable, bool linked)
    {
        this.linked = linked;
        this.search = search;
        this.options = options;
        this.movable = movable;
        best = [.. search.Moves];
        (bestExcess, bestCost) = (search.Excess, search.Cost);
        search.Replace([]);
        home = [.. movable.Select(search.Layout.OwnerOf)];
    }

    /// <summary>Improves the moves of a search, its transfers of leadership left as they are; does nothing where there are too many placements.</summary>
    /// <param name="linked">Some segments are used together: a move may lower the cost.</param>
    public static void MaybeImprove(PlanSearch search, PlanningOptions options, bool linked)
    {
        if (search.Layout.Shards.Length > options.ExactAssignments)
        {
            return;
        }

        var movable = Enumerable.Range(0, search.Layout.Map.SegmentCount).Where(search.Eligibility.MayMove).ToArray();
        double placements = Math.Pow(search.Layout.Shards.Length, movable.Length);
        if (placements > options.ExactAssignments)
        {
            return;
        }

        var exact = new ExactSearch(search, options, movable, linked);
        exact.Place(0);
        search.Replace(exact.best);
    }

    private void Place(int index)
    {
        // Costs only grow, but for what brings segments together: what is dearer than a plan that leaves nothing cannot become the better one.
        if (!linked && bestExcess <= 1e-9 && search.Cost >= bestCost)
        {
            return;
        }

        if (index == movable.Length)
        {
            Judge();
            return;
        }

        Place(index + 1);
        if (search.Moves.Count >= options.MaxMoves || !search.MayMove(movable[index]))
        {
            return;
        }

        for (var to = 0; to < search.Layout.Shards.Length; to++)
        {
            if (search.Eligibility.MayGo(movable[index], to))
            {
                var move = new PickedMove(movable[index], home[index], to);
                search.Take(move);
                Place(index + 1);
                search.Undo(move);
            }
        }
    }

    private void Judge()
    {
        var excess = search.Excess;
        var slack = 1e-6 * (1 + bestExcess);
        if (excess > bestExcess + slack || (excess >= bestExcess - slack && search.Cost >= bestCost))
        {
            return;
        }

        for (var i = 0; i < search.Layout.Shards.Length; i++)
        {
            if (!search.Layout.IsHarmless(i))
            {
                return;
            }
        }

        (best, bestExcess, bestCost) = ([.. search.Moves], excess, search.Cost);
    }
}
