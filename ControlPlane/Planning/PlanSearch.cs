using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Planning;

/// <summary>A move as the search has it: indexes of the segment and of the shards.</summary>
internal readonly record struct PickedMove(int Segment, int From, int To);

/// <summary>A transfer of leadership as the search has it: indexes of the shard and of the nodes.</summary>
internal readonly record struct PickedTransfer(int Shard, int From, int To);

/// <summary>
/// Search over whole plans, the cheapest actions first: transfers of leadership where they relieve a node, then greedily the best move (of a segment, or of a clump as one) until nobody is over a limit or nothing helps, then swaps and chains of two where single moves
/// were stuck, then every move that turns out not to be needed is dropped and dear ones are replaced by cheaper ones. Tried by greatest relief and by
/// relief per byte; the caller keeps the better plan. Its budget counts moves looked at, never time, so the same input gives the same plan.
/// </summary>
internal sealed partial class PlanSearch
{
    /// <summary>Candidates this close to the best relief count as equal, and the cheaper one wins.</summary>
    private const double NearlyEqual = 0.9;

    /// <summary>Segments looked at per round: those that weigh most where it hurts.</summary>
    private const int SegmentsPerRound = 192;

    /// <summary>Emptiest targets looked at per round at first; all of them where none of these helps.</summary>
    private const int TargetsPerRound = 24;

    /// <summary>Shards and nodes over their limits looked at per round: the worst.</summary>
    private const int SourcesPerRound = 16;

    private readonly PlanningInput input;
    private readonly PlanningOptions options;
    private readonly bool perByte;
    private readonly List<PickedMove> moves = [];
    private readonly bool[] taken;
    private readonly HashSet<Limited> stuck = [];
    private readonly List<PickedTransfer> transfers = [];
    private readonly PlanClumps clumps;
    private readonly double[] weights;
    private readonly List<int> weighed = [];
    private Limited[]? open;
    private (int Count, long Version, int[] Shards) emptiest = (0, -1, []);
    private double cut;
    private long bytes;

    public PlanSearch(PlanningInput input, PlanningOptions options)
        : this(input, options, perByte: false, new Layout(input, options)) => GiveUpHopelessSteps();

    private PlanSearch(PlanningInput input, PlanningOptions options, bool perByte, Layout layout)
    {
        this.input = input;
        this.options = options;
        this.perByte = perByte;
        Layout = layout;
        Eligibility = new Eligibility(input, options, Layout);
        clumps = new PlanClumps(input.Links);
        weights = new double[Layout.Map.SegmentCount];
        taken = new bool[Layout.Map.SegmentCount];
    }

    public Layout Layout { get; }

    public Eligibility Eligibility { get; }

    /// <summary>The moves taken; after <see cref="Run"/> those first whose source passes its limit first.</summary>
    public IReadOnlyList<PickedMove> Moves => moves;

    /// <summary>The transfers of leadership taken; they come before the moves.</summary>
    public IReadOnlyList<PickedTransfer> Transfers => transfers;

    /// <summary>Bytes of all moves.</summary>
    public long Bytes => bytes;

    /// <summary>What is left over the limits, minutes × ratio.</summary>
    public double Excess => Layout.Excess;

    /// <summary>What the plan costs: its bytes, per move what could have been copied meanwhile, and what is torn apart (less what is brought together), as bytes.</summary>
    public double Cost => bytes + (moves.Count * MoveOverhead) + (options.BytesPerCoAccess * cut);

    /// <summary>What a move costs beside its bytes, as bytes that could have been copied meanwhile.</summary>
    public double MoveOverhead => options.SecondsPerMove * options.CopyBytesPerSecond;

    /// <summary>Moves looked at so far.</summary>
    public int Evaluations { get; private set; }

    /// <summary>Whether the budget is spent.</summary>
    public bool IsSpent => Evaluations >= options.MaxEvaluations;

    /// <summary>Why the search ended before everything was relieved, where a limit of the plan was the reason.</summary>
    public string? StoppedBy { get; private set; }

    /// <summary>Takes the transfers of leadership that help: the first part of a search.</summary>
    public void TransferLeaders() => new TransferSearch(this, input, options).Run();

    /// <summary>A search of its own that begins with the transfers taken here, before any move, and goes by relief per byte.</summary>
    public PlanSearch PerByte()
    {
        var copy = new PlanSearch(input, options, perByte: true, Layout.Copy()) { Evaluations = Evaluations };
        copy.transfers.AddRange(transfers);
        return copy;
    }

