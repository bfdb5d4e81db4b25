using ShardConsole.NodeAgent.Routing;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Routing;

/// <summary>A cluster as a test wants it seen. Node n has id n and listens on 10.0.0.n:7000+n.</summary>
internal sealed class FakeNodeView : INodeView
{
    private readonly List<IShardReplica> replicas = [];
    private TaskCompletionSource change = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FakeNodeView(int nodes, int segmentCount, int shardsPerNode = 1)
    {
        var members = Enumerable.Range(1, nodes).Select(Member).ToList();
        Members = members.ToDictionary(m => m.Id);
        if (segmentCount > 0)
        {
            Map = Founding.Create("test", members, segmentCount, shardsPerNode, null).Map;
        }

        Leaders = Map.Shards.ToDictionary(s => s.Id, s => s.PreferredLeader);
    }

    public NodeId Self { get; set; } = new(1);

    public ShardMap Map { get; set; } = ShardMap.Empty;

    public IReadOnlyDictionary<NodeId, Member> Members { get; }

    public Dictionary<ShardId, NodeId> Leaders { get; }

    public HashSet<NodeId> Dead { get; } = [];

    public IReadOnlyList<IShardReplica> Replicas => replicas;

    /// <summary>How often somebody took <see cref="NextChange"/>.</summary>
    public Action? OnNextChange { get; set; }

    public Task NextChange
    {
        get
        {
            OnNextChange?.Invoke();
            return change.Task;
        }
    }

    public IReadOnlyList<(NodeId Node, long SendBufferBytes, long ConnectedSinceMs)> Links { get; set; } = [];

    public ulong MetaTerm { get; set; } = 1;

    public static Member Member(int n) => new(
        new NodeId((ulong)n), $"n{n}", "", new NodeCapacity(500, 0, 0, 0), new NodeAddresses($"10.0.0.{n}", 7000 + n, 7100 + n, 7200 + n, 7300 + n));

    public bool IsAlive(NodeId node) => !Dead.Contains(node);

    public IShardReplica? Replica(ShardId shard) => replicas.Find(r => r.Shard == shard);

    public NodeId LeaderOf(ShardId shard) => Leaders.GetValueOrDefault(shard);

    public void Add(FakeReplica replica) => replicas.Add(replica);

    /// <summary>Tells those who wait for a change.</summary>
    public void Change()
    {
        var old = change;
        change = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        old.SetResult();
    }
}
