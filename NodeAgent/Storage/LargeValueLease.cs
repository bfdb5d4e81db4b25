using System.Buffers;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>
/// A large value held beyond the segment's lock: its bytes stay as they are, whatever happens to the table, until this is disposed. Dispose exactly once, on any
/// thread; <see cref="MemoryManager{T}.Memory"/> must not be used after that.
/// </summary>
internal sealed unsafe class LargeValueLease : MemoryManager<byte>
{
    private readonly NativeArena arena;
    private LargeValue* large;

    /// <summary>Takes a reference, under the segment's lock.</summary>
    internal LargeValueLease(NativeArena arena, LargeValue* large)
    {
        LargeValue.AddReference(large);
        this.arena = arena;
        this.large = large;
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(large is null, this);
        var bytes = large->Bytes;
        fixed (byte* start = bytes)
        {
            return new Span<byte>(start, bytes.Length);
        }
    }

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        fixed (byte* start = GetSpan())
        {
            return new MemoryHandle(start + elementIndex, default, this);
        }
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (large is not null)
        {
            LargeValue.Release(arena, large);
            large = null;
        }
    }
}
