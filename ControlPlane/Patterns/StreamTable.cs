namespace ShardConsole.ControlPlane.Patterns;

/// <summary>What was last accessed on each of a bounded number of connections. Of a full bucket the connection that is silent longest is forgotten.</summary>
internal sealed class StreamTable
{
    private const int Ways = 8;

    private readonly Entry[] entries;
    private readonly int shift;
    private int era = 1;

    /// <param name="capacity">Connections at most, rounded up to a power of two.</param>
    public StreamTable(int capacity)
    {
        var buckets = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(2, capacity / Ways));
        entries = new Entry[buckets * Ways];
        shift = 64 - System.Numerics.BitOperations.Log2((uint)buckets);
    }

    /// <summary>Bytes that the table takes.</summary>
    public long SizeBytes => entries.Length * 40L;

    /// <summary>What comes next on any connection does not follow on what came before: something was left out in between.</summary>
    public void Break() => era++;

    /// <summary>The entry of a connection; its Length is 0 where nothing precedes the access at <paramref name="at"/> within <paramref name="window"/> milliseconds.</summary>
    public ref Entry Of(ulong id, long at, int window)
    {
        var from = (int)((id * 0x9E37_79B9_7F4A_7C15) >> shift) * Ways;
        var oldest = from;
        for (var i = from; i < from + Ways; i++)
        {
            ref var entry = ref entries[i];
            if (entry.Id == id && entry.Era == era)
            {
                entry.Length = Math.Abs(at - entry.At) <= window ? entry.Length : 0;
                entry.At = at;
                return ref entry;
            }

            oldest = entries[i].Era < entries[oldest].Era || (entries[i].Era == entries[oldest].Era && entries[i].At < entries[oldest].At) ? i : oldest;
        }

        entries[oldest] = new Entry { Id = id, At = at, Era = era };
        return ref entries[oldest];
    }

    /// <summary>One connection.</summary>
    internal struct Entry
    {
        /// <summary>Its id.</summary>
        public ulong Id;

        /// <summary>Time of its last access, milliseconds.</summary>
        public long At;

        /// <summary>The newest segments, the newest in the lowest 16 bits.</summary>
        public ulong Recent;

        /// <summary>Segments in <see cref="Recent"/>, 0..4.</summary>
        public int Length;

        /// <summary>Between which breaks it was seen.</summary>
        public int Era;
    }
}
