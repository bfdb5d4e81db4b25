using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>The shards as the console shows them.</summary>
internal static class ShardRows
{
    /// <summary>One row per shard, ascending by id.</summary>
    public static IReadOnlyList<ShardRow> Of(FleetState state, LiveLoad? live, ScoreBoard? board, double threshold)
    {
        var cpu = live?.Now(LoadMetric.Cpu);
        var reads = live?.Now(LoadMetric.Reads);
        var writes = live?.Now(LoadMetric.Writes);
        var rows = new List<ShardRow>();
        foreach (var shard in state.Map.Shards)
        {
            var segments = SegmentsOf(state.Map, shard.Id);
            var score = board?.Reactive is null ? board?.Shards.FirstOrDefault(s => s.Shard == shard.Id) : null;
            var (keys, bytes) = Levels(live, segments);
            rows.Add(new ShardRow(
                shard.Id, Leader(state, shard), shard.PreferredLeader, shard.Replicas, segments.Count, keys, bytes,
                Zero(Sum(reads, segments)) + Zero(Sum(writes, segments)), Sum(cpu, segments), score?.Peak ?? double.NaN, score?.PeakAt, threshold, score?.CrossesAt));
        }

        return rows;
    }

    /// <summary>The segments that a shard owns.</summary>
    public static List<int> SegmentsOf(ShardMap map, ShardId shard) => [.. Enumerable.Range(0, map.SegmentCount).Where(i => map.Owners[i] == shard)];

    /// <summary>Sum over segments of what is known; NaN where nothing is.</summary>
    public static double Sum(float[]? values, List<int> segments)
    {
        var known = segments.Where(i => values is not null && i < values.Length && !float.IsNaN(values[i])).ToList();
        return known.Count == 0 ? double.NaN : known.Sum(i => (double)values![i]);
    }

    private static double Zero(double value) => double.IsNaN(value) ? 0 : value;

    private static NodeId Leader(FleetState state, ShardInfo shard) =>
        state.Nodes.Any(n => n.IsServing && n.Replicas.Any(r => r.Shard == shard.Id && FleetNode.Leads(r))) ? state.LeaderOf(shard.Id) : default;

    private static (long Keys, long Bytes) Levels(LiveLoad? live, List<int> segments)
    {
        long keys = 0, bytes = 0;
        foreach (var i in segments)
        {
            if (live is not null && i < live.Segments && live.Levels.TryGet(i, out var k, out var b))
            {
                keys += k;
                bytes += b;
            }
        }

        return (keys, bytes);
    }
}
