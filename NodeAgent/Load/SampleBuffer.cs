using System.Text;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Load;

/// <summary>The sampled queries of one bucket: bounded, filled by many threads at once without a lock, never used again for another bucket.</summary>
internal sealed class SampleBuffer(int capacity, int keyBytes)
{
    /// <summary>Takes nothing.</summary>
    public static readonly SampleBuffer Closed = new(0, 0);

    private const int OpBytes = 32;

    private readonly Slot[] slots = new Slot[capacity];
    private readonly byte[] text = new byte[capacity * (keyBytes + OpBytes)];
    private int taken;

    /// <summary>Whether there is room.</summary>
    public bool WantsMore => Volatile.Read(ref taken) < capacity;

    /// <summary>Copies one command, unless the buffer is full. The key hash is over the whole key, also where its text is cut.</summary>
    public void Add(long unixMs, ReadOnlySpan<byte> command, SegmentId segment, ReadOnlySpan<byte> key, long connection)
    {
        if (!WantsMore)
        {
            return;
        }

        var index = Interlocked.Increment(ref taken) - 1;
        if (index >= capacity)
        {
            return;
        }

        ref var slot = ref slots[index];
        slot.UnixMs = unixMs;
        slot.Segment = segment;
        slot.Connection = connection;
        slot.KeyHash = System.IO.Hashing.XxHash64.HashToUInt64(key);
        slot.OpLength = Math.Min(command.Length, OpBytes);
        slot.KeyLength = Math.Min(key.Length, keyBytes);
        var at = text.AsSpan(index * (keyBytes + OpBytes));
        command[..slot.OpLength].CopyTo(at);
        key[..slot.KeyLength].CopyTo(at[OpBytes..]);
        Volatile.Write(ref slot.Done, true);
    }

    /// <summary>What is completely written, in the order in which it came. Bytes that are no UTF-8 become U+FFFD.</summary>
    public IEnumerable<QuerySample> Samples()
    {
        for (var i = 0; i < Math.Min(Volatile.Read(ref taken), capacity); i++)
        {
            if (Volatile.Read(ref slots[i].Done))
            {
                var slot = slots[i];
                var at = i * (keyBytes + OpBytes);
                yield return new QuerySample(
                    slot.UnixMs, Encoding.ASCII.GetString(text, at, slot.OpLength).ToUpperInvariant(), slot.Segment, slot.KeyHash, slot.Connection,
                    Encoding.UTF8.GetString(text, at + OpBytes, slot.KeyLength));
            }
        }
    }

    private struct Slot
    {
        public long UnixMs;
        public ulong KeyHash;
        public long Connection;
        public SegmentId Segment;
        public int OpLength;
        public int KeyLength;
        public bool Done;
    }
}
