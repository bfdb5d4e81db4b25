using System.Collections.Immutable;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Fleet.Members;

/// <summary>Clusters of a few nodes as snapshots: node i is "n{i}" with id i; shards of three replicas, led in turn.</summary>
internal static class MemberWorld
{
    public static NodeId N(int number) => new((ulong)number);

    public static ShardId S(int number) => new((ushort)number);

    /// <param name="zones">Zone of each member, by its place.</param>
    /// <param name="founders">So many of the first members hold the shards.</param>
    public static FleetState Of(string[] zones, int founders, int shards = 12, int replicas = 3)
    {
        var members = zones.Select((z, i) => new Member(N(i + 1), $"n{i + 1}", z, new NodeCapacity(500, 1 << 30, 0, 0), new NodeAddresses("127.0.0.1", 1, 2, 3, 4))).ToImmutableArray();
        var map = new ShardMap
        {
            Epoch = 1,
            Owners = [.. Enumerable.Range(0, 64).Select(i => S((i % shards) + 1))],
            Shards = [.. Enumerable.Range(0, shards).Select(i => new ShardInfo(
                S(i + 1), [.. Enumerable.Range(0, replicas).Select(r => N(((i + r) % founders) + 1)).Order()], N((i % founders) + 1)))],
        };
        var heard = members.ToDictionary(m => m.Id, m => new Heard(TestClock.Start, "1", new NodeStatus(1, 1, new NodeUse(0, 0, 0, 0), 0, N(1), false, [], []), []));
        return FleetSnapshot.Build(
            new ClusterState("c-1", map, 1, members, MigrationLimits.Default, false, "", N(1)) { MetaReplicas = [N(1), N(2), N(3)] }, heard, [], TestClock.Start, TimeSpan.FromSeconds(5));
    }

    public static ReplicaChangeStatus Change(ulong id, GroupId group, int[] before, int[] wanted, ReplicaPhase phase = ReplicaPhase.CatchingUp, bool cancelled = false, string waiting = "", long unixMs = 0) => new(
        id, group, [.. before.Select(N)], [.. wanted.Select(N)], N(wanted[0]), phase, cancelled, [.. before.Select(N)], [], waiting,
        [new ReplicaEntry(ReplicaPhase.Requested, unixMs, "ann", id, "why")]);
}
