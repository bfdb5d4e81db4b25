using System.Buffers.Binary;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.AntiEntropy.Core;

/// <summary>What is known of one replica's tree at a check's index: asked from the root down, only where it differs from the leader's.</summary>
internal sealed class CopyQuestions(DigestPicture own, int segmentsPerQuestion)
{
    private readonly Dictionary<SegmentId, SegmentDigest> digests = [];
    private HashSet<SegmentId>? differing;
    private bool askedLeaves;

    /// <summary>The root is equal, or all that differs is known.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>It will never answer for this index.</summary>
    public bool IsLost { get; private set; }

    /// <summary>The next question; null: none.</summary>
    public AntiEntropyMessage? Next(GroupId group) =>
        IsKnown || IsLost ? null
        : !askedLeaves ? new AskRoot(group, own.Index)
        : differing is null ? new AskLeaves(group, own.Index)
        : new AskBuckets(group, own.Index, [.. differing.Where(s => !digests.ContainsKey(s)).Order().Take(segmentsPerQuestion)]);

    /// <summary>An answer; true where the next question may be asked at once.</summary>
    public bool Take(AntiEntropyMessage answer)
    {
        switch (answer)
        {
            case NotCaptured m when m.Index == own.Index:
                IsLost = !IsKnown;
                return false;
            case RootAnswer m when m.Index == own.Index && !askedLeaves:
                askedLeaves = true;
                IsKnown = Hash128.Read(m.Root) == own.Root;
                return !IsKnown;
            case LeavesAnswer m when m.Index == own.Index && askedLeaves && differing is null && m.Leaves.Length % 18 == 0:
                differing = Differing(m.Leaves);
                return true;
            case BucketsAnswer m when m.Index == own.Index && differing is not null:
                foreach (var segment in m.Segments)
                {
                    if (differing.Contains(segment.Segment) && segment.Read() is { } read)
                    {
                        digests[segment.Segment] = read;
                    }
                }

                IsKnown = differing.All(digests.ContainsKey);
                return !IsKnown;
            default:
                return false;
        }
    }

    /// <summary>All of the replica's segments, those that are equal as the leader has them. Meaningful when it is known.</summary>
    public IReadOnlyDictionary<SegmentId, SegmentDigest> Copy()
    {
        var copy = new Dictionary<SegmentId, SegmentDigest>(digests);
        foreach (var segment in own.Segments.Where(s => !missing.Contains(s.Segment)))
        {
            copy.TryAdd(segment.Segment, segment);
        }

        return copy;
    }

    private readonly HashSet<SegmentId> missing = [];

    private HashSet<SegmentId> Differing(byte[] leaves)
    {
        var theirs = new Dictionary<SegmentId, UInt128>();
        for (var at = 0; at < leaves.Length; at += 18)
        {
            theirs[new SegmentId(BinaryPrimitives.ReadUInt16LittleEndian(leaves.AsSpan(at)))] =
                new UInt128(BinaryPrimitives.ReadUInt64LittleEndian(leaves.AsSpan(at + 2)), BinaryPrimitives.ReadUInt64LittleEndian(leaves.AsSpan(at + 10)));
        }

        // What the replica holds in no way has no buckets that could be asked for.
        missing.UnionWith(own.Segments.Select(s => s.Segment).Where(s => !theirs.ContainsKey(s)));
        var mine = own.Segments.ToDictionary(s => s.Segment, s => s.Leaf);
        return [.. theirs.Where(t => !mine.TryGetValue(t.Key, out var leaf) || leaf != t.Value).Select(t => t.Key)];
    }
}
