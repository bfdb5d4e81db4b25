using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>
/// The incoming stream of one migration at the target's leader, for one term. It proposes what fits behind what it has already proposed; the first message that does not fit
/// ends the attempt, and when nothing is under way any more the source is told the committed cursor. The gate at apply decides again.
/// </summary>
internal sealed class TargetStream(ulong migration, ShardId from, ShardId to, SegmentReplica segment, MigrationOptions options)
{
    private ImportCursor assumed = segment.Cursor;
    private StreamTag tag;
    private StreamTag closed;
    private bool owesAnswer;
    private int underWay;
    private long movedAt;

    public ulong Migration => migration;

    /// <summary>The segment is still being received for this migration: as the copy that is to serve, or as the former owner's that is kept up to date.</summary>
    public bool IsImporting => segment.State is SegmentState.Importing or SegmentState.Retained && segment.Migration == migration;

    /// <summary>The source asks where the target stands, which ends every earlier attempt.</summary>
    public void OnProbe(StreamProbe probe, long nowMicros, List<ShardMessage> messages)
    {
        if (probe.Tag.CompareTo(closed) > 0)
        {
            Close(probe.Tag);
            MaybeAnswer(nowMicros, messages);
        }
    }

    /// <summary>A message of the stream; one of an attempt that is closed is ignored.</summary>
    public void OnData(StreamData data, long nowMicros, List<byte[]> proposals, List<ShardMessage> messages)
    {
        if (data.Tag.CompareTo(closed) <= 0 || data.Tag.CompareTo(tag) < 0 || !IsImporting)
        {
            return;
        }

        tag = data.Tag;
        var next = segment.Ready || underWay >= 2 * options.WindowMessages ? null : assumed.After(data.Message);
        if (next is null)
        {
            Close(data.Tag);
            MaybeAnswer(nowMicros, messages);
            return;
        }

        assumed = next;
        movedAt = underWay++ == 0 ? nowMicros : movedAt;
        proposals.Add(ShardEntryCodec.StreamApply(segment.Id, migration, data.Message));
    }

    /// <summary>A stream message of this segment was applied or refused.</summary>
    public void OnApplied(ApplyOutcome outcome, long nowMicros, List<ShardMessage> messages)
    {
        underWay = Math.Max(0, underWay - 1);
        movedAt = nowMicros;
        if (outcome != ApplyOutcome.Applied)
        {
            Close(tag);
        }

        if (owesAnswer)
        {
            MaybeAnswer(nowMicros, messages);
        }
        else
        {
            Answer(tag, restarts: false, messages);
        }
    }

    /// <summary>Gives up waiting for proposals that seem to be lost.</summary>
    public void Tick(long nowMicros, List<ShardMessage> messages)
    {
        if (underWay > 0 && nowMicros - movedAt > options.RepeatMs * 1000L)
        {
            underWay = 0;
            Close(tag);
        }

        MaybeAnswer(nowMicros, messages);
    }

    private void Close(StreamTag attempt)
    {
        closed = attempt.CompareTo(closed) > 0 ? attempt : closed;
        owesAnswer = true;
    }

    private void MaybeAnswer(long nowMicros, List<ShardMessage> messages)
    {
        if (owesAnswer && underWay == 0)
        {
            owesAnswer = false;
            movedAt = nowMicros;
            assumed = segment.Cursor;
            Answer(closed, restarts: true, messages);
        }
    }

    private void Answer(StreamTag attempt, bool restarts, List<ShardMessage> messages) => messages.Add(new ShardMessage(
        GroupId.Of(to), GroupId.Of(from),
        new StreamAnswer(migration, segment.Id, attempt, IsImporting, restarts, segment.Cursor, segment.VerifiedIndex, segment.Ready)));
}
