using System.Collections.Immutable;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Planning.Paper;

/// <summary>
/// Runs a cluster on paper, one step at a time: asks the policy, carries the moves on, adds up what every node bears (what it leads, what it follows, what copying costs it)
/// and judges it. A move relieves its source from the step after its end on. The same arguments give the same result.
/// </summary>
internal sealed class PaperRun
{
    /// <summary>How far back a policy sees measured load.</summary>
    private static readonly TimeSpan Recent = TimeSpan.FromMinutes(5);

    private readonly PaperCluster cluster;
    private readonly PaperLoads loads;
    private readonly IPaperPolicy policy;
    private readonly PaperOptions options;
    private readonly DateTimeOffset from;
    private readonly DateTimeOffset to;
    private readonly int columnTicks;
    private readonly MemberLoad[] members;
    private readonly PaperTransfers transfers;
    private readonly PaperBurden burden;
    private readonly List<PaperMove> ended = [];
    private readonly Dictionary<SegmentId, PaperMove> last = [];
    private readonly List<float[]> columns = [];
    private ShardMap map;
    private DateTimeOffset now;
    private int ticks;
    private double overload, violation, violated, worst, peak, sum;
    private long judged;

    /// <param name="columnTicks">Steps that are folded into one column of the result, at least 1.</param>
    /// <exception cref="ArgumentException">The options are not usable, or the sizes do not fit each other.</exception>
    public PaperRun(PaperCluster cluster, PaperLoads loads, IPaperPolicy policy, PaperOptions options, DateTimeOffset from, DateTimeOffset to, int columnTicks = 5)
    {
        if (options.Problems() is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(' ', problems));
        }

        if (cluster.SegmentBytes.Count != cluster.Map.SegmentCount || (loads.Lead.Count > 0 && loads.Lead[0].Length != cluster.Map.SegmentCount))
        {
            throw new ArgumentException($"The map has {cluster.Map.SegmentCount} segments, there are {cluster.SegmentBytes.Count} sizes and {(loads.Lead.Count > 0 ? loads.Lead[0].Length : 0)} loads.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(columnTicks, 1);
        (this.cluster, this.loads, this.policy, this.options, this.from, this.to, this.columnTicks) = (cluster, loads, policy, options, from, to, columnTicks);
        members = [.. cluster.Members.Select(m => new MemberLoad(m, !cluster.Lost.Contains(m.Id), null))];
        var alive = Placement.Alive(members);
        map = cluster.Map;
        now = from;
        transfers = new PaperTransfers(options, map, alive);
        burden = new PaperBurden(map, members, alive);
    }

    /// <summary>Share of the time that is done, 0..1.</summary>
    public double Progress => to <= from ? 1 : (now - from) / (to - from);

    /// <summary>One step; false when the end is reached.</summary>
    public bool Step()
    {
        if (now >= to)
        {
            return false;
        }

        Ask();
        var span = TimeSpan.FromSeconds(Math.Min(options.TickSeconds, (to - now).TotalSeconds));
        var copied = new Dictionary<NodeId, double>();
        var done = transfers.Advance(now, span, copied);
        Judge(burden.Of(loads, map.Owners, now), copied, span);
        foreach (var move in done)
        {
            ended.Add(move);
            last[move.Segment] = move;
        }

        if (done.Count > 0)
        {
            var owners = map.Owners.ToBuilder();
            foreach (var move in done)
            {
                owners[move.Segment.Value] = move.To;
            }

            map = map with { Epoch = map.Epoch + (ulong)done.Count, Owners = owners.ToImmutable() };
        }

        now += span;
        ticks++;
        return now < to;
    }

    /// <summary>Steps to the end.</summary>
    public PaperResult Finish()
    {
        while (Step())
        {
        }

        return Result();
    }

    /// <summary>What has become of the cluster so far.</summary>
    public PaperResult Result()
    {
        PaperMove[] all = [.. ended, .. transfers.Unfinished()];
        return new PaperResult(
            from, now, overload, violation, violated, worst, all.Sum(m => m.Bytes), all.Count(m => m.Reversed), peak, judged > 0 ? sum / judged : double.NaN, all,
            transfers.UnderWay.Count() - (all.Length - ended.Count), map, options.TickSeconds * columnTicks, columns);
    }

    private void Ask()
    {
        var past = ended.Where(m => m.EndedAt > now.AddHours(-options.ReversedWithinHours)).Select(m => new PastMove(m.Segment, m.From, m.To, m.EndedAt!.Value)).ToArray();
        var wanted = policy.Decide(new PaperMoment(now, map, members, cluster.SegmentBytes, [.. transfers.UnderWay], past, Measured()));
        foreach (var move in wanted.Where(w => map.OwnerOf(w.Segment) == w.From && w.From != w.To && !transfers.Holds(w.Segment)))
        {
            var reversed = last.TryGetValue(move.Segment, out var before) && before.From == move.To && before.EndedAt > now.AddHours(-options.ReversedWithinHours);
            transfers.Ask(move, cluster.SegmentBytes[move.Segment.Value], reversed, now);
        }
    }

    private MeasuredLoad Measured()
    {
        var (lead, follow) = (new float[map.SegmentCount], new float[map.SegmentCount]);
        var until = Math.Min(loads.Lead.Count - 1, loads.StepOf(now - TimeSpan.FromTicks(1)));
        for (var step = Math.Max(0, loads.StepOf(now - Recent)); step <= until; step++)
        {
            for (var s = 0; s < lead.Length; s++)
            {
                lead[s] = (float)Math.Max(lead[s], loads.Of(LoadRole.Lead, s, step));
                follow[s] = (float)Math.Max(follow[s], loads.Of(LoadRole.Follow, s, step));
            }
        }

        return new MeasuredLoad(lead, follow);
    }

    private void Judge(double[] mcore, Dictionary<NodeId, double> copied, TimeSpan span)
    {
        if (ticks % columnTicks == 0)
        {
            var column = new float[members.Length];
            Array.Fill(column, float.NaN);
            columns.Add(column);
        }

        var anyone = false;
        for (var n = 0; n < members.Length; n++)
        {
            var capacity = members[n].Member.Capacity.CpuMillicores;
            if (capacity <= 0 || !members[n].Alive)
            {
                continue;
            }

            var copying = copied.GetValueOrDefault(members[n].Member.Id) / 1e6 * options.CopyMillisecondsPerMegabyte / span.TotalSeconds;
            var utilisation = (mcore[n] + copying) / capacity;
            var violates = options.Queue.Violates(utilisation);
            overload += utilisation > options.ComfortZone ? span.TotalMinutes : 0;
            violation += violates ? span.TotalMinutes : 0;
            anyone |= violates;
            worst = Math.Max(worst, options.Queue.P99Ms(utilisation));
            peak = Math.Max(peak, utilisation);
            sum += utilisation;
            judged++;
            columns[^1][n] = float.IsNaN(columns[^1][n]) ? (float)utilisation : Math.Max(columns[^1][n], (float)utilisation);
        }

        violated += anyone ? span.TotalMinutes : 0;
    }
}
