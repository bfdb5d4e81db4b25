using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>
/// The outgoing stream of one migration at the source's leader, for one term. It keeps the effects of applied entries from its beginning on, asks the target where it
/// stands, and sends from there: effects first, then buckets one by one, then digests. Whatever is lost shows as a target that does not come on, or as one that comes on past it;
/// then it asks again.
/// </summary>
internal sealed partial class SourceStream
{
    private readonly ulong migration;
    private readonly ShardId from;
    private readonly ShardId to;
    private readonly bool back;
    private readonly int overflowsBefore;
    private readonly ShardMachine machine;
    private readonly MigrationOptions options;
    private readonly SegmentHold hold;
    private readonly SegmentReplica segment;
    private readonly EffectLog log;
    private readonly CopyBudget nodeBudget;
    private readonly CopyBudget streamBudget;
    private readonly Queue<Outstanding> outstanding = new();

    private StreamTag tag;
    private bool probing = true;
    private long quietSince;
    private long heardAt;
    private ImportCursor sent = ImportCursor.None;
    private ImportCursor confirmed = ImportCursor.None;
    private long outstandingBytes;

    // Index of the restart or marker whose digests the target has not yet judged; 0: none.
    private ulong awaiting;
    private bool awaitingIsMarker;
    private bool finalSent;
    private bool lost;
    private int verifyRounds;
    private long copiedBytes;
    private long copiedBytesReported;
    private long reportedAt;
    private double meanRate;
    private int restarts;

    /// <param name="order">Of a migration in whose forward stream this shard is the source, or that is retained and this shard serves it.</param>
    /// <param name="term">Term of the leader.</param>
    /// <param name="machine">The group's state machine.</param>
    /// <param name="options">Options of the node.</param>
    /// <param name="nodeBudget">Copy limit that all streams of the node share.</param>
    /// <param name="bytesPerSecond">Copy limit of this stream.</param>
    /// <param name="hold">Runs an action under the segment's lock.</param>
    /// <param name="nowMicros">Now.</param>
    /// <param name="inherited">Effects that a stream of the same segment, which this one follows, has kept; null: they are kept from now on.</param>
    public SourceStream(
        MigrationOrder order, ulong term, ShardMachine machine, MigrationOptions options, CopyBudget nodeBudget, long bytesPerSecond, SegmentHold hold, long nowMicros,
        EffectLog? inherited = null)
    {
        back = order.Phase == MigrationPhase.Retaining;
        (migration, from, to) = back ? (order.Id, order.To, order.From) : (order.Id, order.From, order.To);
        (this.machine, this.options, this.nodeBudget, this.hold) = (machine, options, nodeBudget, hold);
        segment = machine.Segment(order.Segment);
        log = inherited ?? new EffectLog(segment.LastIndex, options.MaxLogEntries, options.MaxLogBytes);
        overflowsBefore = log.Overflows;
        streamBudget = new CopyBudget(bytesPerSecond, nowMicros);
        tag = new StreamTag(term, 0);
        (heardAt, reportedAt) = (nowMicros, nowMicros);
        quietSince = long.MinValue / 2;
        hold(segment, s =>
        {
            s.Outgoing = log;
            s.Table!.Observer = log;
        });
    }

    public ulong Migration => migration;

    /// <summary>The stream runs back, from the new owner to the former one's copy. It sends no digests to verify, and ends where it cannot follow.</summary>
    public bool IsBack => back;

    /// <summary>The effects that are kept, for the stream that follows this one.</summary>
    public EffectLog Log => log;

    /// <summary>The target has committed a marker with equal digests.</summary>
    public bool Verified { get; private set; }

    /// <summary>The target has committed Ready: there is nothing more to send.</summary>
    public bool Ready { get; private set; }

    /// <summary>Copying is held: effects go on, so that the target stays close.</summary>
    public bool Paused { get; set; }

    /// <summary>Why the migration is to be aborted, or, where the stream runs back, its retention to be ended; null while it is not.</summary>
    public string? Complaint { get; private set; }

    /// <summary>Sets the stream's copy limit.</summary>
    public void Limit(long bytesPerSecond) => streamBudget.BytesPerSecond = bytesPerSecond;

    /// <summary>Copy limit in force.</summary>
    public long AllowedBytesPerSecond => Math.Min(streamBudget.BytesPerSecond, nodeBudget.AllowedBytesPerSecond);

    /// <summary>Ends the recording of effects, and the wait for what was sent.</summary>
    public void Stop()
    {
        GiveUp();
        if (segment.Outgoing == log)
        {
            hold(segment, s =>
            {
                s.Outgoing = null;
                if (s.Table is { } table && table.Observer == log)
                {
                    table.Observer = null;
                }
            });
        }
    }

    /// <summary>Nothing of what was sent is waited for any more: its room in the node's window is free.</summary>
    public void GiveUp()
    {
        foreach (var message in outstanding)
        {
            Land(message);
        }

        outstanding.Clear();
        outstandingBytes = 0;
    }

    /// <summary>The target says where it stands.</summary>
    public void OnAnswer(StreamAnswer answer, long nowMicros)
    {
        if (answer.Migration != migration || answer.Tag != tag || !answer.Importing)
        {
            return;
        }

        heardAt = nowMicros;

        Ready |= answer.Ready;
        Verified |= answer.VerifiedIndex != 0;
        confirmed = answer.Cursor;
        log.TrimTo(confirmed.IsNone ? 0 : confirmed.Index);
        quietSince = nowMicros;
        if (probing || answer.Restarts)
        {
            Resume(answer, nowMicros);
            return;
        }

        Judge(answer);
        while (outstanding.TryPeek(out var first) && first.Cursor.Index <= confirmed.Index)
        {
            if (first.IsBucket && !IsHeld(first.Cursor))
            {
                // Behind it there are effects that the target has taken: it was on its way before them, so it is lost.
                lost |= first.Cursor.Index < confirmed.Index;
                break;
            }

            outstandingBytes -= first.Bytes;
            Land(outstanding.Dequeue());
        }
    }

