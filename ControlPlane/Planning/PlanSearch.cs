using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Planning;

/// <summary>A move as the search has it: indexes of the segment and of the shards.</summary>
internal readonly record struct PickedMove(int Segment, int From, int To);

/// <summary>
/// Greedy search over whole plans: take the best move until nobody is over a limit or nothing helps, then drop every move that turns out not to be
/// needed. Tried twice, by greatest relief and by relief per byte; the caller keeps the better plan.
/// </summary>
internal sealed class PlanSearch
{
    /// <summary>Candidates this close to the best relief count as equal, and the cheaper one wins.</summary>
    private const double NearlyEqual = 0.9;

    /// <summary>Segments looked at per round: those that weigh most where it hurts.</summary>
    private const int SegmentsPerRound = 192;

    private readonly PlanningInput input;
    private readonly PlanningOptions options;
    private readonly bool perByte;
    private readonly List<PickedMove> moves = [];
    private long bytes;

    public PlanSearch(PlanningInput input, PlanningOptions options, bool perByte)
    {
        this.input = input;
        this.options = options;
        this.perByte = perByte;
        Layout = new Layout(input, options);
        Eligibility = new Eligibility(input, options, Layout);
        GiveUpHopelessSteps();
    }

    public Layout Layout { get; }

    public Eligibility Eligibility { get; }

    /// <summary>The moves taken, in the order in which they were.</summary>
    public IReadOnlyList<PickedMove> Moves => moves;

    /// <summary>Bytes of all moves.</summary>
    public long Bytes => bytes;

    /// <summary>What is left over the limits, minutes × ratio.</summary>
    public double Excess => Layout.All.Sum(l => l.Excess(l.Sum));

    /// <summary>Why the search ended before everything was relieved, where a limit of the plan was the reason.</summary>
    public string? StoppedBy { get; private set; }

    /// <summary>Searches.</summary>
    public void Run()
    {
        while (Excess > 1e-9)
        {
            if (moves.Count >= options.MaxMoves)
            {
                StoppedBy = $"the plan already has {options.MaxMoves} moves, its limit";
                break;
            }

            if (Best() is not { } best)
            {
                break;
            }

            Take(best);
        }

        DropWhatIsNotNeeded();
    }

    /// <summary>Takes moves that somebody chose, as they are: a segment or shard that the map does not know, and a segment that is there already, are left out.</summary>
    public void TakeGiven(IEnumerable<Move> chosen)
    {
        foreach (var move in chosen)
        {
            var to = Array.FindIndex([.. Layout.Map.Shards], s => s.Id == move.To);
            if (to >= 0 && move.Segment.Value < input.SegmentBytes.Count && Layout.OwnerOf(move.Segment.Value) is >= 0 and var from && from != to)
            {
                Take(new PickedMove(move.Segment.Value, from, to));
            }
        }
    }

    private void Take(PickedMove move)
    {
        Layout.Apply(move.Segment, move.To);
        Eligibility.Book(move.Segment, move.To, 1);
        bytes += input.SegmentBytes[move.Segment];
        moves.Add(move);
    }

    private PickedMove? Best()
    {
        var candidates = Candidates();
        if (candidates.Count == 0)
        {
            return null;
        }

        if (perByte)
        {
            return candidates.OrderByDescending(c => c.Gain / (c.Bytes + MoveOverhead)).ThenBy(c => c.Fullness).ThenBy(c => c.Distance)
                .ThenBy(c => c.Move.Segment).ThenBy(c => c.Move.To).First().Move;
        }

        var enough = NearlyEqual * candidates.Max(c => c.Gain);
        return candidates.Where(c => c.Gain >= enough).OrderBy(c => c.Bytes).ThenBy(c => c.Fullness).ThenBy(c => c.Distance)
            .ThenByDescending(c => c.Gain).ThenBy(c => c.Move.Segment).ThenBy(c => c.Move.To).First().Move;
    }

    // What a move costs beside its bytes, as bytes that could have been copied meanwhile.
    private double MoveOverhead => options.SecondsPerMove * options.CopyBytesPerSecond;

