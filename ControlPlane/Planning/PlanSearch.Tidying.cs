namespace ShardConsole.ControlPlane.Planning;

/// <summary>What is done to a plan that relieves what can be relieved: it is made smaller.</summary>
internal sealed partial class PlanSearch
{
    // The dearest first. A move is dropped when without it nothing is worse than with it: later moves may have done its work. What keeps a clump together is worth its bytes.
    private void DropWhatIsNotNeeded()
    {
        foreach (var move in moves.OrderByDescending(m => input.SegmentBytes[m.Segment]).ThenByDescending(m => m.Segment).ToArray())
        {
            var (excess, cost) = (Excess, Cost);
            Undo(move);
            if (Excess > excess + 1e-6 || Cost > cost || !Layout.IsHarmless(move.From) || !Layout.IsHarmless(move.To) || !Eligibility.IsApartIn(move.Segment, move.From))
            {
                Take(move);
            }
        }

        foreach (var transfer in transfers.ToArray())
        {
            var excess = Excess;
            Undo(transfer);
            if (Excess > excess + 1e-6 || !Layout.IsHarmless(transfer.Shard))
            {
                Take(transfer);
            }
        }
    }

    // A move gives way to a smaller one of the same source that does as much.
    private void Cheapen()
    {
        foreach (var move in moves.OrderByDescending(m => input.SegmentBytes[m.Segment]).ThenBy(m => m.Segment).ToArray())
        {
            if (IsSpent)
            {
                return;
            }

            var (excess, cost) = (Excess, Cost);
            Undo(move);
            var needed = Excess - excess;
            var smaller = Layout.SegmentsOf(move.From).Where(s => input.SegmentBytes[s] < input.SegmentBytes[move.Segment] && MayMove(s))
                .OrderBy(s => input.SegmentBytes[s]).ThenBy(s => s).Take(TargetsPerRound);
            PickedMove? better = null;
            int[] targets = [.. Targets(TargetsPerRound), move.To];
            foreach (var segment in smaller)
            {
                var to = targets.FirstOrDefault(t => Eligibility.MayGo(segment, t) && GainOf(segment, t) >= needed - 1e-6, -1);
                if (to >= 0)
                {
                    better = new PickedMove(segment, move.From, to);
                    break;
                }
            }

            Take(better ?? move);

            // Other moves may have filled the source because this one emptied it.
            if (better is { } smallerMove && !(Cost < cost && Layout.IsHarmless(move.From) && Layout.IsHarmless(move.To) && Layout.IsHarmless(smallerMove.To) && Eligibility.IsApartIn(move.Segment, move.From)))
            {
                Undo(smallerMove);
                Take(move);
            }
        }
    }
}
