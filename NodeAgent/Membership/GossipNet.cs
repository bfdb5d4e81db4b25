using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ShardConsole.NodeAgent.Load;
using ShardConsole.NodeAgent.Membership.Core;

namespace ShardConsole.NodeAgent.Membership;

/// <summary>The sockets of gossip: UDP datagrams and one-shot push/pull exchanges over TCP, both sealed. Rubbish is counted, never an exception.</summary>
internal sealed class GossipNet(GossipOptions options, GossipCounters counters, NetworkCounter network) : IDisposable
{
    private const int LengthBytes = 4;

    private readonly SwimSeal seal = new(options.Key);
    private readonly WireWriter writer = new();
    private readonly ConcurrentDictionary<string, IPAddress> resolved = new();
    private readonly SemaphoreSlim incoming = new(options.PushPullLimit);
    private Socket? udp;
    private TcpListener? tcp;

    /// <summary>Takes both ports.</summary>
    /// <exception cref="StartupException">One of them cannot be bound.</exception>
    public void Bind()
    {
        try
        {
            udp = new Socket(options.Bind.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
            tcp = new TcpListener(options.Bind);
            if (options.Bind.AddressFamily == AddressFamily.InterNetworkV6)
            {
                udp.DualMode = true;
                tcp.Server.DualMode = true;
            }

            tcp.Start(options.PushPullLimit);
            udp.Bind(options.Bind);
        }
        catch (SocketException e)
        {
            Dispose();
            throw StartupException.PortTaken("--gossip-port", options.Bind, e.Message);
        }
    }

    /// <summary>Sends at once or not at all. Gossip loop only.</summary>
    public void Send(GossipAddress to, Datagram datagram)
    {
        writer.Reset();
        SwimCodec.Write(writer, datagram);
        seal.Close(writer);
        if (Resolve(to) is not { } end)
        {
            Interlocked.Increment(ref counters.Dropped);
            return;
        }

        try
        {
            udp!.SendTo(writer.Written, SocketFlags.None, end);
            network.Add(writer.Length);
            Interlocked.Increment(ref counters.Sent);
        }
        catch (SocketException)
        {
            // Buffer full, no route: the same to the protocol as a datagram lost on the way.
            Interlocked.Increment(ref counters.Dropped);
        }
    }

    /// <summary>Receives datagrams until cancelled. What arrives is handed over on the socket's thread.</summary>
    public async Task ReceiveAsync(Action<GossipAddress, Datagram> received, CancellationToken stopping)
    {
        var buffer = new byte[65536];
        var any = new IPEndPoint(options.Bind.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var result = await udp!.ReceiveFromAsync(buffer, SocketFlags.None, any, stopping);
                network.Add(result.ReceivedBytes);
                Interlocked.Increment(ref counters.Received);
                if (seal.TryOpen(buffer.AsSpan(0, result.ReceivedBytes), out var message) && SwimCodec.TryRead(message, out var datagram))
                {
                    var from = (IPEndPoint)result.RemoteEndPoint;
                    var address = from.Address.IsIPv4MappedToIPv6 ? from.Address.MapToIPv4() : from.Address;
                    received(new GossipAddress(address.ToString(), from.Port), datagram);
                }
                else
                {
                    Interlocked.Increment(ref counters.Rubbish);
                }
            }
            catch (SocketException)
            {
                // A peer's port was closed (reported on some systems), or a datagram was longer than the buffer.
                Interlocked.Increment(ref counters.Rubbish);
            }
        }
    }

    /// <summary>Answers push/pulls until cancelled; more than the limit at once are closed.</summary>
    public async Task AcceptAsync(Func<PushPull, Task<PushPull?>> answer, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await tcp!.AcceptSocketAsync(stopping);
            }
            catch (SocketException)
            {
                // The caller has gone before it was accepted.
                continue;
            }

            if (!incoming.Wait(0, CancellationToken.None))
            {
                socket.Dispose();
                Interlocked.Increment(ref counters.Dropped);
                continue;
            }

