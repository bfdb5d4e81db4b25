using System.Collections.Concurrent;

namespace ShardConsole.NodeAgent.Resp;

/// <summary>The connected clients. Safe for concurrent use.</summary>
internal sealed class ClientRegistry
{
    private readonly ConcurrentDictionary<long, ClientSession> sessions = new();
    private long lastId;
    private int count;

    /// <summary>Connected clients.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>All sessions by id.</summary>
    public IReadOnlyList<ClientSession> All => [.. sessions.Values.OrderBy(s => s.Id)];

    /// <summary>A new session; null where that many clients are connected already.</summary>
    public ClientSession? TryAdd(string address, string localAddress, DateTimeOffset now, int maxClients)
    {
        if (Interlocked.Increment(ref count) > maxClients)
        {
            Interlocked.Decrement(ref count);
            return null;
        }

        var session = new ClientSession(Interlocked.Increment(ref lastId), address, localAddress, now);
        sessions[session.Id] = session;
        return session;
    }

    public void Remove(ClientSession session)
    {
        if (sessions.TryRemove(session.Id, out _))
        {
            Interlocked.Decrement(ref count);
        }
    }
}
