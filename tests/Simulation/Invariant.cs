namespace ShardConsole.Simulation;

/// <summary>What a run checks. Each is a promise of its own, so that a planted bug is seen to be found by the one that it breaks.</summary>
internal enum Invariant
{
    /// <summary>An exception out of the product's code: it noticed by itself that something is missing, or it is broken.</summary>
    CoreCheck,

    /// <summary>At most one leader of a group in a term.</summary>
    OneLeaderPerTerm,

    /// <summary>Entries that are applied at one index are the same.</summary>
    LogMatching,

    /// <summary>A leader holds what was applied in earlier terms.</summary>
    LeaderCompleteness,

    /// <summary>At the moment when an entry is first applied, nobody who lacks it on its disk could win an election by what the disks of all hold.</summary>
    CommitSurvivesElection,

    /// <summary>A commit index never falls.</summary>
    CommitNeverFalls,

    /// <summary>When a leader is elected, no former one would still answer a read.</summary>
    LeaseExcludes,

    /// <summary>At most one group serves a segment.</summary>
    OneOwner,

    /// <summary>At most one group ever owns a segment in one epoch.</summary>
    OneOwnerPerEpoch,

    /// <summary>A migration is committed only when its target is ready.</summary>
    CommitNeedsReady,

    /// <summary>A target is activated only by a committed migration whose source is closed.</summary>
    ActivateNeedsCommit,

    /// <summary>A target is activated with exactly what its source has.</summary>
    TargetEqualsSource,

    /// <summary>A complete copy is what the source was at the copy's cursor.</summary>
    CopyEqualsSource,

    /// <summary>Some group holds the data of each segment.</summary>
    DataIsHeld,

    /// <summary>A write is acknowledged only when it is committed and carried out.</summary>
    AcknowledgedIsCommitted,

    /// <summary>A write that was answered "not executed" is never carried out.</summary>
    NotExecutedIsNotExecuted,

    /// <summary>A write is carried out once at most.</summary>
    ExecutedOnce,

    /// <summary>A read gives nothing older than what was acknowledged or read before it began, and nothing that nobody wrote.</summary>
    NoStaleRead,

    /// <summary>The history of each key is linearizable.</summary>
    Linearizable,

    /// <summary>State machines are equal at equal index.</summary>
    MachinesEqual,

    /// <summary>After healing all comes to rest, and at rest map, owners and replicas agree.</summary>
    Progress,

    /// <summary>A copy that was deleted comes back only by a newer change than the one that made it.</summary>
    DeletedStaysDeleted,

    /// <summary>M's log holds no command that some member cannot read.</summary>
    EveryMemberReads,

    /// <summary>A core raised an alarm for the operator.</summary>
    Alarm,
}
