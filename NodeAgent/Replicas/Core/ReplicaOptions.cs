namespace ShardConsole.NodeAgent.Replicas.Core;

/// <summary>Limits and pace of changes of replicas.</summary>
internal sealed class ReplicaOptions
{
    /// <summary>Most replicas of one group.</summary>
    public const int MaxReplicas = 7;

    /// <summary>Most members of a cluster.</summary>
    public const int MaxMembers = 1024;

    /// <summary>Highest number of a shard: those above are kept for what is no Raft group.</summary>
    public const int MaxShardNumber = 65_000;

    /// <summary>Changes that have ended and are kept for the operator.</summary>
    public const int MaxEnded = 256;

    /// <summary>Entries that a learner may lack when it becomes a voter.</summary>
    public ulong CaughtUpLag { get; set; } = 256;

    /// <summary>Pause after which a question, a hint or a request that brought nothing is repeated, milliseconds.</summary>
    public int RepeatMs { get; set; } = 500;

    /// <summary>Changes that the meta group begins by itself, for drains and for dead nodes, at once; those that people ask for are not counted.</summary>
    public int MaxOwnChanges { get; set; } = 8;

    /// <summary>How long a node is dead before its replicas are put elsewhere, milliseconds; 0: never.</summary>
    public long ReplaceDeadMs { get; set; } = 600_000;
}
