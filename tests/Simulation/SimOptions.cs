using ShardConsole.NodeAgent.Migration.Core;

namespace ShardConsole.Simulation;

/// <summary>Bugs that can be planted, so that the checkers are seen to find them.</summary>
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
}

/// <summary>One run of the simulator; everything follows from the seed.</summary>
internal sealed record SimOptions(int Seed)
{
    public const int Nodes = 3;
    public const int Shards = 3;
    public const int SegmentCount = 64;

    /// <summary>Virtual time under disturbance.</summary>
    public int DisturbedMs { get; init; } = 8000;

    /// <summary>Virtual time after healing within which all must come to rest.</summary>
    public int HealedMs { get; init; } = 60_000;

    public double Loss { get; init; } = 0.02;
    public double Duplicate { get; init; } = 0.02;
    public bool Crashes { get; init; } = true;
    public bool Partitions { get; init; } = true;
    public int Clients { get; init; } = 5;
    public Planted Planted { get; init; }

    public MigrationOptions Migration { get; init; } = new() { MaxLogEntries = 64, WindowMessages = 8, AskMs = 500, TargetSilenceMs = 3000, StallMs = 6000 };

    public SegmentRules Rules => Planted == Planted.None ? SegmentRules.Standard : new BrokenRules(Planted);

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

        public override bool Differs(NodeAgent.Storage.BucketDigest held, NodeAgent.Storage.BucketDigest named) =>
            !planted.HasFlag(Planted.GapAcceptedWithoutDigest) && base.Differs(held, named);
    }

    private sealed class BrokenMetaRules : MetaRules
    {
        public override bool MayCommit(MigrationRecord record, ulong readyIndex) => record.IsOpen && record.Admitted;
    }
}
