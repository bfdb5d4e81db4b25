using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.History;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>Turns a node's counts into rates of all segments for which the node speaks.</summary>
internal static class ReportSlice
{
    private static readonly LoadMetric[] LeaderMetrics = [LoadMetric.Cpu, LoadMetric.Reads, LoadMetric.Writes, LoadMetric.BytesIn, LoadMetric.BytesOut];

    /// <summary>
    /// The slice of a report. Counts become rates per real second, whatever the pace of model time: that is what the node felt.
    /// A segment of a shard that the node leads (or follows) and that the report does not list is a true zero; one of which no node speaks stays a gap.
    /// </summary>
    /// <param name="report">A checked report.</param>
    /// <param name="map">The map by which the node's replicas hold segments.</param>
    /// <param name="from">Start of the bucket, model time.</param>
    /// <param name="to">Its end.</param>
    /// <param name="levels">Last known keys and bytes per segment; kept up to date here, since a report names a level only when it may have changed.</param>
    public static LoadSlice Of(LoadReport report, ShardMap map, DateTimeOffset from, DateTimeOffset to, SegmentLevels levels)
    {
        var slice = new LoadSlice(from, to, map.SegmentCount);
        var (leads, follows) = Roles(report);
        for (var i = 0; i < map.SegmentCount; i++)
        {
            if (leads.Contains(map.Owners[i]))
            {
                Array.ForEach(LeaderMetrics, m => slice.Add(m, i, 0, covers: true));
            }
            else if (follows.Contains(map.Owners[i]))
            {
                slice.Add(LoadMetric.FollowerCpu, i, 0, covers: true);
            }
        }

        var seconds = report.BucketMs / 1000.0;
        foreach (var load in report.Segments)
        {
            AddCounts(slice, load, seconds);
            if (load.Keys >= 0)
            {
                levels.Set(load.Segment, load.Keys, Math.Max(0, load.DataBytes));
            }
        }

        for (var i = 0; i < map.SegmentCount; i++)
        {
            if (leads.Contains(map.Owners[i]) && levels.TryGet(i, out var keys, out var bytes))
            {
                slice.Add(LoadMetric.Keys, i, keys, covers: true);
                slice.Add(LoadMetric.DataBytes, i, bytes, covers: true);
            }
        }

        return slice;
    }

    private static void AddCounts(LoadSlice slice, SegmentLoad load, double seconds)
    {
        var i = load.Segment.Value;

        // A count without leadership happens in the bucket of a change: the load was real, the rest of the bucket is another node's to report.
        var served = load.Keys >= 0;
        slice.Add(LoadMetric.Cpu, i, load.CpuMicros / 1000.0 / seconds, served);
        slice.Add(LoadMetric.Reads, i, load.Reads / seconds, served);
        slice.Add(LoadMetric.Writes, i, load.Writes / seconds, served);
        slice.Add(LoadMetric.BytesIn, i, load.BytesIn / seconds, served);
        slice.Add(LoadMetric.BytesOut, i, load.BytesOut / seconds, served);
        if (load.FollowerCpuMicros > 0)
        {
            slice.Add(LoadMetric.FollowerCpu, i, load.FollowerCpuMicros / 1000.0 / seconds, covers: true);
        }
    }

    private static (HashSet<ShardId> Leads, HashSet<ShardId> Follows) Roles(LoadReport report)
    {
        var leads = new HashSet<ShardId>();
        var follows = new HashSet<ShardId>();
        foreach (var replica in report.Status.Replicas)
        {
            (FleetNode.Leads(replica) ? leads : follows).Add(replica.Shard);
        }

        return (leads, follows);
    }
}
