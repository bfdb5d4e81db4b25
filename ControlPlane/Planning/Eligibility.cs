using System.Globalization;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Planning;

/// <summary>Hard constraints: which segments may move at all, and which shards may take them. Every no has its words.</summary>
internal sealed class Eligibility
{
    private readonly PlanningInput input;
    private readonly PlanningOptions options;
    private readonly Layout layout;
    private readonly Dictionary<SegmentId, MoveUnderWay> underWay;
    private readonly Dictionary<SegmentId, PastMove> past = [];
    private readonly string?[] targetRefusals;
    private readonly sbyte[] mayMove;
    private readonly Dictionary<int, List<(int Partner, double Weight)>> links = [];

    // Bytes that moves taken so far bring to a node. What leaves it is not counted: it leaves later.
    private readonly long[] incoming;
    private readonly double[] room;

    public Eligibility(PlanningInput input, PlanningOptions options, Layout layout)
    {
        this.input = input;
        this.options = options;
        this.layout = layout;
        underWay = input.UnderWay.GroupBy(m => m.Segment).ToDictionary(g => g.Key, g => g.First());
        foreach (var move in input.Past)
        {
            if (!past.TryGetValue(move.Segment, out var known) || known.EndedAt < move.EndedAt)
            {
                past[move.Segment] = move;
            }
        }

        Constraints = new PlanConstraints(input.Constraints);
        mayMove = new sbyte[layout.Map.SegmentCount];
        incoming = new long[layout.Nodes.Length];
        room = [.. input.Scores.Nodes.Select(n => (double)n.MemoryHeadroomBytes)];
        foreach (var link in input.Links)
        {
            Link(link.One.Value, link.Other.Value, link.PerSecond);
            Link(link.Other.Value, link.One.Value, link.PerSecond);
        }

        targetRefusals = [.. layout.Map.Shards.Select(WhyNoTarget)];
    }

    /// <summary>To be called after another node leads a shard.</summary>
    public void LeaderChanged(int shard) => targetRefusals[shard] = WhyNoTarget(layout.Map.Shards[shard], shard);

    /// <summary>What operators have forbidden.</summary>
    public PlanConstraints Constraints { get; }

