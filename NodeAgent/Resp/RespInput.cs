using System.Buffers;

namespace ShardConsole.NodeAgent.Resp;

/// <summary>
/// Bytes of a connection that have not been understood yet, as one run. Bytes that arrive in one piece and are understood at once are never copied;
/// only what is left over is, so that a command in n pieces is copied once and not n times. One per connection; not safe for concurrent use.
/// </summary>
internal sealed class RespInput : IDisposable
{
    private const int KeptBytes = 64 * 1024;

    private byte[] kept = [];
    private int keptLength;
    private ReadOnlyMemory<byte> direct;
    private bool isDirect;
    private int offset;

    /// <summary>What has not been consumed.</summary>
    public ReadOnlySpan<byte> Pending => isDirect ? direct.Span[offset..] : kept.AsSpan(offset, keptLength - offset);

    /// <summary>Bytes held in memory of this object's own.</summary>
    public int KeptLength => isDirect ? 0 : keptLength - offset;

    /// <summary>Takes what has arrived; it must stay valid until <see cref="Detach"/>.</summary>
    /// <param name="arrived">The new bytes.</param>
    /// <param name="expected">Bytes that the command under way needs at least, from its start.</param>
    public void Attach(in ReadOnlySequence<byte> arrived, int expected)
    {
        if (keptLength == 0 && arrived.IsSingleSegment)
        {
            direct = arrived.First;
            isDirect = true;
            return;
        }

        foreach (var part in arrived)
        {
            Keep(part.Span, expected);
        }
    }

    /// <summary>Marks bytes of <see cref="Pending"/> as done with.</summary>
    public void Consume(int bytes) => offset += bytes;

    /// <summary>Copies what is left, so that the bytes given to <see cref="Attach"/> can be released.</summary>
    public void Detach()
    {
        if (isDirect)
        {
            var left = direct.Span[offset..];
            offset = 0;
            isDirect = false;
            direct = default;
            Keep(left, left.Length);
            return;
        }

        if (offset == 0)
        {
            return;
        }

        kept.AsSpan(offset, keptLength - offset).CopyTo(kept);
        keptLength -= offset;
        offset = 0;
        if (keptLength == 0 && kept.Length > KeptBytes)
        {
            Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (kept.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(kept);
        }

        kept = [];
        keptLength = 0;
        offset = 0;
        isDirect = false;
        direct = default;
    }

    private void Keep(ReadOnlySpan<byte> bytes, int expected)
    {
        var wanted = keptLength + bytes.Length;
        if (bytes.Length == 0)
        {
            return;
        }

        if (wanted > kept.Length)
        {
            // Not the whole expected length at once: a client that only announces a large value gets no memory for it.
            var size = Math.Max(wanted, Math.Min(expected, Math.Max(1024, wanted * 2)));
            var larger = ArrayPool<byte>.Shared.Rent(size);
            kept.AsSpan(0, keptLength).CopyTo(larger);
            if (kept.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(kept);
            }

            kept = larger;
        }

        bytes.CopyTo(kept.AsSpan(keptLength));
        keptLength = wanted;
    }
}