    /// <summary>Searches for moves and makes the plan small.</summary>
    public void Run()
    {
        Greedy();
        if (Excess > 1e-9 && StoppedBy is null)
        {
            new ChainSearch(this, input.SegmentBytes).Run();
        }

        DropWhatIsNotNeeded();
        Cheapen();
        Order();
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

    /// <summary>Takes transfers that somebody chose, as they are: what the map does not know, or is so already, is left out.</summary>
    public void TakeGiven(IEnumerable<LeaderTransfer> chosen)
    {
        foreach (var transfer in chosen)
        {
            if (Find(transfer) is { } found)
            {
                Take(found);
            }
        }
    }

    /// <summary>A plan's transfer in this layout; null where the map does not know it, or it is so already.</summary>
    public PickedTransfer? Find(LeaderTransfer transfer)
    {
        var shard = Array.FindIndex([.. Layout.Map.Shards], s => s.Id == transfer.Shard);
        var to = input.Scores.Members.ToList().FindIndex(m => m.Member.Id == transfer.To);
        return shard >= 0 && Layout.FollowersOf(shard).Contains(to) && Layout.LeaderOf(shard) is >= 0 and var from ? new PickedTransfer(shard, from, to) : null;
    }

    /// <summary>Takes a transfer of leadership.</summary>
    public void Take(PickedTransfer transfer)
    {
        open = null;
        Layout.Transfer(transfer.Shard, transfer.To);
        Eligibility.LeaderChanged(transfer.Shard);
        transfers.Add(transfer);
    }

    /// <summary>Takes a transfer of leadership back.</summary>
    public void Undo(PickedTransfer transfer)
    {
        open = null;
        Layout.Transfer(transfer.Shard, transfer.From);
        Eligibility.LeaderChanged(transfer.Shard);
        transfers.Remove(transfer);
    }

    /// <summary>Takes everything back.</summary>
    public void Clear()
    {
        Replace([]);
        foreach (var transfer in transfers.ToArray())
        {
            Undo(transfer);
        }
    }

    /// <summary>Takes a move.</summary>
    public void Take(PickedMove move)
    {
        open = null;
        cut += Eligibility.Cut(move.Segment, move.To);
        Layout.Apply(move.Segment, move.To);
        Eligibility.Book(move.Segment, move.To, 1);
        bytes += input.SegmentBytes[move.Segment];
        moves.Add(move);
        taken[move.Segment] = true;
    }

    /// <summary>Takes a move back.</summary>
    public void Undo(PickedMove move)
    {
        open = null;
        cut += Eligibility.Cut(move.Segment, move.From);
        Layout.Apply(move.Segment, move.From);
        Eligibility.Book(move.Segment, move.To, -1);
        bytes -= input.SegmentBytes[move.Segment];
        moves.Remove(move);
        taken[move.Segment] = false;
    }

    /// <summary>Replaces all moves taken.</summary>
    public void Replace(IReadOnlyList<PickedMove> others)
    {
        foreach (var move in moves.ToArray())
        {
            Undo(move);
        }

        foreach (var move in others)
        {
            Take(move);
        }

        Order();
    }

    /// <summary>How much excess a move would remove, counted as looked at; NaN where it would harm somebody.</summary>
    public double GainOf(int segment, int to)
    {
        Evaluations++;
        if (Layout.SurelyHarms(segment, to))
        {
            return double.NaN;
        }

        if (Layout.SureGain(segment, to) is { } gain)
        {
            return gain;
        }

        var effect = Layout.Try(segment, to);
        return effect.Harmed is null ? effect.Gain : double.NaN;
    }

    /// <summary>Whether the plan may copy this much more.</summary>
    public bool MayCopy(long more) => bytes + more <= options.MaxBytes;

    /// <summary>Counts a move that was looked at by taking it.</summary>
    public void Count() => Evaluations++;

    /// <summary>Whether the plan may get two more moves.</summary>
    public bool HasRoomForTwo => moves.Count + transfers.Count + 2 <= options.MaxMoves;

    /// <summary>Whether the plan may get one more action.</summary>
    public bool HasRoom => moves.Count + transfers.Count < options.MaxMoves;

    /// <summary>Segments of whoever is still over a limit after the greedy part gave up.</summary>
    public IReadOnlyList<int> StuckSegments(int count)
    {
        stuck.Clear();
        return Segments(count);
    }

    /// <summary>Whether a segment may still be moved by this plan, its size included.</summary>
    public bool MayMove(int segment) =>
        !taken[segment] && bytes + input.SegmentBytes[segment] <= options.MaxBytes && Eligibility.MayMove(segment);

    /// <summary>The emptiest shards, by the fullest of the shard and its nodes; all of them where there are no more.</summary>
    public int[] Targets(int count)
    {
        if (count >= Layout.Shards.Length)
        {
            return [.. Enumerable.Range(0, Layout.Shards.Length)];
        }

        if (emptiest.Count != count || emptiest.Version != Layout.Version)
        {
            emptiest = (count, Layout.Version, Emptiest.Of([.. Enumerable.Range(0, Layout.Shards.Length)], s => (Layout.FullnessOf(s), s), count));
        }

        return emptiest.Shards;
    }

    /// <summary>Movable segments of whoever is over a limit, by what they weigh in the worst step, the heaviest first.</summary>
    public IReadOnlyList<int> Segments(int count)
    {
        weighed.Clear();
        foreach (var limited in Open().Where(l => !stuck.Contains(l)).Take(SourcesPerRound))
        {
            Layout.WeighCarried(limited, limited.WorstStep(), weights, weighed);
        }

        weighed.RemoveAll(s =>
        {
            var stays = taken[s] || !Eligibility.MayMove(s);
            weights[s] = stays ? 0 : weights[s];
            return stays;
        });
        var heaviest = Emptiest.Of(weighed, s => (-weights[s], s), Math.Min(count, weighed.Count));
        foreach (var segment in weighed)
        {
            weights[segment] = 0;
        }

        return heaviest;
    }

    // Who is over a limit, the worst first; kept until something is taken or taken back.
    private Limited[] Open() => open ??= [.. Layout.All.Where(l => l.ExcessNow > 1e-9).OrderByDescending(l => l.ExcessNow)];

    // The most urgent first: plans are carried out in this order.
    private void Order()
    {
        int FirstOver(Limited limited)
        {
            var step = Array.FindIndex(limited.Before, score => score > limited.Limit);
            return step < 0 ? int.MaxValue : step;
        }

        int Urgency(PickedMove move) => Math.Min(FirstOver(Layout.Shards[move.From]), Layout.Roles[move.From].Select(r => FirstOver(Layout.Nodes[r.Node])).DefaultIfEmpty(int.MaxValue).Min());
        var ordered = moves.Select(m => (Move: m, Urgency: Urgency(m))).OrderBy(m => m.Urgency).ThenBy(m => m.Move.From).ThenBy(m => m.Move.Segment).Select(m => m.Move).ToArray();
        moves.Clear();
        moves.AddRange(ordered);
    }

    private void Greedy()
    {
        // Half of the budget is for this, spread over the moves that a plan may have; a small cluster is looked at as a whole.
        var breadth = Math.Max(96, options.MaxEvaluations / (4 * options.MaxMoves));
        while (Excess > 1e-9 && !IsSpent)
        {
            if (!HasRoom)
            {
                StoppedBy = $"the plan already has {options.MaxMoves} moves, its limit";
                return;
            }

            var targets = Math.Min(TargetsPerRound, Layout.Shards.Length);
            var segments = Segments(Math.Clamp(breadth / Math.Max(1, targets), 4, SegmentsPerRound));
            if (segments.Count == 0)
            {
                return;
            }

            var emptiest = Targets(targets);
            var best = Best(segments, _ => emptiest);
            if (best is null && targets < Layout.Shards.Length && !IsSpent)
            {
                best = Best(segments, from => [.. Layout.OpenTargets(from)]);
            }

            if (best is { } found)
            {
                foreach (var move in found)
                {
                    Take(move);
                }
            }
            else if (!GiveUpWorst())
            {
                return;
            }
        }
    }

    // In a large cluster the worst may be beyond help while others are not: the next round looks at those.
    private bool GiveUpWorst()
    {
        var left = Open().Where(l => !stuck.Contains(l)).ToArray();
        stuck.UnionWith(left.Take(SourcesPerRound));
        return left.Length > SourcesPerRound;
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
            foreach (var s in Layout.SegmentsOf(i))
            {
                if (!Eligibility.MayMove(s) || Eligibility.WhyTooHot(s) is not null)
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
}
