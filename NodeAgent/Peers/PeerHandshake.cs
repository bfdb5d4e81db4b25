using System.Buffers.Binary;
using System.Security.Cryptography;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Peers;

/// <summary>
/// Mutual proof of the cluster key at the start of a connection. Caller: magic, version, own id, nonce (32 bytes). Listener: own id, nonce,
/// proof (56 bytes). Caller: proof (32 bytes). A proof is HMAC-SHA256 over role, both ids and both nonces, so that none can be replayed.
/// </summary>
internal static class PeerHandshake
{
    /// <summary>Length of the caller's first message, bytes.</summary>
    public const int CallBytes = 32;

    /// <summary>Length of the listener's answer, bytes.</summary>
    public const int AnswerBytes = 56;

    /// <summary>Length of a proof, bytes.</summary>
    public const int ProofBytes = 32;

    /// <summary>Length of a nonce, bytes.</summary>
    public const int NonceBytes = 16;

    private const uint Magic = 0x50_43_53_31;
    private const byte Version = 1;

    /// <summary>The caller's first message.</summary>
    public static byte[] Call(NodeId self, PeerLane lane, ReadOnlySpan<byte> nonce)
    {
        var call = new byte[CallBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(call, Magic);
        call[4] = Version;
        call[5] = (byte)lane;
        BinaryPrimitives.WriteUInt64LittleEndian(call.AsSpan(8), self.Value);
        nonce.CopyTo(call.AsSpan(16));
        return call;
    }

    /// <summary>Reads a caller's first message; false for anything else.</summary>
    public static bool TryReadCall(ReadOnlySpan<byte> call, out NodeId caller)
    {
        caller = default;
        if (call.Length != CallBytes || BinaryPrimitives.ReadUInt32LittleEndian(call) != Magic || call[4] != Version)
        {
            return false;
        }

        caller = new NodeId(BinaryPrimitives.ReadUInt64LittleEndian(call[8..]));
        return !caller.IsNone;
    }

    /// <summary>The listener's answer to a call.</summary>
    public static byte[] Answer(ReadOnlySpan<byte> key, NodeId self, ReadOnlySpan<byte> call, ReadOnlySpan<byte> nonce)
    {
        var answer = new byte[AnswerBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(answer, self.Value);
        nonce.CopyTo(answer.AsSpan(8));
        Proof(key, (byte)'L', call, answer.AsSpan(0, 24)).CopyTo(answer.AsSpan(24));
        return answer;
    }

    /// <summary>True when the answer proves the key.</summary>
    public static bool IsGenuineAnswer(ReadOnlySpan<byte> key, ReadOnlySpan<byte> call, ReadOnlySpan<byte> answer, out NodeId listener)
    {
        listener = new NodeId(BinaryPrimitives.ReadUInt64LittleEndian(answer));
        return CryptographicOperations.FixedTimeEquals(Proof(key, (byte)'L', call, answer[..24]), answer[24..]);
    }

    /// <summary>The proof of one side: 'L' the listener's, 'C' the caller's.</summary>
    public static byte[] Proof(ReadOnlySpan<byte> key, byte role, ReadOnlySpan<byte> call, ReadOnlySpan<byte> answerHead)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData([role]);
        hmac.AppendData(call);
        hmac.AppendData(answerHead[..24]);
        return hmac.GetHashAndReset();
    }
}
