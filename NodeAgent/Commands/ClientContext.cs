using ShardConsole.NodeAgent.Resp;
using ShardConsole.NodeAgent.Routing;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>What a command that is answered by the node sees: the node, the connection, and how far this command has come. One per connection.</summary>
internal sealed class ClientContext(ClientServices services, ClientSession session)
{
    private readonly List<(IShardReplica Replica, ulong Term)> confirmed = [];

    public ClientServices Services { get; } = services;

    public ClientSession Session { get; } = session;

    /// <summary>Whether the time of holding is over: the command must answer now.</summary>
    public bool HoldEnded { get; set; }

    /// <summary>Whether the deletion of the expired keys that the command met has been seen to.</summary>
    public bool ExpiredIsAbsent { get; set; }

    /// <summary>Leadership that must be confirmed before the command can be answered.</summary>
    public (IShardReplica Replica, ulong Term) ToConfirm { get; set; }

    /// <summary>What the reply waits for; see <see cref="NodeVerdict.Await"/>.</summary>
    public Task<string?>? Continuation { get; set; }

    /// <summary>A new command begins.</summary>
    public void Begin()
    {
        HoldEnded = ExpiredIsAbsent = false;
        Continuation = null;
        if (confirmed.Count > 0)
        {
            confirmed.Clear();
        }
    }

    /// <summary>Remembers that a round which began with this command has confirmed the leadership.</summary>
    public void Confirm(IShardReplica replica, ulong term) => confirmed.Add((replica, term));

    public bool IsConfirmed(IShardReplica replica, ulong term) => confirmed.Count > 0 && confirmed.Contains((replica, term));
}
