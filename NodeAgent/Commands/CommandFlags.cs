namespace ShardConsole.NodeAgent.Commands;

/// <summary>What a command is, as COMMAND tells it to clients and as routing and access checks read it.</summary>
[Flags]
internal enum CommandFlags
{
    None = 0,

    /// <summary>May change data: goes through the shard's log.</summary>
    Write = 1 << 0,

    /// <summary>Looks at data and changes none.</summary>
    ReadOnly = 1 << 1,

    /// <summary>May add data: refused over the memory limit.</summary>
    DenyOom = 1 << 2,

    /// <summary>For operators.</summary>
    Admin = 1 << 3,

    /// <summary>Allowed before AUTH.</summary>
    NoAuth = 1 << 4,

    /// <summary>Takes constant or logarithmic time.</summary>
    Fast = 1 << 5,

    /// <summary>Not for scripts.</summary>
    NoScript = 1 << 6,

    /// <summary>Answered while the node is loading.</summary>
    Loading = 1 << 7,

    /// <summary>Answered by a replica whose data may be old.</summary>
    Stale = 1 << 8,

    /// <summary>May take long: runs on a worker of its own, never on a thread that completes socket operations.</summary>
    Slow = 1 << 9,

    /// <summary>A write whose reply may be as large as a value: no further command of the connection is begun before it is answered.</summary>
    LargeReply = 1 << 10,

    /// <summary>About the connection only.</summary>
    Connection = 1 << 11,

    /// <summary>Dangerous in the sense of Redis's access control categories.</summary>
    Dangerous = 1 << 12,

    /// <summary>Keeps the connection's ASKING mark.</summary>
    Asking = 1 << 13,
}
