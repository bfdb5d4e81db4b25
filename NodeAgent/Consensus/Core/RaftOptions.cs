namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>Options of one <see cref="RaftCore"/>. Every queue and message has its limit here.</summary>
internal sealed record RaftOptions
{
    /// <summary>This replica; never 0.</summary>
    public required ulong Id { get; init; }

    /// <summary>Shortest election timeout in ticks; the drawn one is in [ElectionTicks, 2 ElectionTicks). At least 2, more than <see cref="HeartbeatTicks"/>.</summary>
    public int ElectionTicks { get; init; } = 10;

    /// <summary>Ticks between heartbeat rounds; at least 1.</summary>
    public int HeartbeatTicks { get; init; } = 1;

    /// <summary>Length of one tick in units of now (milliseconds).</summary>
    public int TickMs { get; init; } = 100;

    /// <summary>Draws the election timeouts.</summary>
    public required Random Random { get; init; }

    /// <summary>Append messages with entries on their way to one follower.</summary>
    public int MaxInflightMessages { get; init; } = 256;

    /// <summary>Bytes of entry data on their way to one follower; exceeded by at most one message.</summary>
    public long MaxInflightBytes { get; init; } = 8 << 20;

    /// <summary>Bytes of entry data in one append message; one larger entry travels alone.</summary>
    public int MaxMessageBytes { get; init; } = 1 << 20;

    /// <summary>Bytes of proposed entries that are not yet applied; beyond it proposals are refused. One entry is always taken.</summary>
    public long MaxUncommittedBytes { get; init; } = 64 << 20;

    /// <summary>Bytes of committed entries in one <see cref="Ready"/>; one larger entry comes alone.</summary>
    public long MaxCommittedBytes { get; init; } = 16 << 20;

    /// <summary>Read-index requests that wait for their round; beyond it they are refused.</summary>
    public int MaxPendingReads { get; init; } = 1 << 16;

    /// <summary>Ask before raising the term, so that a replica that was cut off disturbs nobody.</summary>
    public bool PreVote { get; init; } = true;

    /// <summary>A leader that has not heard from a quorum for an election timeout steps down; voters that hear a leader refuse others.</summary>
    public bool CheckQuorum { get; init; } = true;

    /// <summary>Leaders hold a lease. Needs <see cref="CheckQuorum"/>; voters keep what their answers promised whatever happens to their term.</summary>
    public bool LeaderLease { get; init; } = true;

    /// <summary>A voter that has just started grants no vote for one election timeout, unless it is the only voter or never answered anybody.</summary>
    public bool RestartGuard { get; init; } = true;

    /// <summary>
    /// A replica that was deleted and opened again does not know any more what it acknowledged and whom it voted for. It votes and campaigns only when its log reaches this
    /// index, at which it was no member any more: until then one of its former peers that still goes by the old configuration could win with its vote. 0: it was never here before.
    /// </summary>
    public ulong VotesFrom { get; init; }

    /// <summary>False: a configuration change is taken whether it fits or not; one that does not fit when it is applied changes nothing. For scripts.</summary>
    public bool ValidateChanges { get; init; } = true;

    /// <summary>The rules; others only in the simulator.</summary>
    public RaftRules Rules { get; init; } = RaftRules.Standard;

    /// <summary>Is told of every event of the core, in order, before the call that caused it returns; null: no trace. It must not call the core.</summary>
    public Action<RaftTraceEvent>? Trace { get; init; }

    /// <summary>A leader steps down when it applies the configuration that no longer lets it vote.</summary>
    public bool StepDownOnRemoval { get; init; } = true;

    /// <summary>Shortest election timeout in units of now: how long an answer to a leader binds a voter.</summary>
    public long ElectionMs => (long)ElectionTicks * TickMs;

    /// <summary>How long a lease runs from the sending of its round: 0.8 of the shortest election timeout, the rest is for clocks that run at different speed.</summary>
    public long LeaseMs => ElectionMs * 8 / 10;
}
