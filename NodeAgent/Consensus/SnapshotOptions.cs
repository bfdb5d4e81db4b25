namespace ShardConsole.NodeAgent.Consensus;

/// <summary>Limits of sending snapshots to replicas that fell behind.</summary>
internal sealed class SnapshotOptions
{
    /// <summary>Bytes on their way to one receiver before its answers are awaited.</summary>
    public long WindowBytes { get; set; } = 8 << 20;

    /// <summary>A transfer that has not moved for so long is given up, milliseconds; Raft begins a new one.</summary>
    public int StallMs { get; set; } = 5000;

    /// <summary>Transfers that one node sends at once; more wait for Raft's next try.</summary>
    public int MaxTransfers { get; set; } = 4;

    /// <summary>Bytes of one snapshot that a receiver holds in memory until it is complete.</summary>
    public long MaxStagedBytes { get; set; } = 4L << 30;
}
