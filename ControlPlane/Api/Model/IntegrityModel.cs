using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Api.Model;

/// <summary>Whether every copy is the same, as far as it is known. Times are real time.</summary>
/// <param name="Shards">All shards, ascending.</param>
/// <param name="Checks">Comparisons that ended since the nodes started.</param>
/// <param name="Differences">Buckets in which replicas differed since then.</param>
/// <param name="Repaired">Buckets that were repaired since then.</param>
internal sealed record IntegrityView(
    IReadOnlyList<ShardIntegrityRow> Shards, IReadOnlyList<OrphanRow> Orphans, IReadOnlyList<MapDifferenceRow> Maps, long Checks, long Differences, long Repaired);

/// <summary>A shard's comparisons.</summary>
/// <param name="Leader">Who compares; empty while nobody leads.</param>
/// <param name="Step">What is being done; empty at rest.</param>
/// <param name="NextAt">When the next is due; null: on demand only, or unknown.</param>
/// <param name="Last">The newest; null: none since the nodes started.</param>
internal sealed record ShardIntegrityRow(ShardId Shard, string Leader, string Step, DateTimeOffset? NextAt, ComparisonRow? Last);

/// <summary>A comparison that has ended.</summary>
/// <param name="Index">Of the shard's log as of which the replicas were compared; 0 where it came to no comparison.</param>
/// <param name="Compared">Names of nodes whose replicas were compared.</param>
/// <param name="Silent">Names of nodes that did not answer.</param>
/// <param name="Differences">Buckets that differed.</param>
/// <param name="Repaired">Buckets that were repaired.</param>
/// <param name="Listed">The first of them.</param>
internal sealed record ComparisonRow(
    ShardId Shard, CheckOutcome Outcome, string Detail, string By, ulong Index, DateTimeOffset BeganAt, DateTimeOffset EndedAt, IReadOnlyList<string> Compared, IReadOnlyList<string> Silent,
    int Segments, long Buckets, long Keys, long ExchangedBytes, int Differences, int Repaired, IReadOnlyList<DifferenceRow> Listed);

/// <summary>A bucket in which replicas differed.</summary>
/// <param name="Bucket">-1: they differed in the segment's state, not in its data.</param>
/// <param name="Wrong">Names of nodes that did not hold what the majority did.</param>
/// <param name="Bytes">That the repair carried.</param>
/// <param name="Result">"repaired", or why not.</param>
internal sealed record DifferenceRow(SegmentId Segment, int Bucket, int BucketCount, IReadOnlyList<string> Wrong, long Bytes, string Result);

/// <summary>A segment that a group holds although another shard owns it and no migration explains it.</summary>
/// <param name="CanDrop">It is a copy that may go; what is Owned or Frozen never does.</param>
internal sealed record OrphanRow(SegmentId Segment, ShardId Holder, ShardId Owner, string State, ulong Migration, long Keys, long Bytes, DateTimeOffset Since, bool CanDrop);

/// <summary>A member whose map differs from the meta group's at the same epoch.</summary>
internal sealed record MapDifferenceRow(string Node, ulong Epoch, string Digest, string Expected);

/// <summary>The read side of integrity.</summary>
internal interface IIntegrityQueries
{
    /// <summary>How things stand.</summary>
    IntegrityView Integrity();

    /// <summary>Comparisons that ended while this control plane looked, newest first; the oldest are forgotten.</summary>
    IReadOnlyList<ComparisonRow> Comparisons();
}

/// <summary>What a person may do about integrity. Audited.</summary>
internal interface IIntegrityDesk
{
    /// <summary>Begins comparisons of one shard, or of all. Id of the outcome names the shards.</summary>
    Task<Outcome> CompareAsync(ShardId? shard, string by, string reason, CancellationToken cancellation);

    /// <summary>Drops an orphan. Nothing undoes it.</summary>
    Task<Outcome> DropOrphanAsync(SegmentId segment, string by, string reason, CancellationToken cancellation);
}
