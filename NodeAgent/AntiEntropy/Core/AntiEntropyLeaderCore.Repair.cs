using System.Collections.Immutable;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.AntiEntropy.Core;

/// <summary>What follows from the differences: repairs from the majority's side, or handing over where this leader is not on it.</summary>
internal sealed partial class AntiEntropyLeaderCore
{
    private readonly Queue<Repair> queue = new();
    private Repair? current;
    private ulong readableAt;
    private NodeId successor;

    /// <summary>An entry of a repair was applied here.</summary>
    public void OnRepair(RepairEntry entry, ApplyOutcome outcome)
    {
        if (Step != CheckStep.Repairing || current is not { } repair || entry.Segment != repair.Segment || entry.Bucket != repair.Bucket || entry.BucketCount != repair.BucketCount)
        {
            return;
        }

        if (outcome == ApplyOutcome.Applied)
        {
            repair.Done(entry.Content.Length);
        }
        else if (repair.Attempts >= options.MaxAttempts)
        {
            repair.Failed("The segment was written to, or moved, each time before the repair was applied");
        }
        else
        {
            // Something touched the segment between its reading and its place in the log.
            queue.Enqueue(repair);
        }

        current = null;
    }

    private void Judge(List<Difference> differences, long nowMs, long unixMs)
    {
        if (differences.Count == 0)
        {
            var repaired = tally.Rows.Count > 0;
            Finish(
                tally.Silent.Length > 0 ? CheckOutcome.Incomplete : repaired ? CheckOutcome.Repaired : CheckOutcome.Equal,
                tally.Silent.Length > 0 ? "The replicas that answered hold the same" : "", nowMs, unixMs);
            return;
        }

        alarms.Add($"The replicas of {machine.Shard} differ in {differences.Count} places as of index {own!.Index}, in segments {string.Join(", ", differences.Select(d => d.Segment).Distinct().Take(8))}.");
        successor = default;
        var isLast = round >= options.MaxRounds;
        foreach (var difference in differences)
        {
            if (!isLast)
            {
                Plan(difference);
            }
            else if (!tally.Rows.Keys.Any(r => r.Segment == difference.Segment))
            {
                tally.Add(new Repair(difference, difference.BucketCount, difference.Bucket).Failed("It was found when this check had no more rounds"));
            }
        }

        if (isLast || (queue.Count == 0 && successor.IsNone))
        {
            queue.Clear();
            alarms.Add($"{machine.Shard}: a difference between replicas remains that could not be repaired. Compare the nodes by NodeAgent dump, then replace the wrong replica.");
            Finish(CheckOutcome.Unrepaired, "A difference remains", nowMs, unixMs);
            return;
        }

        (current, Held) = (null, null);
        Go(CheckStep.Repairing, nowMs);
    }

    /// <summary>Queues the repairs of a difference, or notes why there is none.</summary>
    private void Plan(Difference difference)
    {
        var segment = machine.Segment(difference.Segment);
        if (!difference.IsRepairable || segment.State != SegmentState.Owned)
        {
            tally.Add(new Repair(difference, difference.BucketCount, difference.Bucket).Failed(
                difference.Bucket < 0 ? "The replicas differ in what state the segment has: replace the wrong replica"
                : difference.Right.IsEmpty ? "No majority of the voters holds the same"
                : $"The segment is {segment.State}: it is compared again when its migration has ended"));
            return;
        }

        if (!difference.Right.Contains(self))
        {
            successor = successor.IsNone ? difference.Right.FirstOrDefault(voters.Contains) : successor;
            tally.Add(new Repair(difference, difference.BucketCount, difference.Bucket).Failed("The leader's own copy is wrong: it hands over, and the new leader repairs it"));
            return;
        }

        // Finer buckets where the own table has them: what is equal changes nothing when it is applied, and entries stay small.
        var times = Math.Max(1, segment.Table!.BucketCount / difference.BucketCount);
        for (var i = 0; i < times && queue.Count < options.MaxRepairs; i++)
        {
            var repair = new Repair(difference, difference.BucketCount * times, (difference.Bucket * times) + i);
            queue.Enqueue(repair);
            tally.Add(repair);
        }
    }

