using System.Buffers;
using System.Collections.Immutable;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>What the source sends, each message as of an index that it has applied.</summary>
internal sealed partial class SourceStream
{
    private bool HasRoom => outstanding.Count < options.WindowMessages && outstandingBytes < options.WindowBytes;

    // While buckets are missing, effects leave room for one: each place that a slow target frees would else go to the newest effects, and the copy would never come on.
    private bool HasRoomForEffects => sent.IsComplete
        ? HasRoom
        : outstanding.Count < Math.Max(1, options.WindowMessages - 1) && outstandingBytes + options.MessageBytes < Math.Max(options.WindowBytes, options.MessageBytes + 1L);

    private bool IsFrozenForThis => segment.State == SegmentState.Frozen && segment.Migration == migration;

    // At the end of what was applied: only there may a bucket be read, for it is read as it is now.
    private bool IsAtEnd => sent.Index == segment.LastIndex && awaiting == 0 && !finalSent;

    private void PushRestart(long nowMicros, List<ShardMessage> messages)
    {
        if (!sent.IsNone && !log.Reaches(sent.Index) && awaiting == 0)
        {
            if (!back && ++restarts > options.MaxRestarts)
            {
                Complaint = $"The copy fell behind {options.MaxRestarts} times: clients write to the segment faster than {AllowedBytesPerSecond} bytes a second can be copied.";
                return;
            }

            var count = Math.Max(sent.BucketCount, segment.Table!.BucketCount);
            Push(new StreamRestart(segment.LastIndex, machine.GroupTimeMs, count, Digests(count)), 16L * count, nowMicros, messages);
            (awaiting, awaitingIsMarker) = (segment.LastIndex, false);
        }
    }

    private void PushEffects(long nowMicros, List<ShardMessage> messages)
    {
        while (!sent.IsNone && HasRoomForEffects && log.Reaches(sent.Index) && log.After(sent.Index, machine.GroupTimeMs, options.MessageBytes) is { } effects)
        {
            Push(effects, effects.Effects.Length, nowMicros, messages);
        }
    }

    private void PushChunks(long nowMicros, List<ShardMessage> messages)
    {
        while (HasRoom && (sent.IsNone || (IsAtEnd && !sent.IsComplete)) && MayCopy(nowMicros))
        {
            var count = Math.Max(sent.BucketCount, segment.Table!.BucketCount);
            var position = sent.IsNone ? new ImportCursor(segment.LastIndex, 0, count, []) : sent.Refined(count)!;
            var bucket = position.Missing.IsEmpty ? position.Next : position.Missing[0];
            var chunk = ReadBucket(bucket, count);
            Push(chunk, chunk.Content.Length, nowMicros, messages);
            copiedBytes += chunk.Content.Length;
            streamBudget.Take(chunk.Content.Length);
            nodeBudget.Take(chunk.Content.Length);
            nodeBudget.Send(chunk.Content.Length);
        }
    }

    private void PushMarker(long nowMicros, List<ShardMessage> messages)
    {
        if (back || sent.IsNone || !IsAtEnd || !sent.IsComplete || (!IsFrozenForThis && (Verified || Paused)))
        {
            return;
        }

        var count = sent.BucketCount;
        finalSent = IsFrozenForThis;
        (awaiting, awaitingIsMarker) = finalSent ? (0UL, false) : (segment.LastIndex, true);
        Push(new StreamMarker(segment.LastIndex, machine.GroupTimeMs, count, Digests(count), finalSent), 16L * count, nowMicros, messages);
    }

    // A frozen segment's missing buckets are not held back: clients wait.
    private bool MayCopy(long nowMicros) => IsFrozenForThis || (!Paused && nodeBudget.HasRoom && streamBudget.MayTake(nowMicros) && nodeBudget.MayTake(nowMicros));

    private StreamChunk ReadBucket(int bucket, int bucketCount)
    {
        var content = new ArrayBufferWriter<byte>(4096);
        var keys = 0;
        hold(segment, s => s.Table!.VisitBucket(bucket, bucketCount, (ReadOnlySpan<byte> key, in StoredValue value) =>
        {
            EffectCodec.Set(content, key, value);
            keys++;
            return true;
        }));
        return new StreamChunk(segment.LastIndex, machine.GroupTimeMs, bucketCount, bucket, keys, content.WrittenMemory);
    }

    private ImmutableArray<BucketDigest> Digests(int bucketCount)
    {
        var digests = ImmutableArray.CreateBuilder<BucketDigest>(bucketCount);
        hold(segment, s =>
        {
            for (var bucket = 0; bucket < bucketCount; bucket++)
            {
                digests.Add(s.Table!.Digest(bucket, bucketCount));
            }
        });
        return digests.MoveToImmutable();
    }

    private void Push(StreamMessage message, long bytes, long nowMicros, List<ShardMessage> messages)
    {
        if (!IsWaiting)
        {
            quietSince = nowMicros;
        }

        sent = sent.After(message) ?? throw new InvalidOperationException($"A {message.GetType().Name} at {message.Index} does not fit behind {sent} at its own source.");
        outstanding.Enqueue(new Outstanding(sent, message is StreamChunk, bytes));
        outstandingBytes += bytes;
        Send(messages, new StreamData(migration, segment.Id, tag, message));
    }
}
