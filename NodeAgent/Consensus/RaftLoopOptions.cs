namespace ShardConsole.NodeAgent.Consensus;

/// <summary>Limits and pace of the raft loop.</summary>
internal sealed class RaftLoopOptions
{
    /// <summary>Length of a tick, milliseconds.</summary>
    public int TickMs { get; set; } = 50;

    /// <summary>Ticks between heartbeats.</summary>
    public int HeartbeatTicks { get; set; } = 2;

    /// <summary>Shortest election timeout, ticks; drawn from 1 to 2 times this.</summary>
    public int ElectionTicks { get; set; } = 14;

    /// <summary>Items taken from the inbox before the cores' work is gathered.</summary>
    public int MaxItemsPerRound { get; set; } = 8192;

    /// <summary>A commit waits for proposals of clients that were just answered until none came for this time, microseconds.</summary>
    public int GatherIdleMicros { get; set; } = 50;

    /// <summary>Longest that a commit waits for such proposals in all, microseconds.</summary>
    public int MaxGatherMicros { get; set; } = 2000;

    /// <summary>Messages from peers that may wait; more are dropped (Raft repeats them).</summary>
    public int MaxInboxMessages { get; set; } = 65_536;

    /// <summary>Proposals that may wait in one group for their commit; more are refused as busy.</summary>
    public int MaxWaitingPerGroup { get; set; } = 65_536;

    /// <summary>How long a write whose leader lost its leadership waits for the next leader to tell its end before its client hears "unknown", milliseconds.</summary>
    public int LostWaitMs { get; set; } = 5000;

    /// <summary>Bytes of checkpoints that go into one transaction beside the logs.</summary>
    public long MaxStepBytesPerBatch { get; set; } = 2 << 20;

    /// <summary>Log bytes of one group from which on a checkpoint round begins; it also waits until the log outgrows the dirty segments.</summary>
    public long MinLogBytes { get; set; } = 8 << 20;

    /// <summary>Log bytes of the meta group from which on its state is written and the log before it goes.</summary>
    public long MinMetaLogBytes { get; set; } = 1 << 20;

    /// <summary>Most times <see cref="MinLogBytes"/> that are kept for followers that are a little behind.</summary>
    public int MaxLogFactor { get; set; } = 4;

    /// <summary>Checkpoints of one shard that are being written at once.</summary>
    public int CheckpointsAtOnce { get; set; } = 4;

    /// <summary>Expired keys that one shard deletes per tick without being asked.</summary>
    public int ExpirePerTick { get; set; } = 200;

    /// <summary>A follower serves READONLY reads when it heard from its leader within this time, milliseconds.</summary>
    public int FollowerStalenessMs { get; set; } = 1000;

    /// <summary>Pause between two looks whether leadership should return to the preferred leader, milliseconds.</summary>
    public int ReturnLeadershipMs { get; set; } = 1000;

    /// <summary>Entries that the preferred leader may lack when leadership returns to it.</summary>
    public ulong ReturnLeadershipLag { get; set; } = 1000;

    /// <summary>Bytes of the database's write-ahead log from which on it is moved into the database.</summary>
    public long MaxWalBytes { get; set; } = 128 << 20;

    /// <summary>Pause before a commit that failed because the disk is full is tried again, milliseconds.</summary>
    public int DiskFullRetryMs { get; set; } = 250;
}
