using ShardConsole.NodeAgent.AntiEntropy.Core;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Replicas.Core;

namespace ShardConsole.Simulation;

/// <summary>One run of the simulator; everything follows from the seed.</summary>
internal sealed record SimOptions(int Seed)
{
    public const int SegmentCount = 64;

    /// <summary>Names of the profiles of faults.</summary>
    public static readonly string[] Profiles = ["plain", "chaos", "disk", "network", "clock", "migration", "replicas", "churn", "wipe", "integrity", "connections", "joins"];

    /// <summary>Nodes, 1 to 9; each leads one shard and holds a replica of every group, or of some where replicas are replaced.</summary>
    public int Nodes { get; init; } = 3;

    /// <summary>Nodes see connections end: those from a process that was killed, and others for no reason.</summary>
    public bool ConnectionsEnd { get; init; }

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

    /// <summary>The nodes fall apart in two halves, and a leader is cut off at the moment of its election or of handing over.</summary>
    public bool Splits { get; init; }

    /// <summary>Append messages hold one entry each.</summary>
    public bool SmallMessages { get; init; }

    /// <summary>Keys with an expiry are written and deleted by it.</summary>
    public bool Expires { get; init; }

    /// <summary>Folders are wiped: the node is gone for ever, and another one joins in its place.</summary>
    public bool Wipes { get; init; }

    /// <summary>A voter restarts at the moment when its leader is cut off.</summary>
    public bool Squeezes { get; init; }

    /// <summary>Replicas of shards come and go.</summary>
    public bool Replaces { get; init; }

    /// <summary>Nodes join with a shard of their own, and are emptied with it again.</summary>
    public bool Joins { get; init; }

    /// <summary>Founders run older versions at first, which read fewer kinds of M's commands, and are replaced by the newest one after the other.</summary>
    public bool Upgrades { get; init; }

    /// <summary>Nodes that join at most; each brings one shard, and numbers are never given again.</summary>
    public int MaxJoins => Joins ? 3 : 0;

    /// <summary>Where replicas come and go, a change of one shard's begins every so many milliseconds on average.</summary>
    public int ReplaceEveryMs { get; init; } = 900;

    /// <summary>Copies are changed behind their log's back, one replica of each shard; comparisons must find and repair it.</summary>
    public bool Corrupts { get; init; }

    public AntiEntropyOptions Checks { get; init; } = new() { PeriodMs = 1200, RepeatMs = 60, ProbeMs = 600, CompareMs = 1500, HoldMs = 200, RepairMs = 600 };

    /// <summary>Replicas of each shard when the cluster is founded.</summary>
    public int ReplicationFactor => Replaces ? Math.Min(3, Nodes) : Nodes;

    public ReplicaOptions Replicas { get; init; } = new() { RepeatMs = 100, CaughtUpLag = 8, ReplaceDeadMs = 0 };

    /// <summary>Name of the profile from which it was made.</summary>
    public string Profile { get; init; } = "plain";

    /// <summary>Repeats the run.</summary>
    public string Command =>
        $"--seed {Seed} --nodes {Nodes} --steps {DisturbedMs} --profile {Profile}{(Planted == Planted.None ? "" : $" --planted {Planted}")}";

    /// <summary>Any fault beside loss, partitions and crashes.</summary>
    public bool Hinders => DiskFaults || Pauses || Clocks || Transfers || Squeezes || Splits;

    /// <summary>A migration begins every so many milliseconds on average.</summary>
    public int MigrationEveryMs { get; init; } = 400;
    public Planted Planted { get; init; }

    public MigrationOptions Migration { get; init; } = new() { MaxLogEntries = 64, WindowMessages = 8, AskMs = 500, TargetSilenceMs = 3000, StallMs = 6000 };

    public SegmentRules Rules => Planted == Planted.None ? SegmentRules.Standard : new BrokenRules(Planted);

    /// <summary>The faults of a profile; null: there is no profile of that name.</summary>
    public static SimOptions? Of(string profile, int seed) => Faults(profile, seed) is { } options ? options with { Profile = profile } : null;

    private static SimOptions? Faults(string profile, int seed) => profile switch
    {
        "plain" => new SimOptions(seed),
        "chaos" => new SimOptions(seed)
        {
            DiskFaults = true, Pauses = true, Clocks = true, Transfers = true, Squeezes = true, Splits = true, Expires = true, SmallMessages = seed % 2 == 0,
        },
        "disk" => new SimOptions(seed) { DiskFaults = true, Partitions = false, Loss = 0, Duplicate = 0, Expires = true },
        "network" => new SimOptions(seed) { Crashes = false, Flapping = true, Loss = 0.08, Duplicate = 0.08, Transfers = true, Splits = true, SmallMessages = seed % 2 == 0 },
        "clock" => new SimOptions(seed) { Pauses = true, Clocks = true, Transfers = true, Squeezes = true, Expires = true },
        "migration" => new SimOptions(seed) { Transfers = true, MigrationEveryMs = 150, Expires = true },
        "connections" => new SimOptions(seed) { ConnectionsEnd = true, Pauses = true, Clocks = true, Transfers = true, Flapping = seed % 2 == 0, Replaces = seed % 3 == 0 },
        "replicas" => new SimOptions(seed) { DiskFaults = true, Pauses = true, Clocks = true, Transfers = true, Squeezes = true, Replaces = true, Expires = true },
        "churn" => new SimOptions(seed) { Transfers = true, Replaces = true, ReplaceEveryMs = 120, Flapping = seed % 2 == 0, MigrationEveryMs = 2000 },
        "wipe" => new SimOptions(seed)
        {
            Transfers = true, Replaces = true, Wipes = true, Expires = true,
            Replicas = new ReplicaOptions { RepeatMs = 100, CaughtUpLag = 8, ReplaceDeadMs = 800 },
        },
        "joins" => new SimOptions(seed)
        {
            Transfers = true, Pauses = true, Clocks = true, Replaces = true, Joins = true, Upgrades = true, Expires = true, MigrationEveryMs = 150,
            Replicas = new ReplicaOptions { RepeatMs = 100, CaughtUpLag = 8, ReplaceDeadMs = seed % 3 == 0 ? 800 : 0 },
        },
        "integrity" => new SimOptions(seed) { DiskFaults = true, Pauses = true, Clocks = true, Transfers = true, Corrupts = true, MigrationEveryMs = int.MaxValue },
        _ => null,
    };

    public RaftRules RaftRules => Planted is Planted.QuorumOfHalf or Planted.CommitOfOlderTerm ? new BrokenRaftRules(Planted) : RaftRules.Standard;

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

    private sealed class BrokenRaftRules(Planted planted) : RaftRules
    {
        public override int Majority(int voters) => planted.HasFlag(Planted.QuorumOfHalf) ? (voters + 1) / 2 : base.Majority(voters);

        public override bool MayCommit(ulong entryTerm, ulong term) => planted.HasFlag(Planted.CommitOfOlderTerm) || base.MayCommit(entryTerm, term);
    }

    private sealed class BrokenMetaRules : MetaRules
    {
        public override bool MayCommit(MigrationRecord record, ulong readyIndex) => record.IsOpen && record.Admitted;
    }
}
