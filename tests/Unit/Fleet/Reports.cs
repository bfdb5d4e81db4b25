using System.Collections.Immutable;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.Unit.Fleet;

/// <summary>A cluster of two nodes, two shards and 64 segments: even segments are of shard 1 (led by node 1), odd ones of shard 2 (led by node 2).</summary>
internal static class Reports
{
    public const string Cluster = "c-1";
    public static readonly NodeId N1 = new(0x11);
    public static readonly NodeId N2 = new(0x12);
    public static readonly ShardId S1 = new(1);
    public static readonly ShardId S2 = new(2);

    public static readonly ShardMap Map = new()
    {
        Epoch = 1,
        Owners = [.. Enumerable.Range(0, 64).Select(i => i % 2 == 0 ? S1 : S2)],
        Shards = [new ShardInfo(S1, [N1, N2], N1), new ShardInfo(S2, [N1, N2], N2)],
    };

    public static readonly ImmutableArray<Member> Members = [Member(N1, "n1", 7301), Member(N2, "n2", 7302)];

    public static ClusterState ClusterState(ulong epoch = 1, NodeId? leader = null) =>
        new(Cluster, Map with { Epoch = epoch }, 1, Members, MigrationLimits.Default, false, "", leader ?? N1);

    public static NodeStatus Status(NodeId node) => new(
        1, 1, new NodeUse(100, 1 << 20, 10, 20), 3, N1, false,
        [Replica(S1, node == N1 ? "leader" : "follower"), Replica(S2, node == N2 ? "leader" : "follower")], []);

    public static LoadReport Report(NodeId node, long sequence, DateTimeOffset at, params SegmentLoad[] loads) =>
        new(Cluster, node, 5, sequence, at.ToUnixTimeMilliseconds(), 1000, [.. loads], [], Status(node));

    public static SegmentLoad Load(int segment, long reads, long writes = 0, long cpuMicros = 0, long keys = 10) =>
        new(new SegmentId((ushort)segment), reads, writes, reads * 40, reads * 100, cpuMicros, 0, 100, 400, keys, keys * 100);

    public static FleetState State() => FleetSnapshot.Build(
        ClusterState(), new Dictionary<NodeId, Heard>
        {
            [N1] = new(Support.TestClock.Start, "1", Status(N1), []), [N2] = new(Support.TestClock.Start, "1", Status(N2), []),
        },
        [], Support.TestClock.Start, TimeSpan.FromSeconds(5));

    private static ReplicaStatus Replica(ShardId shard, string role) => new(shard, role, 3, shard == S1 ? N1 : N2, 9, 9, 1, 9);

    private static Member Member(NodeId id, string name, int adminPort) =>
        new(id, name, "", new NodeCapacity(500, 1 << 30, 0, 0), new NodeAddresses("127.0.0.1", adminPort - 300, adminPort - 200, adminPort - 100, adminPort));
}