            _ = ServeAsync(socket, answer, stopping);
        }
    }

    /// <summary>Sends a push/pull and reads the answer; null where there is none.</summary>
    public async Task<PushPull?> ExchangeAsync(GossipAddress to, PushPull message, CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(options.PushPullTimeoutMs);
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(to.Host, to.Port, limit.Token);
            await WriteAsync(socket, message, limit.Token);
            var reply = await ReadAsync(socket, limit.Token);
            Interlocked.Increment(ref reply is null ? ref counters.PushPullsFailed : ref counters.PushPullsDone);
            return reply;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            Interlocked.Increment(ref counters.PushPullsFailed);
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        udp?.Dispose();
        tcp?.Dispose();
    }

    private async Task ServeAsync(Socket socket, Func<PushPull, Task<PushPull?>> answer, CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(options.PushPullTimeoutMs);
        try
        {
            using (socket)
            {
                if (await ReadAsync(socket, limit.Token) is { } request && await answer(request).WaitAsync(limit.Token) is { } reply)
                {
                    await WriteAsync(socket, reply, limit.Token);
                }
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            Interlocked.Increment(ref counters.PushPullsFailed);
        }
        finally
        {
            incoming.Release();
        }
    }

    private async Task WriteAsync(Socket socket, PushPull message, CancellationToken cancellation)
    {
        var body = new WireWriter();
        SwimCodec.Write(body, message, options.Swim.MaxMembers);
        seal.Close(body);
        var frame = new byte[LengthBytes + body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, body.Length);
        body.Written.CopyTo(frame.AsSpan(LengthBytes));
        for (var sent = 0; sent < frame.Length;)
        {
            sent += await socket.SendAsync(frame.AsMemory(sent), cancellation);
        }

        network.Add(frame.Length);
    }

    private async Task<PushPull?> ReadAsync(Socket socket, CancellationToken cancellation)
    {
        var head = new byte[LengthBytes];
        if (await FillAsync(socket, head, cancellation))
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(head);
            var body = length is > SwimSeal.Bytes && length <= options.Swim.MaxPushPullBytes ? new byte[length] : [];
            if (body.Length > 0 && await FillAsync(socket, body, cancellation) && TryOpen(body) is { } message)
            {
                network.Add(LengthBytes + length);
                return message;
            }
        }

        Interlocked.Increment(ref counters.Rubbish);
        return null;
    }

    private PushPull? TryOpen(byte[] body) =>
        seal.TryOpen(body, out var opened) && SwimCodec.TryRead(opened, options.Swim.MaxMembers, out PushPull? message) ? message : null;

    private static async Task<bool> FillAsync(Socket socket, byte[] buffer, CancellationToken cancellation)
    {
        for (var filled = 0; filled < buffer.Length;)
        {
            var count = await socket.ReceiveAsync(buffer.AsMemory(filled), cancellation);
            if (count == 0)
            {
                return false;
            }

            filled += count;
        }

        return true;
    }

    /// <summary>The address of a host; a name is looked up in the background, and until then nothing is sent to it.</summary>
    private IPEndPoint? Resolve(GossipAddress to)
    {
        if (!IPAddress.TryParse(to.Host, out var address) && !resolved.TryGetValue(to.Host, out address))
        {
            _ = LookUpAsync(to.Host);
            return null;
        }

        if (options.Bind.AddressFamily == AddressFamily.InterNetworkV6 && address.AddressFamily == AddressFamily.InterNetwork)
        {
            address = address.MapToIPv6();
        }

        return address.AddressFamily == options.Bind.AddressFamily ? new IPEndPoint(address, to.Port) : null;
    }

    private async Task LookUpAsync(string host)
    {
        try
        {
            var found = await Dns.GetHostAddressesAsync(host);
            var fitting = found.FirstOrDefault(a => a.AddressFamily == options.Bind.AddressFamily) ?? found.FirstOrDefault();
            if (fitting is not null)
            {
                resolved[host] = fitting;
            }
        }
        catch (SocketException)
        {
            Interlocked.Increment(ref counters.Dropped);
        }
    }
}
