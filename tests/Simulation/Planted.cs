namespace ShardConsole.Simulation;

/// <summary>Bugs that can be planted by name, so that the checkers are seen to find them: <see cref="PlantedBug"/> says by which.</summary>
[Flags]
internal enum Planted : long
{
    None = 0,

    /// <summary>A source opens its segment again by itself.</summary>
    UnfreezeByTimer = 1L << 0,

    /// <summary>M commits although the target is not ready.</summary>
    CommitWithoutReady = 1L << 1,

    /// <summary>A write that is applied after Freeze is carried out.</summary>
    ApplyAfterFreeze = 1L << 2,

    /// <summary>A target takes a message behind a gap, and believes any digest.</summary>
    GapAcceptedWithoutDigest = 1L << 3,

    /// <summary>A ready target activates itself.</summary>
    ActivateWithoutCommit = 1L << 4,

    /// <summary>Whoever believes that it leads answers reads.</summary>
    ReadWithoutLease = 1L << 5,

    /// <summary>A source answers reads while the segment is closed or kept.</summary>
    ReadWhileFrozen = 1L << 6,

    /// <summary>A copy is dropped because the own map names another owner.</summary>
    DropByLocalDecision = 1L << 7,

    /// <summary>A voter grants a second candidate of a term.</summary>
    ForgetTheVote = 1L << 8,

    /// <summary>A voter grants a candidate whose log is shorter than its own.</summary>
    VoteForAShorterLog = 1L << 9,

    /// <summary>A leader counts what it sent as stored.</summary>
    CountSentAsStored = 1L << 10,

    /// <summary>A crash takes back what the disk had reported as safe.</summary>
    SkipFsync = 1L << 11,

    /// <summary>Answers go out before what they promise is persisted.</summary>
    AnswerBeforeFsync = 1L << 12,

    /// <summary>A client's write is acknowledged when it is proposed.</summary>
    AckBeforeCommit = 1L << 13,

    /// <summary>A voter that has just started votes at once, although its answer may be part of a lease.</summary>
    RestartedVoterInsideALease = 1L << 14,

    /// <summary>A leader measures its lease by a clock that stands still while its process is paused.</summary>
    LeaseStopsWhilePaused = 1L << 15,

    /// <summary>A proposal whose fate is unknown is answered "not executed".</summary>
    UnknownAsNotExecuted = 1L << 16,

    /// <summary>A follower serves reads.</summary>
    FollowerReads = 1L << 17,

    /// <summary>A write that was refused when applied is acknowledged: the gate is only where it is proposed.</summary>
    AckRefused = 1L << 18,

    /// <summary>A leader keeps its lease while it hands leadership over.</summary>
    LeaseKeptOnTransfer = 1L << 19,

    /// <summary>Voters forget what their answers to a leader promised.</summary>
    VoteAgainstPromise = 1L << 20,

    /// <summary>A restarted node does not know its term and vote.</summary>
    ForgetTheTerm = 1L << 21,

    /// <summary>Half of the voters count as a quorum.</summary>
    QuorumOfHalf = 1L << 22,

    /// <summary>A leader commits an entry of an older term as soon as a majority holds it (Raft's figure 8).</summary>
    CommitOfOlderTerm = 1L << 23,

    /// <summary>A lease is believed for a while longer than it lasts.</summary>
    ServeAfterLeaseExpiry = 1L << 24,

    /// <summary>A source forwards a write that is only proposed.</summary>
    ForwardBeforeCommit = 1L << 25,

    /// <summary>The effects of a message of the stream are lost, its place in the stream is not.</summary>
    StreamEffectsLost = 1L << 26,

    /// <summary>A target is activated in an epoch that was there before.</summary>
    ReuseAnEpoch = 1L << 27,

    /// <summary>A voter whose log lost its end goes on voting.</summary>
    ShortenedLogVotes = 1L << 28,

    /// <summary>A replica decides expiry by its own clock.</summary>
    ExpireByOwnClock = 1L << 29,

    /// <summary>The half of a transaction that a crash left is taken for whole.</summary>
    TornTransactionKept = 1L << 30,

    /// <summary>A node whose folder was wiped comes back under its old name.</summary>
    WipedNodeKeepsItsName = 1L << 31,

    /// <summary>A replica that was deleted and opened again votes before it knows what it knew, and in any term.</summary>
    ReopenedReplicaVotes = 1L << 32,

    /// <summary>A repair is taken over whatever was written to its segment since it was read, and writes do not wait for it.</summary>
    RepairUnderWrites = 1L << 33,

    /// <summary>A replica that was deleted and opened again votes before it knows what it knew.</summary>
    ReopenedReplicaVotesAtOnce = 1L << 34,

    /// <summary>An order to open a group that comes late brings a deleted copy back.</summary>
    LateOrderReopens = 1L << 35,
}
