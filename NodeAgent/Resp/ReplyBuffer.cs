using System.Buffers;

namespace ShardConsole.NodeAgent.Resp;

/// <summary>
/// Replies that have not gone out yet, in one run of bytes, so that a reply whose lease turned out invalid can be taken back.
/// Not safe for concurrent use. Grows as needed and gives back what is over <see cref="KeptBytes"/> when it is cleared.
/// </summary>
/// <param name="maxBytes">Most that it takes; more is a <see cref="ReplyTooLargeException"/>.</param>
internal sealed class ReplyBuffer(int maxBytes = int.MaxValue) : IBufferWriter<byte>, IDisposable
{
    /// <summary>Largest array that is kept from one use to the next, bytes.</summary>
    public const int KeptBytes = 64 * 1024;

    private byte[] bytes = [];

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, Length);

    /// <inheritdoc cref="Written"/>
    public ReadOnlyMemory<byte> WrittenMemory => bytes.AsMemory(0, Length);

    /// <summary>Takes back all that was written after <see cref="Length"/> was <paramref name="length"/>.</summary>
    public void Truncate(int length) => Length = length;

    /// <summary>Forgets everything written.</summary>
    public void Clear()
    {
        Length = 0;
        if (bytes.Length > KeptBytes)
        {
            Dispose();
        }
    }

    /// <inheritdoc/>
    public void Advance(int count) => Length += count;

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(1, sizeHint));
        return bytes.AsSpan(Length);
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(1, sizeHint));
        return bytes.AsMemory(Length);
    }

    /// <summary>Appends bytes.</summary>
    public void Write(ReadOnlySpan<byte> data)
    {
        Reserve(data.Length);
        data.CopyTo(bytes.AsSpan(Length));
        Length += data.Length;
    }

    /// <summary>Gives the memory back. The buffer can be used again.</summary>
    public void Dispose()
    {
        if (bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }

        bytes = [];
        Length = 0;
    }

    private void Reserve(int size)
    {
        if (bytes.Length - Length >= size)
        {
            return;
        }

        if (Length + (long)size > maxBytes)
        {
            throw new ReplyTooLargeException($"A reply is over the limit of {maxBytes} bytes ({ClientProtocolOptions.Section}:{nameof(ClientProtocolOptions.HardOutputBytes)}).");
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(Length + size), Math.Max(1024, (int)Math.Min(Array.MaxLength, bytes.Length * 2L))));
        Written.CopyTo(larger);
        if (bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }

        bytes = larger;
    }
}

/// <summary>A reply is larger than a connection may cost: the connection is closed.</summary>
internal sealed class ReplyTooLargeException(string message) : Exception(message);
