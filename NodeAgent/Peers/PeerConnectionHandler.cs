using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Peers;

/// <summary>The peer port: proves the cluster key with the caller, then takes its frames until the connection ends. Rubbish ends it.</summary>
internal sealed class PeerConnectionHandler(PeerHub hub, TimeProvider time) : ConnectionHandler
{
    /// <inheritdoc/>
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        NodeId? known = null;
        try
        {
            known = await GreetAsync(connection);
            if (known is not { } caller)
            {
                return;
            }

            // A server that stops asks first and would wait for this connection until it loses its patience with all of them, clients' too. A little later: what clients
            // are still answered may need a peer's word.
            using var end = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
            await using var closed = connection.ConnectionClosed.UnsafeRegister(static end => ((CancellationTokenSource)end!).Cancel(), end);
            var asked = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
            await using var soon = asked.UnsafeRegister(_ => end.CancelAfter(hub.Options.LateMs), null);
            while (true)
            {
                var read = await input.ReadAsync(end.Token);
                var buffer = read.Buffer;
                while (TryReadFrame(ref buffer, out var kind, out var body))
                {
                    Dispatch(caller, kind, body);
                }

                input.AdvanceTo(buffer.Start, buffer.End);
                if (read.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidDataException)
        {
            // The peer went away or sent what is no frame: it connects again.
        }
        finally
        {
            if (known is { } lost)
            {
                hub.Lose(lost);
            }
        }
    }

    private async Task<NodeId?> GreetAsync(ConnectionContext connection)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(hub.Options.HandshakeMs), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, connection.ConnectionClosed);
        var call = await ReadExactlyAsync(connection.Transport.Input, PeerHandshake.CallBytes, both.Token);
        if (!PeerHandshake.TryReadCall(call, out var caller))
        {
            return null;
        }

        var answer = PeerHandshake.Answer(hub.ClusterKey, hub.Self, call, RandomNumberGenerator.GetBytes(PeerHandshake.NonceBytes));
        await connection.Transport.Output.WriteAsync(answer, both.Token);
        var proof = await ReadExactlyAsync(connection.Transport.Input, PeerHandshake.ProofBytes, both.Token);
        return CryptographicOperations.FixedTimeEquals(proof, PeerHandshake.Proof(hub.ClusterKey, (byte)'C', call, answer)) ? caller : null;
    }

    private bool TryReadFrame(ref ReadOnlySequence<byte> buffer, out PeerFrameKind kind, out ReadOnlySequence<byte> body)
    {
        (kind, body) = (default, default);
        if (buffer.Length < 5)
        {
            return false;
        }

        Span<byte> head = stackalloc byte[5];
        buffer.Slice(0, 5).CopyTo(head);
        var length = BinaryPrimitives.ReadInt32LittleEndian(head);
        if (length < 1 || length > hub.Options.MaxFrameBytes)
        {
            throw new InvalidDataException($"A frame of {length} bytes is outside 1..{hub.Options.MaxFrameBytes}.");
        }

        if (buffer.Length < length + 4)
        {
            return false;
        }

        kind = (PeerFrameKind)head[4];
        body = buffer.Slice(5, length - 1);
        buffer = buffer.Slice(length + 4);
        return true;
    }

    private void Dispatch(NodeId caller, PeerFrameKind kind, ReadOnlySequence<byte> body)
    {
        if (body.IsSingleSegment)
        {
            hub.Receive(caller, kind, body.FirstSpan);
            return;
        }

        var length = (int)body.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        body.CopyTo(rented);
        hub.Receive(caller, kind, rented.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(rented);
    }

    private static async Task<byte[]> ReadExactlyAsync(PipeReader input, int length, CancellationToken cancellation)
    {
        var read = await input.ReadAtLeastAsync(length, cancellation);
        if (read.Buffer.Length < length)
        {
            throw new IOException("The caller closed the connection during the handshake.");
        }

        var bytes = read.Buffer.Slice(0, length).ToArray();
        input.AdvanceTo(read.Buffer.GetPosition(length));
        return bytes;
    }
}
