using System.Globalization;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Scoring;

/// <summary>Overload that is there and was not foreseen: what a forecast must not keep from being answered.</summary>
internal static class Surprise
{
    /// <summary>
    /// The shard or node that measured load takes farthest over its limit although the forecast sees it inside now, in words; null where there is none. A segment that was
    /// not measured counts as forecast.
    /// </summary>
    public static string? Of(ScoreInput input, ScoringOptions options, LoadField field, IReadOnlySet<NodeId> alive)
    {
        var c = CultureInfo.InvariantCulture;
        var shards = input.Map.Shards.Select((s, i) => (s.Id, i)).ToDictionary(s => s.Id, s => s.i);
        var measured = new double[2, shards.Count];
        for (var s = 0; s < input.Map.SegmentCount; s++)
        {
            if (shards.TryGetValue(input.Map.Owners[s], out var shard))
            {
                measured[0, shard] += Load(input.Measured.Cpu, field.Means(LoadRole.Lead, s)[0], s);
                measured[1, shard] += Load(input.Measured.FollowerCpu, field.Means(LoadRole.Follow, s)[0], s);
            }
        }

        var over = new List<(double Ratio, string Words)>();
        foreach (var shard in input.Map.Shards)
        {
            var load = measured[0, shards[shard.Id]];
            if (load > options.ThresholdMillicores && Foreseen(field, Led(input.Map, shard.Id), 0) <= options.ThresholdMillicores)
            {
                over.Add((load / options.ThresholdMillicores, string.Create(c, $"{shard.Id} carries {load:0} mcore, threshold {options.ThresholdMillicores:0}")));
            }
        }

        foreach (var member in input.Members.Where(m => m.Alive && m.Member.Capacity.CpuMillicores > 0))
        {
            var limit = options.ComfortZone * member.Member.Capacity.CpuMillicores;
            double load = 0;
            foreach (var shard in input.Map.Shards)
            {
                load += Placement.RoleOf(member.Member.Id, shard, alive) is { } role ? measured[(int)role, shards[shard.Id]] : 0;
            }

            var basis = NodeScoring.Base(input, member, alive);
            if (load + basis > limit && Foreseen(field, NodeScoring.Hosted(input.Map, member.Member.Id, alive), basis) <= limit)
            {
                over.Add(((load + basis) / limit, string.Create(c, $"{member.Member.Name} carries {load + basis:0} mcore, comfort zone {limit:0}")));
            }
        }

        return over.Count == 0 ? null : over.MaxBy(o => o.Ratio).Words;
    }

    private static double Load(float[] values, float forecast, int segment) => segment < values.Length && float.IsFinite(values[segment]) ? Math.Max(0, values[segment]) : forecast;

    private static IEnumerable<(int Segment, LoadRole Role)> Led(ShardMap map, ShardId shard) =>
        Enumerable.Range(0, map.SegmentCount).Where(s => map.Owners[s] == shard).Select(s => (s, LoadRole.Lead));

    private static double Foreseen(LoadField field, IEnumerable<(int Segment, LoadRole Role)> carried, double basis)
    {
        var sum = new LoadSum(field, basis);
        foreach (var (segment, role) in carried)
        {
            sum.Add(role, segment);
        }

        return sum.Score(0);
    }
}
