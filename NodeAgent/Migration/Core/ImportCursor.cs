using System.Collections.Immutable;
using System.Numerics;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>
/// Position of a target in the one ordered stream of a migration: an index of the source's log and the next bucket. Immutable; the rules by which the next message fits are
/// the same when it is proposed and when it is applied.
/// </summary>
/// <param name="Index">Index of the source's log up to which every effect on held buckets is taken.</param>
/// <param name="Next">Number of buckets that have come at least once: 0 .. BucketCount. As a bound of the hash (Next / BucketCount) it survives doubling.</param>
/// <param name="BucketCount">Buckets that the stream counts in, a power of two; 0 before the first chunk.</param>
/// <param name="Missing">Buckets below <paramref name="Next"/> that a digest showed to differ, ascending: effects on them are not taken until they are sent again.</param>
internal sealed record ImportCursor(ulong Index, int Next, int BucketCount, ImmutableArray<int> Missing)
{
    /// <summary>Most buckets that a stream may count in.</summary>
    public const int MaxBucketCount = 1 << 16;

    /// <summary>Nothing has come.</summary>
    public static readonly ImportCursor None = new(0, 0, 0, []);

    /// <summary>True before the first chunk.</summary>
    public bool IsNone => BucketCount == 0;

    /// <summary>True when every bucket is held.</summary>
    public bool IsComplete => !IsNone && Next == BucketCount && Missing.IsEmpty;

    /// <summary>Whether effects on a bucket are taken.</summary>
    public bool Holds(int bucket) => bucket < Next && Missing.BinarySearch(bucket) < 0;

    /// <summary>
    /// The cursor after a message, or null where the message does not fit: an effect only behind its previous index, a chunk only at the cursor's index and for the
    /// next bucket or one already received, a marker only at the cursor's index with all buckets, a restart only ahead. What digests find is not looked at here.
    /// </summary>
    public ImportCursor? After(StreamMessage message)
    {
        switch (message)
        {
            case StreamEffects effects:
                return !IsNone && effects.Previous == Index && effects.Index > Index ? this with { Index = effects.Index } : null;

            case StreamChunk chunk when IsNone:
                return chunk.Bucket == 0 && IsBucketCount(chunk.BucketCount) ? new ImportCursor(chunk.Index, 1, chunk.BucketCount, []) : null;

            case StreamChunk chunk:
                return chunk.Index == Index && chunk.Bucket >= 0 && Refined(chunk.BucketCount) is { } fine && chunk.Bucket < fine.BucketCount && chunk.Bucket <= fine.Next
                    ? fine with { Next = Math.Max(fine.Next, chunk.Bucket + 1), Missing = fine.Missing.Remove(chunk.Bucket) }
                    : null;

            case StreamMarker marker:
                return marker.Index == Index && marker.Digests.Length == marker.BucketCount && Refined(marker.BucketCount) is { } all && all.Next == all.BucketCount ? all : null;

            case StreamRestart restart:
                return !IsNone && restart.Index > Index && restart.Digests.Length == restart.BucketCount && Refined(restart.BucketCount) is { } moved
                    ? moved with { Index = restart.Index }
                    : null;

            default:
                return null;
        }
    }

    /// <summary>The same position counted in more buckets; null where the count is smaller or none.</summary>
    public ImportCursor? Refined(int bucketCount)
    {
        if (IsNone || !IsBucketCount(bucketCount) || bucketCount < BucketCount)
        {
            return null;
        }

        var times = bucketCount / BucketCount;
        return times == 1 ? this : this with
        {
            Next = Next * times,
            BucketCount = bucketCount,
            Missing = [.. Missing.SelectMany(b => Enumerable.Range(b * times, times))],
        };
    }

    /// <summary>True for a power of two from 1 to <see cref="MaxBucketCount"/>.</summary>
    public static bool IsBucketCount(int bucketCount) => bucketCount is >= 1 and <= MaxBucketCount && BitOperations.IsPow2(bucketCount);
}
