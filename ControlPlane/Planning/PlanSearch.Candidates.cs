namespace ShardConsole.ControlPlane.Planning;

/// <summary>Which single action is the best now: a move of a segment, or of its clump as one.</summary>
internal sealed partial class PlanSearch
{
    // The best candidate. Where it tears a clump, the clump as one is looked at too, and taken if that costs less.
    private PickedMove[]? Best(IReadOnlyList<int> segments, int targets)
    {
        var places = Targets(targets);
        var candidates = Candidates(segments, places);
        if (candidates.Count == 0)
        {
            return null;
        }

        double Torn(Candidate c) => c.Bytes + (options.BytesPerCoAccess * c.Cut);
        Candidate best;
        if (perByte)
        {
            best = candidates.OrderByDescending(c => c.Gain / Math.Max(1, Torn(c) + MoveOverhead)).ThenBy(c => c.Cut).ThenBy(c => c.Distance).ThenBy(c => c.Fullness)
                .ThenBy(c => c.Move.Segment).ThenBy(c => c.Move.To).First();
        }
        else
        {
            var enough = NearlyEqual * candidates.Max(c => c.Gain);
            best = candidates.Where(c => c.Gain >= enough).OrderBy(Torn).ThenBy(c => c.Cut).ThenBy(c => c.Fullness).ThenBy(c => c.Distance)
                .ThenByDescending(c => c.Gain).ThenBy(c => c.Move.Segment).ThenBy(c => c.Move.To).First();
        }

        return best.Cut > 0 ? WholeClump(best, places) ?? [best.Move] : [best.Move];
    }

    // The clump of a candidate moved as one, to the place where that is cheapest; null where none takes it, it relieves less, or tearing it is cheaper.
    private PickedMove[]? WholeClump(Candidate torn, int[] places)
    {
        var clump = clumps.Around(torn.Move.Segment, s => Layout.OwnerOf(s) == torn.Move.From && MayMove(s));
        if (clump.Count < 2 || moves.Count + transfers.Count + clump.Count > options.MaxMoves || bytes + clump.Sum(s => input.SegmentBytes[s]) > options.MaxBytes)
        {
            return null;
        }

        var (excess, cost) = (Excess, Cost);
        var least = cost + torn.Bytes + MoveOverhead + (options.BytesPerCoAccess * torn.Cut);
        PickedMove[]? best = null;
        foreach (var to in places.Where(t => t != torn.Move.From))
        {
            var taken = new List<PickedMove>();
            foreach (var segment in clump)
            {
                if (Eligibility.MayGo(segment, to))
                {
                    Count();
                    taken.Add(new PickedMove(segment, torn.Move.From, to));
                    Take(taken[^1]);
                }
            }

            if (taken.Count == clump.Count && Cost < least - 1e-6 && excess - Excess >= (NearlyEqual * torn.Gain) - 1e-9 && Layout.IsHarmless(to))
            {
                (best, least) = ([.. taken], Cost);
            }

            for (var i = taken.Count - 1; i >= 0; i--)
            {
                Undo(taken[i]);
            }
        }

        return best;
    }

    private List<Candidate> Candidates(IReadOnlyList<int> segments, int[] targets)
    {
        var found = new List<Candidate>();
        foreach (var segment in segments)
        {
            if (bytes + input.SegmentBytes[segment] > options.MaxBytes)
            {
                StoppedBy = $"with segment {segment} the plan would copy more than {Words.Bytes(options.MaxBytes)}, its limit";
                continue;
            }

            foreach (var to in targets)
            {
                if (!Eligibility.MayGo(segment, to) || Layout.IsHopeless(Layout.OwnerOf(segment), to))
                {
                    continue;
                }

                var effect = Try(segment, to);
                if (effect.Harmed is null && effect.Gain > 1e-6)
                {
                    // Utilisation in steps of a tenth: within one the nearer node is better.
                    var from = Layout.OwnerOf(segment);
                    found.Add(new Candidate(
                        new PickedMove(segment, from, to), effect.Gain, input.SegmentBytes[segment], (int)(10 * effect.Fullest),
                        Eligibility.Distance(from, to), Eligibility.Cut(segment, to)));
                }
            }
        }

        return found;
    }

    private readonly record struct Candidate(PickedMove Move, double Gain, long Bytes, int Fullness, int Distance, double Cut);
}