    private void NextRepair(GroupPicture picture, long nowMs, long unixMs)
    {
        if (queue.TryDequeue(out current))
        {
            current.Attempts++;
            Held = current.Segment;
            readableAt = picture.LastIndex;
            Go(CheckStep.Holding, nowMs);
            ReadWhenApplied(picture, nowMs);
        }
        else if (!successor.IsNone)
        {
            handOver = successor;
            messages.Add((successor, new TakeOver(group)));
            Finish(CheckOutcome.HandedOver, $"The leader's own copy is not what the majority holds: it hands over to {successor}", nowMs, unixMs);
        }
        else
        {
            round++;
            BeginRound(nowMs);
        }
    }

    /// <summary>All writes to the segment that were proposed are applied and no more are: what is read now is true until the entry of the repair is applied.</summary>
    private void ReadWhenApplied(GroupPicture picture, long nowMs)
    {
        if (picture.Applied < readableAt)
        {
            if (nowMs - stepAt >= options.HoldMs)
            {
                TryAgain("writes that were under way did not end in time", nowMs);
            }

            return;
        }

        var repair = current!;
        var segment = machine.Segment(repair.Segment);
        Held = null;
        Go(CheckStep.Repairing, nowMs);
        RepairEntry? entry = null;
        hold(segment, s => entry = s.State == SegmentState.Owned ? RepairEntry.Of(s, repair.BucketCount, repair.Bucket) : null);
        if (entry is null || entry.Content.Length > options.MaxRepairBytes)
        {
            current = null;
            repair.Failed(entry is null ? "The segment is moving: it is compared again when its migration has ended" : $"The bucket has {entry.Content.Length} bytes, over the limit of {options.MaxRepairBytes}");
            return;
        }

        proposals.Add(entry.Encode());
    }

    private void TryAgain(string why, long nowMs)
    {
        var repair = current!;
        (current, Held) = (null, null);
        Go(CheckStep.Repairing, nowMs);
        if (repair.Attempts >= options.MaxAttempts)
        {
            repair.Failed($"It was tried {repair.Attempts} times: {why}");
        }
        else
        {
            queue.Enqueue(repair);
        }
    }

    /// <summary>The repair of one bucket.</summary>
    private sealed class Repair(Difference difference, int bucketCount, int bucket)
    {
        private string result = "Not yet repaired";
        private long bytes;

        public SegmentId Segment => difference.Segment;
        public int BucketCount => bucketCount;
        public int Bucket => bucket;
        public int Attempts { get; set; }
        public bool IsDone { get; private set; }

        public void Done(long carried) => (IsDone, bytes, result) = (true, carried, "repaired");

        public Repair Failed(string why)
        {
            result = why;
            return this;
        }

        public DifferenceStatus Status() => new(difference.Segment, bucket, bucketCount, difference.Wrong, bytes, result);
    }

    /// <summary>What a report is made of.</summary>
    private sealed class Tally(string by, long beganUnixMs)
    {
        private ulong index;
        private int segments;
        private long buckets;
        private long keys;

        public long Bytes { get; set; }
        public ImmutableArray<NodeId> Compared { get; set; } = [];
        public ImmutableArray<NodeId> Silent { get; set; } = [];

        /// <summary>By bucket: one that differs again after its repair counts once.</summary>
        public Dictionary<(SegmentId Segment, int BucketCount, int Bucket), Repair> Rows { get; } = [];

        public void Add(Repair repair) => Rows[(repair.Segment, repair.BucketCount, repair.Bucket)] = repair;

        public void Take(DigestPicture picture) => (index, segments, buckets, keys) = (picture.Index, picture.Segments.Length, picture.Buckets, picture.Keys);

        public CheckReport Report(CheckOutcome outcome, string detail, long unixMs, int listed) => new(
            index, beganUnixMs, unixMs, by, outcome, detail, Compared, Silent, segments, buckets, keys, Bytes, Rows.Count, Rows.Values.Count(r => r.IsDone),
            [.. Rows.Values.Take(listed).Select(r => r.Status())]);
    }
}