    private List<Candidate> Candidates()
    {
        var found = new List<Candidate>();
        foreach (var segment in Segments())
        {
            if (bytes + input.SegmentBytes[segment] > options.MaxBytes)
            {
                StoppedBy = $"with segment {segment} the plan would copy more than {Words.Bytes(options.MaxBytes)}, its limit";
                continue;
            }

            var from = Layout.OwnerOf(segment);
            for (var to = 0; to < Layout.Shards.Length; to++)
            {
                if (Eligibility.WhyNotTo(segment, to) is not null)
                {
                    continue;
                }

                var effect = Layout.Try(segment, to);
                if (effect.Harmed is null && effect.Gain > 1e-6)
                {
                    // Utilisation in steps of a tenth: within one the nearer node is better.
                    found.Add(new Candidate(
                        new PickedMove(segment, from, to), effect.Gain, input.SegmentBytes[segment], (int)(10 * effect.Fullest), Eligibility.Distance(from, to)));
                }
            }
        }

        return found;
    }

    // Movable segments of whoever is over a limit, by what they weigh in the worst step.
    private IEnumerable<int> Segments()
    {
        var weights = new SortedDictionary<int, double>();
        var field = input.Scores.Field;
        foreach (var limited in Layout.All.Where(l => l.Excess(l.Sum) > 1e-9))
        {
            var worst = limited.PeakStep(k => limited.IsJudged(k) ? limited.Sum.Score(k) : 0);
            for (var s = 0; s < field.SegmentCount; s++)
            {
                if (RoleOf(limited, s) is { } role)
                {
                    weights[s] = Math.Max(weights.GetValueOrDefault(s), field.Means(role, s)[worst] / limited.Limit);
                }
            }
        }

        var taken = moves.Select(m => m.Segment).ToHashSet();
        return weights.Where(w => w.Value > 0 && !taken.Contains(w.Key) && Eligibility.WhyStays(w.Key) is null)
            .OrderByDescending(w => w.Value).ThenBy(w => w.Key).Take(SegmentsPerRound).Select(w => w.Key);
    }

    /// <summary>The role in which a shard or node carries a segment; null when it does not.</summary>
    public LoadRole? RoleOf(Limited limited, int segment)
    {
        var owner = Layout.OwnerOf(segment);
        if (owner < 0)
        {
            return null;
        }

        if (!limited.IsNode)
        {
            return ReferenceEquals(Layout.Shards[owner], limited) ? LoadRole.Lead : null;
        }

        foreach (var (node, role) in Layout.Roles[owner])
        {
            if (ReferenceEquals(Layout.Nodes[node], limited))
            {
                return role;
            }
        }

        return null;
    }

    // A shard whose immovable segments pass the threshold by themselves stays over it whatever leaves: moving the others away would only cost.
    private void GiveUpHopelessSteps()
    {
        var field = input.Scores.Field;
        for (var i = 0; i < Layout.Shards.Length; i++)
        {
            if (!Layout.Shards[i].Triggered)
            {
                continue;
            }

            var stays = new LoadSum(field);
            for (var s = 0; s < field.SegmentCount; s++)
            {
                if (Layout.OwnerOf(s) == i && (Eligibility.WhyStays(s) is not null || Eligibility.WhyTooHot(s) is not null))
                {
                    stays.Add(LoadRole.Lead, s);
                }
            }

            for (var k = 0; k < field.StepCount; k++)
            {
                if (stays.Score(k) > Layout.Shards[i].Limit)
                {
                    Layout.Shards[i].GiveUp(k);
                }
            }
        }
    }

    // The dearest first. A move is dropped when without it nothing is worse than with it: later moves may have done its work.
    private void DropWhatIsNotNeeded()
    {
        foreach (var move in moves.OrderByDescending(m => input.SegmentBytes[m.Segment]).ThenByDescending(m => m.Segment).ToArray())
        {
            var excess = Excess;
            Layout.Apply(move.Segment, move.From);
            if (Excess <= excess + 1e-6 && Layout.All.All(l => l.FirstHarm(l.Sum) < 0))
            {
                moves.Remove(move);
                Eligibility.Book(move.Segment, move.To, -1);
                bytes -= input.SegmentBytes[move.Segment];
            }
            else
            {
                Layout.Apply(move.Segment, move.To);
            }
        }
    }

    private readonly record struct Candidate(PickedMove Move, double Gain, long Bytes, int Fullness, int Distance);
}
