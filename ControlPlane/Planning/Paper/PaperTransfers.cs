using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Planning.Paper;

/// <summary>The moves of a paper cluster: a queue, kept in order but for those whose nodes are busy, and what runs. Rates are shared evenly; they change when a move begins or ends.</summary>
internal sealed class PaperTransfers(PaperOptions options, ShardMap map, IReadOnlySet<NodeId> alive)
{
    private readonly Dictionary<ShardId, NodeId> leaders = map.Shards.ToDictionary(s => s.Id, s => Placement.LeaderOf(s, alive));
    private readonly Dictionary<ShardId, NodeId[]> receivers = map.Shards.ToDictionary(s => s.Id, s => s.Replicas.Where(alive.Contains).ToArray());
    private readonly List<Waiting> waiting = [];
    private readonly List<Running> running = [];

    /// <summary>Moves that wait and run, in the order in which they were asked for.</summary>
    public IEnumerable<MoveUnderWay> UnderWay => running.Select(r => r.Move.Wanted).Concat(waiting.Select(w => w.Wanted)).Select(w => new MoveUnderWay(w.Segment, w.From, w.To));

    /// <summary>Whether a segment's move waits or runs.</summary>
    public bool Holds(SegmentId segment) => waiting.Any(w => w.Wanted.Segment == segment) || running.Any(r => r.Move.Wanted.Segment == segment);

    /// <summary>Takes a move into the queue.</summary>
    public void Ask(WantedMove move, long bytes, bool reversed, DateTimeOffset now) => waiting.Add(new Waiting(move, bytes, reversed, now));

    /// <summary>Carries on for some time.</summary>
    /// <param name="copied">Adds the bytes that each node copied (sent as the source's leader, received as a replica of the target).</param>
    /// <returns>Moves that ended, in the order of their ends.</returns>
    public List<PaperMove> Advance(DateTimeOffset from, TimeSpan span, Dictionary<NodeId, double> copied)
    {
        var ended = new List<PaperMove>();
        var (now, left) = (0.0, span.TotalSeconds);
        while (left > 0)
        {
            Start(from.AddSeconds(now));
            if (running.Count == 0)
            {
                break;
            }

            var rates = running.Select(Rate).ToArray();
            var next = Math.Min(left, running.Select((r, i) => r.Remaining(rates[i])).Min());
            for (var i = 0; i < running.Count; i++)
            {
                Count(copied, running[i], running[i].Carry(next, rates[i]));
            }

            now += next;
            left -= next;
            foreach (var done in running.Where(r => r.IsDone).ToArray())
            {
                running.Remove(done);
                ended.Add(done.Made(from.AddSeconds(now)));
            }
        }

        return ended;
    }

    /// <summary>What still runs when the run ends.</summary>
    public IEnumerable<PaperMove> Unfinished() => running.Select(r => r.Made(null));

    private void Start(DateTimeOffset now)
    {
        for (var i = 0; i < waiting.Count && running.Count < options.MovesAtOnce;)
        {
            var move = waiting[i];
            if (Busy(leaders[move.Wanted.From]) || Busy(leaders[move.Wanted.To]))
            {
                i++;
                continue;
            }

            waiting.RemoveAt(i);
            running.Add(new Running(move, now, options.SecondsPerMove));
        }
    }

    private bool Busy(NodeId node) => running.Count(r => Leads(r, node)) >= options.MovesPerNode;

    private bool Leads(Running move, NodeId node) => leaders[move.Move.Wanted.From] == node || leaders[move.Move.Wanted.To] == node;

    private double Rate(Running move)
    {
        var share = Math.Max(running.Count(r => Leads(r, leaders[move.Move.Wanted.From])), running.Count(r => Leads(r, leaders[move.Move.Wanted.To])));
        return Math.Min(options.NodeBytesPerSecond / share, options.ClusterBytesPerSecond / running.Count);
    }

    private void Count(Dictionary<NodeId, double> copied, Running move, double bytes)
    {
        foreach (var node in receivers[move.Move.Wanted.To].Append(leaders[move.Move.Wanted.From]))
        {
            copied[node] = copied.GetValueOrDefault(node) + bytes;
        }
    }

    private sealed record Waiting(WantedMove Wanted, long Bytes, bool Reversed, DateTimeOffset AskedAt);

    // First the seconds beside the copying, then the bytes. Bytes below one and nanoseconds are rounding.
    private sealed class Running(Waiting move, DateTimeOffset startedAt, double seconds)
    {
        private double seconds = seconds;
        private double bytes = move.Bytes;

        public Waiting Move => move;

        public bool IsDone => seconds <= 1e-9 && bytes < 0.5;

        public double Remaining(double rate) => seconds + (bytes / rate);

        public double Carry(double time, double rate)
        {
            var beside = Math.Min(seconds, time);
            seconds -= beside;
            var copies = Math.Min(bytes, (time - beside) * rate);
            bytes -= copies;
            return copies;
        }

        public PaperMove Made(DateTimeOffset? endedAt) => new(
            move.Wanted.Segment, move.Wanted.From, move.Wanted.To, endedAt is null ? (long)(move.Bytes - bytes) : move.Bytes, move.AskedAt, startedAt, endedAt, move.Reversed);
    }
}
