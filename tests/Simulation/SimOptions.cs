using ShardConsole.NodeAgent.AntiEntropy.Core;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Replicas.Core;

namespace ShardConsole.Simulation;

/// <summary>Bugs that can be planted by name, so that the checkers are seen to find them.</summary>
[Flags]
internal enum Planted
{
    None = 0,
    UnfreezeByTimer = 1,
    CommitWithoutReady = 2,
    ApplyAfterFreeze = 4,
    GapAcceptedWithoutDigest = 8,
    ActivateWithoutCommit = 16,
    ReadWithoutLease = 32,
    ReadWhileFrozen = 64,
    DropByLocalDecision = 128,

    /// <summary>A voter grants a second candidate of a term.</summary>
    ForgetTheVote = 1 << 8,

    /// <summary>A voter grants a candidate whose log is shorter than its own.</summary>
    VoteForAShorterLog = 1 << 9,

    /// <summary>A leader counts what it sent as stored.</summary>
    CountSentAsStored = 1 << 10,

    /// <summary>A crash takes back what the disk had reported as safe.</summary>
    SkipFsync = 1 << 11,

    /// <summary>Answers go out before what they promise is persisted.</summary>
    AnswerBeforeFsync = 1 << 12,

    /// <summary>A client's write is acknowledged when it is proposed.</summary>
    AckBeforeCommit = 1 << 13,

    /// <summary>A voter that has just started votes at once, although its answer may be part of a lease.</summary>
    RestartedVoterInsideALease = 1 << 14,

    /// <summary>A leader measures its lease by a clock that stands still while its process is paused.</summary>
    LeaseStopsWhilePaused = 1 << 15,

    /// <summary>A proposal whose fate is unknown is answered "not executed".</summary>
    UnknownAsNotExecuted = 1 << 16,

    /// <summary>A follower serves reads.</summary>
    FollowerReads = 1 << 17,

    /// <summary>A write that was refused when applied is acknowledged: the gate is only where it is proposed.</summary>
    AckRefused = 1 << 18,

    /// <summary>A leader keeps its lease while it hands leadership over.</summary>
    LeaseKeptOnTransfer = 1 << 19,

    /// <summary>Voters forget what their answers to a leader promised.</summary>
    VoteAgainstPromise = 1 << 20,

    /// <summary>A restarted node does not know its term and vote.</summary>
    ForgetTheTerm = 1 << 21,

    /// <summary>A repair is taken over whatever was written to its segment since it was read, and writes do not wait for it.</summary>
    RepairUnderWrites = 1 << 22,
}

/// <summary>One run of the simulator; everything follows from the seed.</summary>
internal sealed record SimOptions(int Seed)
{
    public const int SegmentCount = 64;

    /// <summary>Names of the profiles of faults.</summary>
    public static readonly string[] Profiles = ["chaos", "disk", "network", "clock", "migration", "replicas", "integrity"];

    /// <summary>Nodes, 1 to 9; each leads one shard and holds a replica of every group, or of some where replicas are replaced.</summary>
    public int Nodes { get; init; } = 3;

    /// <summary>Virtual time under disturbance.</summary>
    public int DisturbedMs { get; init; } = 8000;

    /// <summary>Virtual time after healing within which all must come to rest.</summary>
    public int HealedMs { get; init; } = 60_000;

    public double Loss { get; init; } = 0.02;
    public double Duplicate { get; init; } = 0.02;
    public bool Crashes { get; init; } = true;
    public bool Partitions { get; init; } = true;
    public int Clients { get; init; } = 5;

    /// <summary>Cuts come and go every few milliseconds.</summary>
    public bool Flapping { get; init; }

    /// <summary>Disks are slow or full for a while, or fail an fsync, which ends the process.</summary>
    public bool DiskFaults { get; init; }

    /// <summary>Processes stand still for a while.</summary>
    public bool Pauses { get; init; }

    /// <summary>Clocks run at different speed, and wall clocks jump.</summary>
    public bool Clocks { get; init; }

    /// <summary>Leadership is handed over.</summary>
    public bool Transfers { get; init; }

    /// <summary>A voter restarts at the moment when its leader is cut off.</summary>
    public bool Squeezes { get; init; }

