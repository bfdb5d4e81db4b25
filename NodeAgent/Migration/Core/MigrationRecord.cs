using System.Collections.Immutable;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>One migration in the meta group's state. Immutable; facts are only added.</summary>
/// <param name="Id">Index of the entry that began it.</param>
internal sealed record MigrationRecord(ulong Id, string PlanHash, int MoveNumber, SegmentId Segment, ShardId From, ShardId To)
{
    /// <summary>Of a rollback the migration that it undoes; else 0.</summary>
    public ulong Base { get; init; }

    /// <summary>The rollback that undoes it, or tried to; 0: none.</summary>
    public ulong RolledBackBy { get; init; }

    /// <summary>What was copied until both sides were equal; null before.</summary>
    public CopySummary? Copied { get; init; }

    public MigrationPhase Phase { get; init; } = MigrationPhase.Preparing;

    public bool Paused { get; init; }

    /// <summary>It has a place among those under way.</summary>
    public bool Admitted { get; init; }

    /// <summary>T has committed a marker with equal digests.</summary>
    public bool Verified { get; init; }

    /// <summary>Epoch that its Commit made; 0 before.</summary>
    public ulong Epoch { get; init; }

    /// <summary>Unix ms of the entry that noted T's Activate; 0 before.</summary>
    public long ActivatedUnixMs { get; init; }

    /// <summary>S has recorded the end.</summary>
    public bool FromEnded { get; init; }

    /// <summary>T has recorded the end.</summary>
    public bool ToEnded { get; init; }

    /// <summary>How long the segment was closed; 0 while not known.</summary>
    public long ClosedMicros { get; init; }

    /// <summary>Its phases, oldest first; at least the first.</summary>
    public ImmutableArray<PhaseEntry> Log { get; init; } = [];

    /// <summary>Before Commit and not aborted.</summary>
    public bool IsOpen => Phase.CanCancel();

    /// <summary>Its phase has ended: the groups clean up, the segment's next migration may begin. One that is rolled back is over: its rollback is what is under way.</summary>
    public bool IsOver => Phase is MigrationPhase.Cleaning or MigrationPhase.Aborting or MigrationPhase.RollingBack || Phase.IsEnded();

    /// <summary>It takes up a place: admitted, and the target does not serve yet. A rollback takes none: its copy is there already.</summary>
    public bool HoldsPlace => Admitted && Base == 0 && (IsOpen || (Phase == MigrationPhase.Retaining && ActivatedUnixMs == 0));

    /// <summary>Unix ms at which retention ends by itself; 0 where it is not retained. A rollback is not.</summary>
    public long RetainUntil(long retainSeconds) =>
        Phase == MigrationPhase.Retaining && ActivatedUnixMs != 0 ? ActivatedUnixMs + (Base != 0 ? 0 : retainSeconds * 1000) : 0;

    /// <summary>What a shard's leader is told.</summary>
    public MigrationOrder ToOrder() => new(Id, Segment, From, To, Base, Phase, Admitted, Paused, Verified, Epoch, ActivatedUnixMs != 0, FromEnded, ToEnded);

    /// <summary>In the words of the contract, with the progress that the source last reported.</summary>
    /// <param name="progress">Null where none is known: what was kept at the end of the copy is shown.</param>
    /// <param name="retainSeconds">Of the limits in force.</param>
    /// <param name="etaError">Median error of past predictions; null before the first.</param>
    public MigrationStatus ToStatus(StreamProgress? progress, long retainSeconds, double? etaError) => new(
        Id, PlanHash, MoveNumber, Segment, From, To, Phase, Paused, progress?.CopiedKeys ?? Copied?.Keys ?? 0, progress?.CopiedBytes ?? Copied?.Bytes ?? 0,
        progress?.TotalKeys ?? Copied?.Keys ?? 0, progress?.TotalBytes ?? Copied?.Bytes ?? 0, IsOpen ? progress?.BytesPerSecond ?? 0 : 0,
        IsOpen || Phase == MigrationPhase.Retaining ? progress?.LagEntries ?? 0 : 0, ClosedMicros != 0 ? ClosedMicros : progress?.ClosedMicros ?? 0, Log)
    {
        Base = Base,
        RolledBackBy = RolledBackBy,
        RetainUntilUnixMs = RetainUntil(retainSeconds),
        AllowedBytesPerSecond = IsOpen ? progress?.AllowedBytesPerSecond ?? 0 : 0,
        EtaSeconds = IsOpen && !Verified && !Paused ? progress?.EtaSeconds : null,
        EtaError = etaError,
        CopyMs = Copied?.Ms ?? 0,
        PredictedCopyMs = Copied?.PredictedMs ?? 0,
    };

    /// <summary>The record in another phase, with its row in the log.</summary>
    public MigrationRecord Enter(MigrationPhase phase, long unixMs, string by, ulong raftIndex, string reason) =>
        this with { Phase = phase, Log = Log.Add(new PhaseEntry(phase, unixMs, by, raftIndex, reason)) };

    /// <summary>The record with one more row in its log, phase unchanged.</summary>
    public MigrationRecord Note(long unixMs, string by, ulong raftIndex, string reason) =>
        this with { Log = Log.Add(new PhaseEntry(Phase, unixMs, by, raftIndex, reason)) };
}
