using System.Buffers;
using System.Collections.Immutable;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>Stream messages in entries and on the wire. Persisted: append kinds, never change one.</summary>
internal static class StreamMessageCodec
{
    private const byte Effects = 1;
    private const byte Chunk = 2;
    private const byte Marker = 3;
    private const byte Restart = 4;

    public static void Write(IBufferWriter<byte> to, StreamMessage message)
    {
        switch (message)
        {
            case StreamEffects effects:
                Head(to, Effects, message);
                to.U64(effects.Previous);
                to.Varint((ulong)effects.Entries);
                to.Bytes(effects.Effects.Span);
                break;

            case StreamChunk chunk:
                Head(to, Chunk, message);
                to.Varint((ulong)chunk.BucketCount);
                to.Varint((ulong)chunk.Bucket);
                to.Varint((ulong)chunk.Keys);
                to.Bytes(chunk.Content.Span);
                break;

            case StreamMarker marker:
                Head(to, Marker, message);
                to.Flag(marker.Final);
                Digests(to, marker.BucketCount, marker.Digests);
                break;

            case StreamRestart restart:
                Head(to, Restart, message);
                Digests(to, restart.BucketCount, restart.Digests);
                break;

            default:
                throw new ArgumentOutOfRangeException(nameof(message), message.GetType().Name, "There is no code for this stream message.");
        }
    }

    /// <summary>Reads a message that takes up all of the bytes; null where it is malformed. Its contents point into the given memory.</summary>
    public static StreamMessage? Read(ReadOnlyMemory<byte> data)
    {
        var reader = new WireReader(data.Span);
        var kind = reader.U8();
        var index = reader.U64();
        var timeMs = reader.I64();
        StreamMessage? message = kind switch
        {
            Effects => new StreamEffects(reader.U64(), index, timeMs, reader.Count(int.MaxValue), Memory(ref reader, data)),
            Chunk => new StreamChunk(
                index, timeMs, reader.Count(ImportCursor.MaxBucketCount), reader.Count(ImportCursor.MaxBucketCount), reader.Count(int.MaxValue), Memory(ref reader, data)),
            Marker => ReadMarker(ref reader, index, timeMs),
            Restart => ReadRestart(ref reader, index, timeMs),
            _ => null,
        };
        return message is null || reader.Failed || !reader.AtEnd || !ContentIsWellFormed(message) ? null : message;
    }

    private static bool ContentIsWellFormed(StreamMessage message) => message switch
    {
        StreamEffects effects => EffectCodec.IsWellFormed(effects.Effects.Span, onlySets: false),
        StreamChunk chunk => EffectCodec.IsWellFormed(chunk.Content.Span, onlySets: true),
        _ => true,
    };

    private static void Head(IBufferWriter<byte> to, byte kind, StreamMessage message)
    {
        to.U8(kind);
        to.U64(message.Index);
        to.I64(message.TimeMs);
    }

    private static StreamMarker ReadMarker(ref WireReader reader, ulong index, long timeMs)
    {
        var final = reader.Flag();
        var digests = ReadDigests(ref reader, out var bucketCount);
        return new StreamMarker(index, timeMs, bucketCount, digests, final);
    }

    private static StreamRestart ReadRestart(ref WireReader reader, ulong index, long timeMs)
    {
        var digests = ReadDigests(ref reader, out var bucketCount);
        return new StreamRestart(index, timeMs, bucketCount, digests);
    }

    private static ReadOnlyMemory<byte> Memory(ref WireReader reader, ReadOnlyMemory<byte> data)
    {
        var length = reader.Bytes(EffectCodec.MaxBytes).Length;
        return data.Slice(reader.Position - length, length);
    }

    private static void Digests(IBufferWriter<byte> to, int bucketCount, ImmutableArray<BucketDigest> digests)
    {
        to.Varint((ulong)bucketCount);
        to.Varint((ulong)digests.Length);
        foreach (var digest in digests)
        {
            to.U64(digest.High);
            to.U64(digest.Low);
        }
    }

    private static ImmutableArray<BucketDigest> ReadDigests(ref WireReader reader, out int bucketCount)
    {
        bucketCount = reader.Count(ImportCursor.MaxBucketCount);
        var count = reader.Count(ImportCursor.MaxBucketCount);
        var digests = ImmutableArray.CreateBuilder<BucketDigest>();
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            digests.Add(new BucketDigest(reader.U64(), reader.U64()));
        }

        return digests.ToImmutable();
    }
}