    /// <summary>Sends what may be sent now.</summary>
    public void Pump(long nowMicros, List<ShardMessage> messages)
    {
        if (Ready || Complaint is not null)
        {
            return;
        }

        if (back && log.Overflows != overflowsBefore)
        {
            Complaint = $"{to} does not follow: more than {options.MaxLogEntries} entries or {options.MaxLogBytes} bytes of effects wait for it.";
            return;
        }

        if (nowMicros - heardAt > options.TargetSilenceMs * 1000L && !Paused)
        {
            Complaint = $"The target {to} has not answered for {options.TargetSilenceMs} ms.";
            return;
        }

        var silent = nowMicros - heardAt >= options.AskMs * 1000L;
        if (lost || ((probing || IsWaiting || silent) && nowMicros - quietSince >= options.ResendMs * 1000L))
        {
            Probe(nowMicros, messages);
            return;
        }

        if (!probing)
        {
            PushRestart(nowMicros, messages);
            PushEffects(nowMicros, messages);
            PushChunks(nowMicros, messages);
            PushMarker(nowMicros, messages);
        }
    }

    /// <summary>Figures for the operator and for M's decision to cut over.</summary>
    public StreamProgress Progress(long nowMicros, long closedMicros)
    {
        var seconds = Math.Max(1, nowMicros - reportedAt) / 1e6;
        var rate = (copiedBytes - copiedBytesReported) / seconds;
        (reportedAt, copiedBytesReported) = (nowMicros, copiedBytes);
        var (keys, bytes) = segment.Table is { } table ? (table.Count, table.DataBytes) : (0, 0);
        meanRate = meanRate == 0 ? rate : meanRate + (0.3 * (rate - meanRate));
        var part = confirmed.IsNone ? 0 : (confirmed.Next - confirmed.Missing.Length) / (double)confirmed.BucketCount;
        var left = bytes * (1 - part);
        return new StreamProgress(migration, (long)(keys * part), (long)(bytes * part), keys, bytes, rate, log.Count, log.Bytes, Verified, closedMicros)
        {
            AllowedBytesPerSecond = AllowedBytesPerSecond,
            EtaSeconds = left <= 0 ? 0 : meanRate > 0 ? left / meanRate : null,
        };
    }

    /// <summary>The target has less than a millisecond of stream before it.</summary>
    public bool IsClose => Verified && !probing && log.Count <= options.CutOverLagEntries && log.Bytes <= options.CutOverLagBytes;

    // Something was sent of which the target has not shown the result.
    private bool IsWaiting =>
        awaiting != 0 || finalSent || sent.Index != confirmed.Index || sent.Next != confirmed.Next || sent.Missing.Length != confirmed.Missing.Length;

    private void Probe(long nowMicros, List<ShardMessage> messages)
    {
        tag = tag with { Attempt = tag.Attempt + 1 };
        probing = true;
        lost = false;
        quietSince = nowMicros;
        Send(messages, new StreamProbe(migration, segment.Id, tag));
    }

    private void Resume(StreamAnswer answer, long nowMicros)
    {
        // The answer ends the attempt: what is still under way in it is ignored by the target, and later answers to it here.
        tag = tag with { Attempt = tag.Attempt + 1 };
        probing = false;
        lost = false;
        sent = answer.Cursor;
        GiveUp();
        awaiting = 0;
        finalSent = false;
        quietSince = nowMicros;
    }

    private void Judge(StreamAnswer answer)
    {
        if (awaiting == 0)
        {
            return;
        }

        if (awaitingIsMarker ? answer.VerifiedIndex >= awaiting : answer.Cursor.Index >= awaiting && answer.Cursor.Missing.IsEmpty)
        {
            awaiting = 0;
        }
        else if (!answer.Cursor.Missing.IsEmpty && answer.Cursor.Index >= awaiting)
        {
            awaiting = 0;
            sent = sent with { Missing = answer.Cursor.Missing };
            if (awaitingIsMarker && ++verifyRounds >= options.MaxVerifyRounds)
            {
                Complaint = $"After {verifyRounds} rounds {answer.Cursor.Missing.Length} of {answer.Cursor.BucketCount} buckets still differ.";
            }
        }
        else if (awaitingIsMarker && answer.Cursor.Index > awaiting)
        {
            // A marker does not move the cursor: only that the target is behind it without having judged it shows that it is lost.
            lost = true;
        }
    }

    /// <summary>The target holds the buckets that it has to hold once it has taken a bucket that was sent.</summary>
    private bool IsHeld(ImportCursor after) => confirmed.BucketCount >= after.BucketCount
        && (long)confirmed.Next * after.BucketCount >= (long)after.Next * confirmed.BucketCount
        && (long)confirmed.Missing.Length * after.BucketCount <= (long)after.Missing.Length * confirmed.BucketCount;

    private void Land(Outstanding message)
    {
        if (message.IsBucket)
        {
            nodeBudget.Land(message.Bytes);
        }
    }

    private void Send(List<ShardMessage> messages, MigrationMessage body) => messages.Add(new ShardMessage(GroupId.Of(from), GroupId.Of(to), body));

    /// <summary>A message that the target has not shown to have taken.</summary>
    /// <param name="Cursor">The target's cursor when it has taken it.</param>
    /// <param name="IsBucket">It carries a bucket: the target takes effects behind it also where it never came.</param>
    private readonly record struct Outstanding(ImportCursor Cursor, bool IsBucket, long Bytes);
}
