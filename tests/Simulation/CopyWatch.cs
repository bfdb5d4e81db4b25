using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Simulation;

/// <summary>Keeps what each segment was at each index of its owner's log, and holds every complete copy against it: a copy is what its source was at the copy's cursor.</summary>
internal sealed class CopyWatch(Reference reference)
{
    private readonly Dictionary<(ShardId Shard, SegmentId Segment), SortedList<ulong, BucketDigest>> past = [];

    /// <summary>The reference has applied an entry.</summary>
    public void OnApplied(ShardMachine machine, in ApplyResult result)
    {
        if (result.Outcome != ApplyOutcome.Applied)
        {
            return;
        }

        var segment = machine.Segment(result.Segment);
        if (segment.State is SegmentState.Owned or SegmentState.Frozen)
        {
            if (!past.TryGetValue((machine.Shard, segment.Id), out var known))
            {
                past[(machine.Shard, segment.Id)] = known = [];
            }

            known[segment.LastIndex] = segment.Table!.Digest(0, 1);
        }
        else if (result.Kind == ShardEntryKind.StreamApply && segment.Cursor.IsComplete)
        {
            Check(machine, segment);
        }
    }

    private void Check(ShardMachine machine, SegmentReplica copy)
    {
        if (reference.Meta.State.Find(copy.Migration) is not { } record)
        {
            return;
        }

        var source = record.From == machine.Shard ? record.To : record.From;
        if (!past.TryGetValue((source, copy.Id), out var known))
        {
            return;
        }

        var at = IndexAtMost(known, copy.Cursor.Index);
        if (at >= 0 && known.Values[at] != copy.Table!.Digest(0, 1))
        {
            throw new SimulationFailedException(
                Invariant.CopyEqualsSource, $"The copy of segment {copy.Id} at {machine.Shard} for migration {copy.Migration} is not what {source} had at {copy.Cursor.Index}.");
        }
    }

    private static int IndexAtMost(SortedList<ulong, BucketDigest> known, ulong index)
    {
        var (low, high) = (0, known.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            (low, high) = known.Keys[middle] <= index ? (middle + 1, high) : (low, middle - 1);
        }

        return high;
    }
}
