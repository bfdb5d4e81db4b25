namespace ShardConsole.ControlPlane.Planning;

/// <summary>Which single action is the best now: a move of a segment, or of its clump as one.</summary>
internal sealed partial class PlanSearch
{
    // The best candidate. Where it tears a clump, the clump as one is looked at too, and taken if that costs less.
    private PickedMove[]? Best(IReadOnlyList<int> segments, Func<int, int[]> targetsOf)
    {
        var candidates = Candidates(segments, targetsOf);
        if (candidates.Count == 0)
        {
            return null;
        }

        var best = perByte ? BestPerByte(candidates) : BestRelief(candidates);
        return best.Cut > 0 ? WholeClump(best, targetsOf(best.Move.From)) ?? [best.Move] : [best.Move];
    }

    // Of those that relieve nearly as much as the best the one that costs least; how full the target gets is only asked where that is what decides.
    private Candidate BestRelief(List<Candidate> candidates)
    {
        var enough = NearlyEqual * candidates.Max(c => c.Gain);
        candidates.RemoveAll(c => c.Gain < enough);
        Candidate best = candidates[0];
        foreach (var candidate in candidates)
        {
            if ((Torn(candidate), candidate.Cut).CompareTo((Torn(best), best.Cut)) < 0)
            {
                best = candidate;
            }
        }

        var (torn, cut) = (Torn(best), best.Cut);
        return candidates.Where(c => Torn(c) == torn && c.Cut == cut)
            .MinBy(c => (Fullness(c), c.Distance, -c.Gain, c.Move.Segment, c.Move.To));
    }

    private Candidate BestPerByte(List<Candidate> candidates)
    {
        (double, double, int) Rank(Candidate c) => (-c.Gain / Math.Max(1, Torn(c) + MoveOverhead), c.Cut, c.Distance);
        var rank = Rank(candidates[0]);
        foreach (var candidate in candidates)
        {
            rank = Rank(candidate) is var other && other.CompareTo(rank) < 0 ? other : rank;
        }

        return candidates.Where(c => Rank(c) == rank).MinBy(c => (Fullness(c), c.Move.Segment, c.Move.To));
    }

    private double Torn(Candidate candidate) => candidate.Bytes + (options.BytesPerCoAccess * candidate.Cut);

    // Utilisation in steps of a tenth: within one the nearer node is better.
    private int Fullness(Candidate candidate) => (int)(10 * Layout.Try(candidate.Move.Segment, candidate.Move.To).Fullest);

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

    private List<Candidate> Candidates(IReadOnlyList<int> segments, Func<int, int[]> targetsOf)
    {
        var found = new List<Candidate>();
        foreach (var segment in segments)
        {
            if (!MayCopy(input.SegmentBytes[segment]))
            {
                StoppedBy = $"with segment {segment} the plan would copy more than {Words.Bytes(options.MaxBytes)}, its limit";
                continue;
            }

            var from = Layout.OwnerOf(segment);
            foreach (var to in targetsOf(from))
            {
                if (!Eligibility.MayGo(segment, to) || Layout.IsHopeless(from, to))
                {
                    continue;
                }

                var gain = GainOf(segment, to);
                if (gain > 1e-6)
                {
                    found.Add(new Candidate(new PickedMove(segment, from, to), gain, input.SegmentBytes[segment], Eligibility.Distance(from, to), Eligibility.Cut(segment, to)));
                }
            }
        }

        return found;
    }

    private readonly record struct Candidate(PickedMove Move, double Gain, long Bytes, int Distance, double Cut);
}
