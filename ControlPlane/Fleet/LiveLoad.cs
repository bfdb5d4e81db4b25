using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.History;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>
/// The load of the last moments (a moving mean over <see cref="IntakeOptions.LiveSeconds"/> real seconds), hot keys and the measured cost of
/// operations. Safe for concurrent use.
/// </summary>
internal sealed class LiveLoad(int segments, IntakeOptions options)
{
    private readonly Lock gate = new();
    private readonly Dictionary<LoadMetric, float[]> rates = [];
    private readonly HotKeySketch?[] hotKeys = new HotKeySketch?[segments];
    private readonly OperationCost cost = new();
    private readonly CostModel prices = new(segments);
    private readonly Dictionary<NodeId, NodeUse> uses = [];
    private double p99Micros;

    /// <summary>Last known keys and bytes.</summary>
    public SegmentLevels Levels { get; } = new(segments);

    /// <summary>Number of segments.</summary>
    public int Segments => segments;

    /// <summary>Real seconds that the present load is a mean over.</summary>
    public double Seconds => options.LiveSeconds;

    /// <summary>What operations of a segment cost, by the regression over all reports.</summary>
    public OperationPrices PricesOf(SegmentId segment)
    {
        lock (gate)
        {
            return prices.Of(segment.Value);
        }
    }

    /// <summary>The 99th percentile of service time, ms: of the segments' own, weighted by their operations. NaN while nothing was served.</summary>
    public double ClientP99Ms
    {
        get
        {
            lock (gate)
            {
                return p99Micros > 0 ? p99Micros / 1000 : double.NaN;
            }
        }
    }

    /// <summary>Costs of operations, µs.</summary>
    public (double Read, double Write, double Follow) Cost
    {
        get
        {
            lock (gate)
            {
                return cost.Current();
            }
        }
    }

    /// <summary>Takes a report that was turned into a slice.</summary>
    public void Add(LoadReport report, LoadSlice slice)
    {
        lock (gate)
        {
            var weight = 1 - Math.Exp(-report.BucketMs / 1000.0 / options.LiveSeconds);
            foreach (var (metric, values, covers) in slice.Metrics)
            {
                AddRates(Of(metric), values, covers, weight);
            }

            AddCost(report);
            AddLatency(report, weight);
            AddUse(report, weight);
            foreach (var sample in report.Samples)
            {
                if (sample.Segment.Value < segments && sample.Key is { Length: > 0 } key)
                {
                    (hotKeys[sample.Segment.Value] ??= new HotKeySketch(options.HotKeys, options.HotKeySamples)).Add(key);
                }
            }
        }
    }

    /// <summary>Present rate (level for Keys and DataBytes) per segment; NaN where nothing was reported.</summary>
    public float[] Now(LoadMetric metric)
    {
        lock (gate)
        {
            return (float[])Of(metric).Clone();
        }
    }

    /// <summary>A node's own use, as a moving mean; null before its first report.</summary>
    public NodeUse? UseOf(NodeId node)
    {
        lock (gate)
        {
            return uses.GetValueOrDefault(node);
        }
    }

    /// <summary>The hottest keys of a segment.</summary>
    public IReadOnlyList<HotKey> HotKeys(SegmentId segment, int count)
    {
        lock (gate)
        {
            return hotKeys[segment.Value]?.Top(count) ?? [];
        }
    }

    private static void AddRates(float[] means, float[] values, bool[] covers, double weight)
    {
        for (var i = 0; i < means.Length; i++)
        {
            if (covers[i] && !float.IsNaN(values[i]))
            {
                means[i] = float.IsNaN(means[i]) ? values[i] : means[i] + (float)(weight * (values[i] - means[i]));
            }
        }
    }

    private void AddCost(LoadReport report)
    {
        cost.Add(report.Segments.Sum(s => s.Reads), report.Segments.Sum(s => s.Writes), report.Segments.Sum(s => s.CpuMicros));
        foreach (var load in report.Segments)
        {
            if (load.Segment.Value < segments)
            {
                prices.Add(load.Segment.Value, new Operations(load.Reads, load.Writes, (load.BytesIn + load.BytesOut) / 1024.0), load.CpuMicros);
            }
        }

        var writes = Of(LoadMetric.Writes);
        double followed = 0, spent = 0;
        foreach (var load in report.Segments)
        {
            if (load.FollowerCpuMicros > 0 && writes[load.Segment.Value] > 0)
            {
                followed += writes[load.Segment.Value] * report.BucketMs / 1000.0;
                spent += load.FollowerCpuMicros;
            }
        }

        if (followed > 0)
        {
            cost.AddFollower(followed, spent);
        }
    }

    private void AddUse(LoadReport report, double weight)
    {
        var use = report.Status.Use;
        uses[report.Node] = !uses.TryGetValue(report.Node, out var mean) ? use : new NodeUse(
            mean.CpuMillicores + (weight * (use.CpuMillicores - mean.CpuMillicores)),
            use.MemoryBytes,
            mean.DiskBytesPerSecond + (weight * (use.DiskBytesPerSecond - mean.DiskBytesPerSecond)),
            mean.NetworkBytesPerSecond + (weight * (use.NetworkBytesPerSecond - mean.NetworkBytesPerSecond)));
    }

    private void AddLatency(LoadReport report, double weight)
    {
        double operations = 0, sum = 0;
        foreach (var load in report.Segments)
        {
            operations += load.Reads + load.Writes;
            sum += (load.Reads + load.Writes) * (double)load.LatencyP99Micros;
        }

        if (operations > 0)
        {
            p99Micros = p99Micros == 0 ? sum / operations : p99Micros + (weight * ((sum / operations) - p99Micros));
        }
    }

    private float[] Of(LoadMetric metric)
    {
        if (!rates.TryGetValue(metric, out var means))
        {
            means = rates[metric] = new float[segments];
            Array.Fill(means, float.NaN);
        }

        return means;
    }
}
