using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Security;

namespace ShardConsole.NodeAgent.Peers;

/// <summary>Sends frames to other nodes and hands received ones to whoever registered for their kind. Frames may be lost, never torn.</summary>
internal sealed class PeerHub(NodeId self, byte[] clusterKey, PeerOptions options, Func<NodeId, DnsEndPoint?> resolve, TimeProvider time, TlsTrust? trust = null) : IDisposable
{
    private readonly ConcurrentDictionary<(NodeId Peer, PeerLane Lane), PeerLink> links = new();
    private readonly PeerFrameHandler?[] handlers = new PeerFrameHandler?[256];

    /// <summary>This node.</summary>
    public NodeId Self => self;

    /// <summary>The key that every connection proves.</summary>
    public byte[] ClusterKey => clusterKey;

    /// <summary>Limits.</summary>
    public PeerOptions Options => options;

    /// <summary>Bytes received so far.</summary>
    public long ReceivedBytes => Interlocked.Read(ref receivedBytes);

    /// <summary>Bytes sent so far.</summary>
    public long SentBytes => links.Values.Sum(l => l.SentBytes);

    private long receivedBytes;

    /// <summary>Links for CLUSTER LINKS and metrics.</summary>
    public IEnumerable<(NodeId Peer, PeerLane Lane, PeerLink Link)> Links => links.Select(l => (l.Key.Peer, l.Key.Lane, l.Value));

    /// <summary>
    /// A connection from a peer has ended that had proven the key: its process is likely gone, or the way to it. From any thread, possibly twice, and also while this node stops.
    /// </summary>
    public event Action<NodeId>? ConnectionLost;

    /// <summary>Registers the receiver of a kind; before the first connection.</summary>
    public void Handle(PeerFrameKind kind, PeerFrameHandler handler) => handlers[(byte)kind] = handler;

    /// <summary>Queues a frame for a peer; sent by <see cref="Flush"/>, or at once where <paramref name="flush"/> is set. False when it was dropped.</summary>
    public bool Send<TState>(NodeId to, PeerLane lane, PeerFrameKind kind, TState state, Action<TState, IBufferWriter<byte>> write, bool flush = true)
    {
        var link = Link(to, lane);
        var queued = link.Queue(kind, state, write);
        if (flush)
        {
            link.Flush();
        }

        return queued;
    }

    /// <summary>Queues a frame of ready bytes and sends it.</summary>
    public bool Send(NodeId to, PeerLane lane, PeerFrameKind kind, ReadOnlyMemory<byte> body) =>
        Send(to, lane, kind, body, static (bytes, writer) => writer.Write(bytes.Span));

    /// <summary>Sends what was queued for a peer.</summary>
    public void Flush(NodeId to, PeerLane lane) => Link(to, lane).Flush();

    /// <summary>Hands a received frame on.</summary>
    public void Receive(NodeId from, PeerFrameKind kind, ReadOnlySpan<byte> body)
    {
        Interlocked.Add(ref receivedBytes, body.Length + 5);
        handlers[(byte)kind]?.Invoke(from, body);
    }

    /// <summary>Says that a connection from a peer has ended.</summary>
    public void Lose(NodeId from) => ConnectionLost?.Invoke(from);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var link in links.Values)
        {
            link.Dispose();
        }
    }

    private PeerLink Link(NodeId to, PeerLane lane) =>
        links.TryGetValue((to, lane), out var link) ? link : links.GetOrAdd((to, lane), static (id, hub) => hub.Open(id.Peer, id.Lane), this);

    private PeerLink Open(NodeId peer, PeerLane lane) => new(self, peer, lane, clusterKey, options, resolve, time, trust);
}
