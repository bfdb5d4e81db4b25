using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Peers;

/// <summary>
/// The way to one peer on one lane: frames are collected in a buffer and sent together; while the peer cannot be reached, frames are dropped.
/// One send is under way at a time; what comes meanwhile waits for the next.
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
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private ArrayBufferWriter<byte> pending = new(4096);
    private ArrayBufferWriter<byte> sending = new(4096);
    private Socket? socket;
    private bool busy;

    public PeerLink(
        NodeId self, NodeId peer, PeerLane lane, byte[] key, PeerOptions options, Func<NodeId, DnsEndPoint?> resolve, TimeProvider time)
    {
        (this.self, this.peer, this.lane, this.key, this.options, this.resolve, this.time) = (self, peer, lane, key, options, resolve, time);
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
            if (socket is null || pending.WrittenCount > options.MaxQueuedBytes)
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
        Socket? connected;
        lock (gate)
        {
            if (busy || socket is null || pending.WrittenCount == 0)
            {
                return;
            }

            connected = socket;
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

    private async Task SendAsync(Socket connected)
    {
        try
        {
            while (true)
            {
                var rest = sending.WrittenMemory;
                while (rest.Length > 0)
                {
                    var sent = await connected.SendAsync(rest, SocketFlags.None, stop.Token);
                    SentBytes += sent;
                    rest = rest[sent..];
                }

                lock (gate)
                {
                    Reuse(ref sending);
                    if (pending.WrittenCount == 0 || socket != connected)
                    {
                        busy = false;
                        return;
                    }

                    (pending, sending) = (sending, pending);
                }
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
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
            catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException
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

    private async Task<Socket?> ConnectAsync()
    {
        if (resolve(peer) is not { } address)
        {
            return null;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        limit.CancelAfter(options.HandshakeMs);
        var fresh = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await fresh.ConnectAsync(address, limit.Token);
            var nonce = RandomNumberGenerator.GetBytes(PeerHandshake.NonceBytes);
            var call = PeerHandshake.Call(self, lane, nonce);
            await fresh.SendAsync(call, limit.Token);
            var answer = new byte[PeerHandshake.AnswerBytes];
            await ReadExactlyAsync(fresh, answer, limit.Token);
            if (!PeerHandshake.IsGenuineAnswer(key, call, answer, out var listener) || listener != peer)
            {
                throw new IOException($"The node at {address.Host}:{address.Port} is not {peer}, or has another cluster key.");
            }

            await fresh.SendAsync(PeerHandshake.Proof(key, (byte)'C', call, answer), limit.Token);
            lock (gate)
            {
                pending.ResetWrittenCount();
                socket = fresh;
                ConnectedSinceMs = time.GetUtcNow().ToUnixTimeMilliseconds();
            }

            return fresh;
        }
        catch
        {
            fresh.Dispose();
            throw;
        }
    }

    /// <summary>The listener never sends after its answer, so a read ends only when the connection does.</summary>
    private async Task UntilClosedAsync(Socket connected)
    {
        try
        {
            var one = new byte[1];
            _ = await connected.ReceiveAsync(one, SocketFlags.None, stop.Token);
        }
        finally
        {
            Disconnect(connected);
        }
    }

    private void Disconnect(Socket? which)
    {
        lock (gate)
        {
            if (which is not null && socket != which)
            {
                which.Dispose();
                return;
            }

            socket?.Dispose();
            socket = null;
            ConnectedSinceMs = 0;
        }
    }

    private static async Task ReadExactlyAsync(Socket from, Memory<byte> buffer, CancellationToken cancellation)
    {
        while (buffer.Length > 0)
        {
            var read = await from.ReceiveAsync(buffer, SocketFlags.None, cancellation);
            if (read == 0)
            {
                throw new IOException("The peer closed the connection during the handshake.");
            }

            buffer = buffer[read..];
        }
    }
}
