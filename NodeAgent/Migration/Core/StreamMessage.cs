using System.Collections.Immutable;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>One message of the ordered stream from a migration's source to its target: true of the source's state at <paramref name="Index"/> of its log, for ever.</summary>
/// <param name="Index">The place in the source's log at which the message stands; the source had applied it.</param>
/// <param name="TimeMs">Group time of the source, Unix milliseconds.</param>
internal abstract record StreamMessage(ulong Index, long TimeMs);

/// <summary>What consecutive entries did, per key, as the source's apply produced it (<see cref="EffectCodec"/>): those after <paramref name="Previous"/> up to Index.</summary>
/// <param name="Previous">Index of the last entry before that touched the segment.</param>
/// <param name="Entries">Number of entries in it.</param>
internal sealed record StreamEffects(ulong Previous, ulong Index, long TimeMs, int Entries, ReadOnlyMemory<byte> Effects) : StreamMessage(Index, TimeMs);

/// <summary>One whole bucket, read at Index (<see cref="EffectCodec"/>, only sets): replaces what the target has in it.</summary>
internal sealed record StreamChunk(ulong Index, long TimeMs, int BucketCount, int Bucket, int Keys, ReadOnlyMemory<byte> Content) : StreamMessage(Index, TimeMs);

/// <summary>The digests of all buckets at Index.</summary>
/// <param name="Final">Index is that of Freeze: applying it with all buckets and equal digests is Ready.</param>
internal sealed record StreamMarker(ulong Index, long TimeMs, int BucketCount, ImmutableArray<BucketDigest> Digests, bool Final) : StreamMessage(Index, TimeMs);

/// <summary>Moves the cursor on to Index where the effects up to it are no longer kept; buckets whose digest differs are missing from then on.</summary>
internal sealed record StreamRestart(ulong Index, long TimeMs, int BucketCount, ImmutableArray<BucketDigest> Digests) : StreamMessage(Index, TimeMs);