    /// <summary>Replicas of shards come and go.</summary>
    public bool Replaces { get; init; }

    /// <summary>Copies are changed behind their log's back, one replica of each shard; comparisons must find and repair it.</summary>
    public bool Corrupts { get; init; }

    public AntiEntropyOptions Checks { get; init; } = new() { PeriodMs = 1200, RepeatMs = 60, ProbeMs = 600, CompareMs = 1500, HoldMs = 200, RepairMs = 600 };

    /// <summary>Replicas of each shard when the cluster is founded.</summary>
    public int ReplicationFactor => Replaces ? Math.Min(3, Nodes) : Nodes;

    public ReplicaOptions Replicas { get; init; } = new() { RepeatMs = 100, CaughtUpLag = 8, ReplaceDeadMs = 0 };

    /// <summary>Any fault beside loss, partitions and crashes.</summary>
    public bool Hinders => DiskFaults || Pauses || Clocks || Transfers || Squeezes;

    /// <summary>A migration begins every so many milliseconds on average.</summary>
    public int MigrationEveryMs { get; init; } = 400;
    public Planted Planted { get; init; }

    public MigrationOptions Migration { get; init; } = new() { MaxLogEntries = 64, WindowMessages = 8, AskMs = 500, TargetSilenceMs = 3000, StallMs = 6000 };

    public SegmentRules Rules => Planted == Planted.None ? SegmentRules.Standard : new BrokenRules(Planted);

    /// <summary>The faults of a profile; null: there is no profile of that name.</summary>
    public static SimOptions? Of(string profile, int seed) => profile switch
    {
        "chaos" => new SimOptions(seed) { DiskFaults = true, Pauses = true, Clocks = true, Transfers = true, Squeezes = true },
        "disk" => new SimOptions(seed) { DiskFaults = true, Partitions = false, Loss = 0, Duplicate = 0 },
        "network" => new SimOptions(seed) { Crashes = false, Flapping = true, Loss = 0.08, Duplicate = 0.08, Transfers = true },
        "clock" => new SimOptions(seed) { Pauses = true, Clocks = true, Transfers = true, Squeezes = true },
        "migration" => new SimOptions(seed) { Transfers = true, MigrationEveryMs = 150 },
        "replicas" => new SimOptions(seed) { DiskFaults = true, Pauses = true, Clocks = true, Transfers = true, Squeezes = true, Replaces = true },
        "integrity" => new SimOptions(seed) { DiskFaults = true, Pauses = true, Clocks = true, Transfers = true, Corrupts = true, MigrationEveryMs = int.MaxValue },
        _ => null,
    };

    public MetaRules MetaRules => Planted.HasFlag(Planted.CommitWithoutReady) ? new BrokenMetaRules() : MetaRules.Standard;

    private sealed class BrokenRules(Planted planted) : SegmentRules
    {
        public override bool Serves(SegmentReplica segment) =>
            base.Serves(segment) || (planted.HasFlag(Planted.ApplyAfterFreeze) && segment.State == SegmentState.Frozen);

        public override ImportCursor? Accept(SegmentReplica segment, ulong migration, StreamMessage message)
        {
            var cursor = base.Accept(segment, migration, message);
            return cursor is null && planted.HasFlag(Planted.GapAcceptedWithoutDigest) && segment.State == SegmentState.Importing && segment.Migration == migration && !segment.Ready
                && !segment.Cursor.IsNone && message is StreamEffects effects && effects.Index > segment.Cursor.Index
                ? segment.Cursor with { Index = effects.Index }
                : cursor;
        }

        public override bool MayRepair(SegmentReplica segment, ulong lastIndex) =>
            planted.HasFlag(Planted.RepairUnderWrites) ? Serves(segment) : base.MayRepair(segment, lastIndex);

        public override bool Differs(NodeAgent.Storage.BucketDigest held, NodeAgent.Storage.BucketDigest named) =>
            !planted.HasFlag(Planted.GapAcceptedWithoutDigest) && base.Differs(held, named);
    }

    private sealed class BrokenMetaRules : MetaRules
    {
        public override bool MayCommit(MigrationRecord record, ulong readyIndex) => record.IsOpen && record.Admitted;
    }
}
