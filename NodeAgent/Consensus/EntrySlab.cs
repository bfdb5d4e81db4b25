namespace ShardConsole.NodeAgent.Consensus;

/// <summary>
/// Where a group's new entries lie until its log drops them: one behind the other in larger arrays. They live for seconds, and an array for each would be copied and
/// marked by every collection meanwhile (a tenth of a busy node's time). Entries are dropped in their order, so an array is free as soon as its last one is.
/// One thread.
/// </summary>
internal sealed class EntrySlab
{
    /// <summary>Length of the first array: what a group that is hardly written costs.</summary>
    public const int SmallestBytes = 4 << 10;

    /// <summary>Length that later arrays grow to; below the size from which on the runtime collects arrays with the oldest generation only.</summary>
    public const int LargestBytes = 64 << 10;

    private byte[] slab = [];
    private int used;

    /// <summary>Room for one entry, its bytes undefined. One of more than an eighth of an array gets an array of its own.</summary>
    public Memory<byte> Take(int length)
    {
        if (length > LargestBytes / 8)
        {
            return GC.AllocateUninitializedArray<byte>(length);
        }

        if (slab.Length - used < length)
        {
            var next = Math.Clamp(slab.Length * 2, SmallestBytes, LargestBytes);
            slab = GC.AllocateUninitializedArray<byte>(Math.Max(next, length));
            used = 0;
        }

        used += length;
        return slab.AsMemory(used - length, length);
    }
}
