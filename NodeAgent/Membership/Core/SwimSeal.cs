using System.Security.Cryptography;

namespace ShardConsole.NodeAgent.Membership.Core;

/// <summary>
/// Authenticates gossip by the cluster key: HMAC-SHA256 over the whole message, its first 16 bytes at the end. It does not hide anything, and an old message can be
/// sent again: incarnations and versions only rise, so a replayed one tells nothing new.
/// </summary>
internal sealed class SwimSeal(ReadOnlyMemory<byte> key)
{
    /// <summary>Bytes that a seal adds.</summary>
    public const int Bytes = 16;

    /// <summary>Appends the seal to what was written.</summary>
    public void Close(WireWriter writer)
    {
        Span<byte> code = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key.Span, writer.Written, code);
        writer.Bytes(code[..Bytes]);
    }

    /// <summary>The message without its seal; false where the seal is missing or made with another key.</summary>
    public bool TryOpen(ReadOnlySpan<byte> data, out ReadOnlySpan<byte> message)
    {
        message = default;
        if (data.Length < Bytes)
        {
            return false;
        }

        Span<byte> code = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key.Span, data[..^Bytes], code);
        if (!CryptographicOperations.FixedTimeEquals(code[..Bytes], data[^Bytes..]))
        {
            return false;
        }

        message = data[..^Bytes];
        return true;
    }
}