    /// <summary>Why a segment must stay for a reason that has nothing to do with its load; null when it may move.</summary>
    public string? WhyStays(int segment)
    {
        var id = new SegmentId((ushort)segment);
        if (layout.OwnerOf(segment) < 0)
        {
            return "the map names no shard for it";
        }

        if (underWay.TryGetValue(id, out var running))
        {
            return $"already moving to {running.To}; that counts as done";
        }

        if (Constraints.WhyPinned(id) is { } constraint)
        {
            return constraint;
        }

        if (input.Pinned.Contains(id))
        {
            return "pinned";
        }

        if (input.Only is not null && !input.Only.Contains(id))
        {
            return "not among the segments that this plan is for";
        }

        if (past.TryGetValue(id, out var last) && (input.Now - last.EndedAt).TotalMinutes < options.CoolDownMinutes)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"moved to {last.To} {(input.Now - last.EndedAt).TotalMinutes:0} minutes ago; it rests for {options.CoolDownMinutes:0} minutes");
        }

        return null;
    }

    /// <summary>True when <see cref="WhyStays"/> has nothing to say; kept per segment, because a search asks often.</summary>
    public bool MayMove(int segment)
    {
        if (mayMove[segment] == 0)
        {
            mayMove[segment] = (sbyte)(WhyStays(segment) is null ? 1 : -1);
        }

        return mayMove[segment] > 0;
    }

    /// <summary>True when <see cref="WhyNotTo"/> has nothing to say.</summary>
    public bool MayGo(int segment, int shard) =>
        targetRefusals[shard] is null && layout.OwnerOf(segment) != shard
            && (past.Count == 0 || !past.ContainsKey(new SegmentId((ushort)segment)) || WhyNotTo(segment, shard) is null) && HasRoom(segment, shard) && IsApartIn(segment, shard);

    /// <summary>Whether the constraints let a segment be in a shard beside those that are there.</summary>
    public bool IsApartIn(int segment, int shard) => WhyApart(segment, shard) is null;

    /// <summary>Co-access that a move to a shard would cut, less what it would join: links per second; negative when it brings a segment to its clump.</summary>
    public double Cut(int segment, int shard)
    {
        if (!links.TryGetValue(segment, out var partners))
        {
            return 0;
        }

        double cut = 0;
        foreach (var (partner, weight) in partners)
        {
            var owner = layout.OwnerOf(partner);
            cut += owner == layout.OwnerOf(segment) ? weight : owner == shard ? -weight : 0;
        }

        return cut;
    }

    /// <summary>Where a segment is too hot for any shard, in words; null when it would fit an empty one.</summary>
    public string? WhyTooHot(int segment)
    {
        var limit = (1 - options.Hysteresis) * input.Scores.ThresholdMillicores;
        var score = input.Scores.Segments[segment];
        return score.Peak > limit
            ? $"moving it would not help: alone it is predicted to reach {Words.Millicores(score.Peak)} at {Words.Time(score.PeakAt, input.Now)}, "
                + $"and no shard may carry more than {Words.Millicores(limit)} (threshold {Words.Number(input.Scores.ThresholdMillicores)} less {Words.Percent(options.Hysteresis)}); spread its keys or cache them"
            : null;
    }

    /// <summary>Why a shard can not take a segment, load aside; null when it can.</summary>
    public string? WhyNotTo(int segment, int shard)
    {
        if (layout.OwnerOf(segment) == shard)
        {
            return "it is there already";
        }

        if (targetRefusals[shard] is { } refusal)
        {
            return refusal;
        }

        var id = layout.Map.Shards[shard].Id;
        if (past.TryGetValue(new SegmentId((ushort)segment), out var last) && last.From == id
            && (input.Now - last.EndedAt).TotalMinutes < options.ReturnCoolDownMinutes)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"it came from {id} {(input.Now - last.EndedAt).TotalMinutes:0} minutes ago and does not go back for {options.ReturnCoolDownMinutes:0}");
        }

        return WhyApart(segment, shard) ?? WhyNoRoom(segment, shard);
    }

    /// <summary>Round-trip time between the leaders of two shards, microseconds; by zone where it was not measured.</summary>
    public int Distance(int from, int to)
    {
        var (a, b) = (layout.LeaderOf(from), layout.LeaderOf(to));
        if (a == b || a < 0 || b < 0)
        {
            return 0;
        }

        var (left, right) = (input.Scores.Members[a].Member, input.Scores.Members[b].Member);
        if (input.RoundTripMicros.TryGetValue((left.Id, right.Id), out var measured) && measured > 0)
        {
            return measured;
        }

        return left.Zone == right.Zone ? 500 : 2000;
    }

    /// <summary>Books the bytes of a taken move (<paramref name="sign"/> 1) or takes them off again (-1).</summary>
    public void Book(int segment, int shard, int sign)
    {
        foreach (var (node, _) in layout.Roles[shard])
        {
            incoming[node] += sign * input.SegmentBytes[segment];
        }
    }

    private void Link(int segment, int partner, double weight)
    {
        if (!links.TryGetValue(segment, out var partners))
        {
            links[segment] = partners = [];
        }

        partners.Add((partner, weight));
    }

    private string? WhyNoTarget(ShardInfo shard, int index)
    {
        var alive = shard.Replicas.Count(layout.Alive.Contains);
        if (alive * 2 <= shard.Replicas.Length)
        {
            return $"{shard.Id} has {alive} of {shard.Replicas.Length} replicas alive";
        }

        foreach (var replica in shard.Replicas)
        {
            if (input.Excluded.Contains(replica))
            {
                return $"{shard.Id} has a replica on {NameOf(replica)}, which takes nothing on";
            }

            if (Constraints.WhyExcluded(replica) is { } excluded)
            {
                return $"{shard.Id} has a replica on {NameOf(replica)}, which {excluded}";
            }
        }

        var leader = layout.LeaderOf(index);
        if (leader < 0)
        {
            return $"the leader of {shard.Id} is no member";
        }

        var score = input.Scores.Nodes[leader];
        if (score.DiskHeadroom < 0 || score.NetworkHeadroom < 0)
        {
            return $"{NameOf(score.Node)}, which leads {shard.Id}, is outside its comfort zone in {(score.DiskHeadroom < 0 ? "disk I/O" : "network")}";
        }

        return null;
    }

    private string? WhyApart(int segment, int shard)
    {
        var id = new SegmentId((ushort)segment);
        return input.Constraints.Count > 0 && Constraints.IsApart(id)
            ? Constraints.WhyApart(id, other => other.Value < layout.Map.SegmentCount && layout.OwnerOf(other.Value) == shard) : null;
    }

    private bool HasRoom(int segment, int shard)
    {
        foreach (var (node, _) in layout.Roles[shard])
        {
            if (input.SegmentBytes[segment] > room[node] - incoming[node])
            {
                return false;
            }
        }

        return true;
    }

    private string? WhyNoRoom(int segment, int shard)
    {
        var bytes = input.SegmentBytes[segment];
        foreach (var (node, _) in layout.Roles[shard])
        {
            var left = room[node] - incoming[node];
            if (bytes > left)
            {
                return $"{input.Scores.Members[node].Member.Name} has {Words.Bytes((long)Math.Max(0, left))} of memory left in its comfort zone, it needs {Words.Bytes(bytes)}";
            }
        }

        return null;
    }

    private string NameOf(NodeId node) =>
        input.Scores.Members.FirstOrDefault(m => m.Member.Id == node)?.Member.Name ?? node.ToString();
}
