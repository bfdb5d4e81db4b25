using System.Collections.Immutable;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.AntiEntropy.Core;

/// <summary>What every replica of a shard does for a comparison: keeps its picture of the newest checks and answers questions about them.</summary>
internal sealed class AntiEntropyReplicaCore(GroupId group)
{
    /// <summary>Pictures that are kept: that of the check under way, and one that a former leader may still ask for.</summary>
    private const int Kept = 2;

    private ImmutableList<DigestPicture> pictures = [];

    /// <summary>Unix milliseconds of the newest check that was applied here; 0: none.</summary>
    public long LastCheckUnixMs { get; private set; }

    /// <summary>A check was applied.</summary>
    /// <param name="picture">Null where it could not be taken.</param>
    /// <param name="unixMs">The entry's time.</param>
    public void OnCheck(DigestPicture? picture, long unixMs)
    {
        LastCheckUnixMs = Math.Max(LastCheckUnixMs, unixMs);
        if (picture is not null)
        {
            pictures = pictures.Add(picture);
            pictures = pictures.Count > Kept ? pictures.RemoveAt(0) : pictures;
        }
    }

    /// <summary>The answer to a question of the leader; null: none yet, or no question.</summary>
    /// <param name="applied">Applied index of this replica.</param>
    public AntiEntropyMessage? Answer(AntiEntropyMessage question, ulong applied) => question switch
    {
        CheckProbe m => new CheckReady(group, m.Term),
        AskRoot m => Of(m.Index, applied, p => new RootAnswer(group, p.Index, Hash128.Bytes(p.Root))),
        AskLeaves m => Of(m.Index, applied, p => new LeavesAnswer(group, p.Index, p.Leaves())),
        AskBuckets m => Of(m.Index, applied, p => new BucketsAnswer(group, p.Index, [.. p.Segments.Where(s => m.Segments.Contains(s.Segment)).Select(SegmentBuckets.Of)])),
        _ => null,
    };

    private AntiEntropyMessage? Of(ulong index, ulong applied, Func<DigestPicture, AntiEntropyMessage> answer) =>
        pictures.Find(p => p.Index == index) is { } picture ? answer(picture)
        : applied >= index ? new NotCaptured(group, index)
        : null;
}
