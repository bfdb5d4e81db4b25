using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Security;

namespace ShardConsole.NodeAgent.Peers;

/// <summary>
/// The way to one peer on one lane: frames are collected in a buffer and sent together; while the peer cannot be reached, frames are dropped.
/// One send is under way at a time; what comes meanwhile waits for the next. Over TLS where a trust is given.
/// </summary>
internal sealed class PeerLink : IDisposable
{
    private readonly NodeId self;
    private readonly NodeId peer;
    private readonly PeerLane lane;
    private readonly byte[] key;
    private readonly PeerOptions options;
    private readonly Func<NodeId, DnsEndPoint?> resolve;
    private readonly TimeProvider time;
    private readonly TlsTrust? trust;
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private ArrayBufferWriter<byte> pending = new(4096);
    private ArrayBufferWriter<byte> sending = new(4096);
    private Stream? stream;
    private bool busy;

    public PeerLink(
        NodeId self, NodeId peer, PeerLane lane, byte[] key, PeerOptions options, Func<NodeId, DnsEndPoint?> resolve, TimeProvider time, TlsTrust? trust = null)
    {
        (this.self, this.peer, this.lane, this.key, this.options, this.resolve, this.time, this.trust) = (self, peer, lane, key, options, resolve, time, trust);
        Connecting = ConnectLoopAsync();
    }

    /// <summary>Bytes sent so far.</summary>
    public long SentBytes { get; private set; }

    /// <summary>Frames dropped so far: not connected, or the queue was full.</summary>
    public long Dropped { get; private set; }

    /// <summary>Unix milliseconds since when the link stands; 0 while it does not.</summary>
    public long ConnectedSinceMs { get; private set; }

    /// <summary>Bytes that wait.</summary>
    public long QueuedBytes => pending.WrittenCount + (busy ? sending.WrittenCount : 0);

    /// <summary>Ends when the link was disposed.</summary>
    public Task Connecting { get; }

    /// <summary>Queues a frame; <see cref="Flush"/> sends. False when it was dropped.</summary>
    public bool Queue<TState>(PeerFrameKind kind, TState state, Action<TState, IBufferWriter<byte>> write)
    {
        lock (gate)
        {
            if (stream is null || pending.WrittenCount > options.MaxQueuedBytes)
            {
                Dropped++;
                return false;
            }

            var start = pending.WrittenCount;
            pending.GetSpan(5)[4] = (byte)kind;
            pending.Advance(5);
            write(state, pending);
            var length = pending.WrittenCount - start - 4;
            BinaryPrimitives.WriteInt32LittleEndian(System.Runtime.InteropServices.MemoryMarshal.AsMemory(pending.WrittenMemory)[start..].Span, length);
            return true;
        }
    }

    /// <summary>Starts sending what waits, unless a send is under way (which then goes on with it).</summary>
    public void Flush()
    {
        Stream? connected;
        lock (gate)
        {
            if (busy || stream is null || pending.WrittenCount == 0)
            {
                return;
            }

            connected = stream;
            busy = true;
            (pending, sending) = (sending, pending);
        }

        _ = SendAsync(connected);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stop.Cancel();
        Disconnect(null);
    }

    private async Task SendAsync(Stream connected)
    {
        try
        {
            while (true)
            {
                await connected.WriteAsync(sending.WrittenMemory, stop.Token);
                SentBytes += sending.WrittenCount;

                lock (gate)
                {
                    Reuse(ref sending);
                    if (pending.WrittenCount == 0 || stream != connected)
                    {
                        busy = false;
                        return;
                    }

                    (pending, sending) = (sending, pending);
                }
            }
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            Disconnect(connected);
            lock (gate)
            {
                Reuse(ref sending);
                busy = false;
            }
        }
    }

    private static void Reuse(ref ArrayBufferWriter<byte> buffer)
    {
        // A buffer that one large frame has blown up is not kept for ever.
        if (buffer.Capacity > 1 << 20)
        {
            buffer = new ArrayBufferWriter<byte>(4096);
        }
        else
        {
            buffer.ResetWrittenCount();
        }
    }

    private async Task ConnectLoopAsync()
    {
        var pause = options.ReconnectMs;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var connected = await ConnectAsync();
                if (connected is not null)
                {
                    pause = options.ReconnectMs;
                    await UntilClosedAsync(connected);
                    continue;
                }
            }
            catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or AuthenticationException
                || (e is OperationCanceledException && !stop.IsCancellationRequested))
            {
                // Not reachable now: tried again below.
            }
            catch (OperationCanceledException)
            {
                return;
            }

            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(pause), time, stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            pause = Math.Min(pause * 2, options.MaxReconnectMs);
        }
    }

    private async Task<Stream?> ConnectAsync()
    {
        if (resolve(peer) is not { } address)
        {
            return null;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        limit.CancelAfter(options.HandshakeMs);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? fresh = null;
        try
        {
            await socket.ConnectAsync(address, limit.Token);
            fresh = await SecuredAsync(new NetworkStream(socket, ownsSocket: true), address.Host, limit.Token);
            var nonce = RandomNumberGenerator.GetBytes(PeerHandshake.NonceBytes);
            var call = PeerHandshake.Call(self, lane, nonce);
            await fresh.WriteAsync(call, limit.Token);
            var answer = new byte[PeerHandshake.AnswerBytes];
            await fresh.ReadExactlyAsync(answer, limit.Token);
            if (!PeerHandshake.IsGenuineAnswer(key, call, answer, out var listener) || listener != peer)
            {
                throw new IOException($"The node at {address.Host}:{address.Port} is not {peer}, or has another cluster key.");
            }

            await fresh.WriteAsync(PeerHandshake.Proof(key, (byte)'C', call, answer), limit.Token);
            lock (gate)
            {
                pending.ResetWrittenCount();
                stream = fresh;
                ConnectedSinceMs = time.GetUtcNow().ToUnixTimeMilliseconds();
            }

            return fresh;
        }
        catch
        {
            if (fresh is not null)
            {
                await fresh.DisposeAsync();
            }

            socket.Dispose();
            throw;
        }
    }

    private async Task<Stream> SecuredAsync(Stream plain, string host, CancellationToken cancellation)
    {
        if (trust is null)
        {
            return plain;
        }

        var tls = new SslStream(plain, leaveInnerStreamOpen: false, (_, certificate, chain, _) => trust.Trusts(certificate, chain));
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host }, cancellation);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    /// <summary>The listener never sends after its answer, so a read ends only when the connection does.</summary>
    private async Task UntilClosedAsync(Stream connected)
    {
        try
        {
            var one = new byte[1];
            _ = await connected.ReadAsync(one, stop.Token);
        }
        finally
        {
            Disconnect(connected);
        }
    }

    private void Disconnect(Stream? which)
    {
        lock (gate)
        {
            if (which is not null && stream != which)
            {
                which.Dispose();
                return;
            }

            stream?.Dispose();
            stream = null;
            ConnectedSinceMs = 0;
        }
    }
}
