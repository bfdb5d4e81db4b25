using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Scoring;

/// <summary>Score of a node: what it leads and follows, and the rest of its process.</summary>
internal static class NodeScoring
{
    /// <summary>The score of one member.</summary>
    public static NodeScore Score(
        ScoreInput input, ScoringOptions options, LoadField field, float[] trust, MemberLoad member, IReadOnlySet<NodeId> alive)
    {
        var node = member.Member.Id;
        var attributed = Attributed(input, node, alive);
        var baseLoad = Base(member, attributed);
        var sum = new LoadSum(field, baseLoad);
        double trustedLoad = 0, load = 0;
        foreach (var (segment, role) in Hosted(input.Map, node, alive))
        {
            sum.Add(role, segment);
            var weight = field.Means(role, segment)[0] + 1e-9;
            trustedLoad += weight * trust[segment];
            load += weight;
        }

        var capacity = member.Member.Capacity;
        var comfort = capacity.CpuMillicores > 0 ? options.ComfortZone * capacity.CpuMillicores : double.NaN;
        var scores = sum.Scores();
        var peak = Scorer.PeakStep(sum, field.StepCount);
        var (crosses, minutes) = Scorer.Over(field, scores, comfort);
        return new NodeScore(
            node, baseLoad, member.Use?.CpuMillicores ?? attributed ?? 0, scores, scores[peak],
            capacity.CpuMillicores > 0 ? scores[peak] / capacity.CpuMillicores : double.NaN, field.Starts[peak], crosses, minutes, comfort - scores[peak],
            Headroom(options, capacity.MemoryBytes, member.Use?.MemoryBytes),
            Headroom(options, capacity.DiskBytesPerSecond, member.Use?.DiskBytesPerSecond),
            Headroom(options, capacity.NetworkBytesPerSecond, member.Use?.NetworkBytesPerSecond),
            Scorer.Confidence(sum, peak, load > 0 ? trustedLoad / load : 1));
    }

    /// <summary>What a node's process uses now that no segment accounts for, mcore.</summary>
    public static double Base(ScoreInput input, MemberLoad member, IReadOnlySet<NodeId> alive) =>
        member.Use is null ? 0 : Base(member, Attributed(input, member.Member.Id, alive));

    // While nothing is attributed yet, all of the process would count as base, and again as the load that is forecast.
    private static double Base(MemberLoad member, double? attributed) =>
        member.Use is null || attributed is null ? 0 : Math.Max(0, member.Use.CpuMillicores - attributed.Value);

    /// <summary>Segments whose replicas a node holds, with its role.</summary>
    public static IEnumerable<(int Segment, LoadRole Role)> Hosted(ShardMap map, NodeId node, IReadOnlySet<NodeId> alive)
    {
        var roles = map.Shards.ToDictionary(s => s.Id, s => Placement.RoleOf(node, s, alive));
        for (var s = 0; s < map.SegmentCount; s++)
        {
            if (roles.TryGetValue(map.Owners[s], out var role) && role is not null)
            {
                yield return (s, role.Value);
            }
        }
    }

    private static double Headroom(ScoringOptions options, double capacity, double? use) =>
        capacity > 0 && use is not null ? (options.ComfortZone * capacity) - use.Value : double.NaN;

    // Measured load of what a node hosts; null when none of it was measured.
    private static double? Attributed(ScoreInput input, NodeId node, IReadOnlySet<NodeId> alive)
    {
        double? sum = null;
        foreach (var (segment, role) in Hosted(input.Map, node, alive))
        {
            var values = role == LoadRole.Lead ? input.Measured.Cpu : input.Measured.FollowerCpu;
            if (segment < values.Length && float.IsFinite(values[segment]))
            {
                sum = (sum ?? 0) + values[segment];
            }
        }

        return sum;
    }
}
