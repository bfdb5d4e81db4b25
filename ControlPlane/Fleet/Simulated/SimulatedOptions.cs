using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Fleet.Simulated;

/// <summary>The fleet of a game day: nodes that exist on paper only. Section "Simulated"; read with --fleet simulated.</summary>
internal sealed class SimulatedOptions
{
    /// <summary>Section of appsettings.json.</summary>
    public const string Section = "Simulated";

    /// <summary>Nodes, 1..1000.</summary>
    public int Nodes { get; set; } = 100;

    /// <summary>Segments, a power of two from 64 to 16384.</summary>
    public int Segments { get; set; } = 1024;

    /// <summary>Shards of each node, 1..64; at most 65535 in all.</summary>
    public int ShardsPerNode { get; set; } = 4;

    /// <summary>CPU of each node, thousandths of a core, 100..1000000.</summary>
    public int NodeCpuMillicores { get; set; } = 4000;

    /// <summary>What the whole fleet needs on average, as a ratio of its CPU, 0.01..0.9.</summary>
    public double EvenUse { get; set; } = 0.3;

    /// <summary>What the hot band needs at its highest, as a ratio of the fleet's CPU, 0..0.9. It falls on few shards: every twenty-fifth before noon, others after it.</summary>
    public double BandUse { get; set; } = 0.05;

    /// <summary>Data of each node, replicas counted, gigabytes, 0.001..10000.</summary>
    public double NodeGigabytes { get; set; } = 20;

    /// <summary>Model days of history that are generated at the first start, 1..28; 0: 14 with at most 1024 segments, fewer with more, but not less than 2.</summary>
    public int Days { get; set; }

    /// <summary>Real seconds between two reports of a node, 1..60; 0: 1 with at most 2048 segments, else 5.</summary>
    public int ReportSeconds { get; set; }

    /// <summary>Seed of everything that is drawn.</summary>
    public int Seed { get; set; } = 1;

    /// <summary>Days that are generated.</summary>
    public int HistoryDays => Days > 0 ? Days : Math.Clamp(14 * 1024 / Segments, 2, 14);

    /// <summary>Seconds between two reports.</summary>
    public int Period => ReportSeconds > 0 ? ReportSeconds : Segments <= 2048 ? 1 : 5;

    /// <summary>Sharding threshold where none is named, mcore: a fifth more than a shard's part of the comfort zone.</summary>
    public double DefaultThreshold => Math.Round(1.2 * 0.7 * NodeCpuMillicores / ShardsPerNode);

    /// <summary>All that is wrong with these options, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (Nodes is < 1 or > 1000)
        {
            yield return $"--nodes {Nodes} is outside 1..1000.";
        }

        if (!Slot.IsSegmentCount(Segments))
        {
            yield return $"--segments {Segments} is no power of two from 64 to {Slot.Count}.";
        }

        if (ShardsPerNode is < 1 or > 64 || (long)ShardsPerNode * Nodes > ushort.MaxValue)
        {
            yield return $"Simulated:ShardsPerNode {ShardsPerNode} is outside 1..64, or gives more than {ushort.MaxValue} shards on {Nodes} nodes.";
        }

        if (NodeCpuMillicores is < 100 or > 1_000_000)
        {
            yield return $"Simulated:NodeCpuMillicores {NodeCpuMillicores} is outside 100..1000000.";
        }

        if (EvenUse is not (>= 0.01 and <= 0.9) || BandUse is not (>= 0 and <= 0.9))
        {
            yield return $"Simulated:EvenUse {EvenUse} and BandUse {BandUse} must be 0.01..0.9 and 0..0.9.";
        }

        if (NodeGigabytes is not (>= 0.001 and <= 10_000))
        {
            yield return $"Simulated:NodeGigabytes {NodeGigabytes} is outside 0.001..10000.";
        }

        if (Days is < 0 or > 28 || ReportSeconds is < 0 or > 60)
        {
            yield return $"Simulated:Days {Days} and ReportSeconds {ReportSeconds} must be 0..28 and 0..60.";
        }
    }
}
