using System.Collections.Immutable;
using System.Text.Json.Serialization;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Shared.Contracts;

/// <summary>How a comparison of a shard's replicas ended. Append-only.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CheckOutcome>))]
public enum CheckOutcome : byte
{
    /// <summary>All replicas hold the same.</summary>
    Equal = 1,

    /// <summary>They differed, and after the repair they hold the same.</summary>
    Repaired = 2,

    /// <summary>They differ in something that could not be repaired: somebody must look.</summary>
    Unrepaired = 3,

    /// <summary>The replicas that answered hold the same; others did not answer, or the check was not carried through.</summary>
    Incomplete = 4,

    /// <summary>The leader's own copy was wrong: it handed over, and the new leader compares again and repairs it.</summary>
    HandedOver = 5,
}

/// <summary>One bucket of keys in which replicas differed.</summary>
/// <param name="Bucket">-1: they differed in the segment's state, not in its data.</param>
/// <param name="Wrong">Replicas that did not hold what the majority did; all of them where there was no majority.</param>
/// <param name="Bytes">Bytes that the repair carried; 0 where there was none.</param>
/// <param name="Result">"repaired", or why not, in a sentence.</param>
public sealed record DifferenceStatus(SegmentId Segment, int Bucket, int BucketCount, ImmutableArray<NodeId> Wrong, long Bytes, string Result);

/// <summary>A comparison of the replicas of a shard that has ended.</summary>
/// <param name="Index">Index of the shard's log as of which they were compared; 0 where it came to no comparison.</param>
/// <param name="By">Who asked for it.</param>
/// <param name="Detail">What there is to say beside the outcome; empty: nothing.</param>
/// <param name="Compared">Replicas that were compared, the leader included.</param>
/// <param name="Silent">Replicas that did not answer.</param>
/// <param name="Buckets">Buckets of the leader whose digests were compared.</param>
/// <param name="ExchangedBytes">Bytes of all questions and answers.</param>
/// <param name="Differences">Buckets that differed, all rounds together.</param>
/// <param name="Repaired">Buckets that were repaired.</param>
/// <param name="Listed">The first of them.</param>
public sealed record CheckReport(
    ulong Index, long BeganUnixMs, long EndedUnixMs, string By, CheckOutcome Outcome, string Detail, ImmutableArray<NodeId> Compared, ImmutableArray<NodeId> Silent,
    int Segments, long Buckets, long Keys, long ExchangedBytes, int Differences, int Repaired, ImmutableArray<DifferenceStatus> Listed);

/// <summary>A segment that a group holds although the meta group gives it to another shard and knows no open migration for it.</summary>
/// <param name="State">"Importing", "Retained", "Frozen" or "Owned". Only the first two can be dropped.</param>
/// <param name="Migration">That the state names.</param>
/// <param name="Owner">As the meta group has it.</param>
public sealed record OrphanStatus(SegmentId Segment, string State, ulong Migration, ShardId Owner, long Keys, long Bytes, long SinceUnixMs);

/// <summary>What a node knows of the equality of a shard's replicas.</summary>
/// <param name="Leads">It leads the shard: only then the rest but <paramref name="Last"/> is told.</param>
/// <param name="Step">"" at rest; else what is being done.</param>
/// <param name="NextUnixMs">When the next comparison is due; 0: only on demand.</param>
/// <param name="Last">The last that this node carried through, in whatever term; null: none since its start.</param>
public sealed record ShardIntegrity(
    ShardId Shard, bool Leads, string Step, long NextUnixMs, CheckReport? Last, ImmutableArray<OrphanStatus> Orphans);

/// <summary>A member whose map is not the meta group's although it names the same epoch.</summary>
public sealed record MapDifference(NodeId Node, ulong Epoch, ulong Digest, ulong Expected);

/// <summary>What one node knows of equality: <c>GET /v1/integrity</c>.</summary>
/// <param name="Shards">Of the shards that it leads or has compared.</param>
/// <param name="Maps">Members whose map differs; known where the meta group is led.</param>
/// <param name="Checks">Comparisons that ended here since the start.</param>
/// <param name="Differences">Buckets found to differ.</param>
/// <param name="Repaired">Buckets repaired.</param>
/// <param name="RepairedHere">Buckets of this node's own replicas that were repaired.</param>
public sealed record NodeIntegrity(
    ImmutableArray<ShardIntegrity> Shards, ImmutableArray<MapDifference> Maps, long Checks, long Differences, long Repaired, long RepairedHere);

/// <summary>Asks for a comparison now.</summary>
/// <param name="Shard">One shard, or the absent one (0) for all that the asked node leads.</param>
public sealed record StartCheck(ShardId? Shard, string By, string Reason);

/// <summary>Which comparisons begin.</summary>
/// <param name="Shards">Shards that the asked node leads and compares now.</param>
public sealed record CheckAnswer(ImmutableArray<ShardId> Shards);
