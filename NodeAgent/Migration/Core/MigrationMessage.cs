using System.Collections.Immutable;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>A message between the leaders of two groups, addressed by group: the transport brings it to the node that it holds for the leader of <paramref name="To"/>. It may come late, twice or never.</summary>
internal sealed record ShardMessage(GroupId From, GroupId To, MigrationMessage Body);

/// <summary>Base of the messages between leaders; one sealed record per kind.</summary>
internal abstract record MigrationMessage;

/// <summary>Orders the attempts of a stream: the term of the source's leader, then its attempt. A target follows the highest that it has seen.</summary>
internal readonly record struct StreamTag(ulong Term, uint Attempt) : IComparable<StreamTag>
{
    /// <inheritdoc/>
    public int CompareTo(StreamTag other) => Term != other.Term ? Term.CompareTo(other.Term) : Attempt.CompareTo(other.Attempt);
}

/// <summary>Source to target: where do you stand? Begins an attempt; nothing is sent in it before the answer.</summary>
internal sealed record StreamProbe(ulong Migration, SegmentId Segment, StreamTag Tag) : MigrationMessage;

/// <summary>Source to target: the next message of the stream.</summary>
internal sealed record StreamData(ulong Migration, SegmentId Segment, StreamTag Tag, StreamMessage Message) : MigrationMessage;

/// <summary>Target to source: what the target's log has.</summary>
/// <param name="Importing">The segment is Importing(Migration) there; where not, the rest says nothing.</param>
/// <param name="Restarts">The attempt is over: answer to a probe, or a message did not fit. The stream goes on from <paramref name="Cursor"/>.</param>
/// <param name="Cursor">The committed position.</param>
/// <param name="VerifiedIndex">Newest marker at which all digests were equal; 0: none.</param>
/// <param name="Ready">Committed Ready.</param>
internal sealed record StreamAnswer(
    ulong Migration, SegmentId Segment, StreamTag Tag, bool Importing, bool Restarts, ImportCursor Cursor, ulong VerifiedIndex, bool Ready) : MigrationMessage
{
    /// <summary>99th percentile of the clients' latency at the target's node in its last second, microseconds; 0 where it has none.</summary>
    public int ClientP99Micros { get; init; }
}

/// <summary>Shard to M: which records name me, and what of the migrations that I hold? Answered after a read-index that M confirms later than the question.</summary>
/// <param name="Held">Migrations that the group's Importing, Frozen and Retained segments name.</param>
internal sealed record AskRecords(ulong Question, ImmutableArray<ulong> Held) : MigrationMessage;

/// <summary>M to shard.</summary>
/// <param name="Question">Of <see cref="AskRecords"/>.</param>
/// <param name="ReadIndex">M's applied index.</param>
/// <param name="Orders">Every record that names the shard or was asked for; a migration that was asked for and is not here has ended and is forgotten.</param>
/// <param name="Limits">What copying may take at this moment.</param>
internal sealed record RecordsAnswer(ulong Question, ulong ReadIndex, ImmutableArray<MigrationOrder> Orders, CopyLimits Limits) : MigrationMessage;

/// <summary>What copying may take.</summary>
/// <param name="StreamBytesPerSecond">Of one stream.</param>
/// <param name="NodeBytesPerSecond">Of all streams of one node.</param>
/// <param name="Halted">Nothing is copied.</param>
internal readonly record struct CopyLimits(long StreamBytesPerSecond, long NodeBytesPerSecond, bool Halted);

/// <summary>What a shard's leader needs to know of one of M's records. Everything in it but Paused is a committed fact and stays true.</summary>
/// <param name="Base">Of a rollback the migration that it undoes; else 0.</param>
/// <param name="Admitted">It has a place among those under way.</param>
/// <param name="Epoch">Epoch of its Commit; 0 before.</param>
internal sealed record MigrationOrder(
    ulong Id, SegmentId Segment, ShardId From, ShardId To, ulong Base, MigrationPhase Phase, bool Admitted, bool Paused, bool Verified, ulong Epoch, bool Activated,
    bool FromEnded, bool ToEnded);

/// <summary>Shard to M: please commit this. M's gate decides.</summary>
internal sealed record ProposeToMeta(MetaCommand Command) : MigrationMessage;

/// <summary>Source to M, about every second and when it matters; kept in memory only.</summary>
/// <param name="LagEntries">Entries that the target has not confirmed.</param>
/// <param name="LagBytes">Their bytes.</param>
/// <param name="ClosedMicros">How long the segment has been, or was, closed; 0 before Freeze.</param>
internal sealed record StreamProgress(
    ulong Migration, long CopiedKeys, long CopiedBytes, long TotalKeys, long TotalBytes, double BytesPerSecond, long LagEntries, long LagBytes, bool Verified, long ClosedMicros)
    : MigrationMessage
{
    /// <summary>Copy limit in force, bytes a second, with the guard's slow-down.</summary>
    public long AllowedBytesPerSecond { get; init; }

    /// <summary>Seconds until it is complete at the rate of the last seconds; null while that cannot be told.</summary>
    public double? EtaSeconds { get; init; }
}

/// <summary>
/// M to shard: these records have just changed. Each is quoted from an entry of M's log that is committed and applied, so it may be acted upon whenever and however often it
/// comes: it only spares the question that a hint would cause. An answer from before it is ignored.
/// </summary>
/// <param name="AppliedIndex">M's applied index.</param>
/// <param name="Orders">The records.</param>
/// <param name="Limits">What copying may take at this moment: a stream begins under them, not under those of the last answer.</param>
internal sealed record RecordsPushed(ulong AppliedIndex, ImmutableArray<MigrationOrder> Orders, CopyLimits Limits) : MigrationMessage;

/// <summary>Target to source: Activate is applied, the segment is served again. Only for measuring how long it was closed.</summary>
internal sealed record TargetServes(ulong Migration, SegmentId Segment) : MigrationMessage;

/// <summary>
/// Source to M, about every second while its node copies: how long clients wait there and at the targets. A message of its own, since those who do not know it leave it unread.
/// </summary>
/// <param name="P99Micros">The worse 99th percentile of the clients' latency in the last second, microseconds.</param>
internal sealed record ClientsWait(int P99Micros) : MigrationMessage;

/// <summary>M to source: how long the segment was closed is in M's log, or nobody asks any more; say it no more.</summary>
internal sealed record ClosedNoted(ulong Migration) : MigrationMessage;

/// <summary>M to shard: something that concerns you has changed; read it.</summary>
internal sealed record RecordsChanged : MigrationMessage
{
    public static readonly RecordsChanged Instance = new();
}
