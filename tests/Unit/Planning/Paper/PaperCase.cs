using ShardConsole.ControlPlane.Planning.Paper;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Planning.Paper;

/// <summary>Small paper clusters: shard i is led by node (i − 1) mod nodes + 1, loads are given per segment and step of a minute.</summary>
internal static class PaperCase
{
    public static readonly DateTimeOffset Start = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);

    public static PaperCluster Cluster(int nodes, int[] owners, int shards = 0, int replication = 1, long bytes = 12_000_000)
    {
        shards = shards == 0 ? Math.Max(nodes, owners.Max()) : shards;
        var map = new ShardMap
        {
            Epoch = 1,
            Owners = [.. owners.Select(ClusterCase.Shard)],
            Shards = [.. Enumerable.Range(1, shards).Select(i => new ShardInfo(
                ClusterCase.Shard(i), [.. Enumerable.Range(0, replication).Select(r => ClusterCase.Node(((i - 1 + r) % nodes) + 1)).Order()], ClusterCase.Node(((i - 1) % nodes) + 1)))],
        };
        return new PaperCluster(
            map, [.. Enumerable.Range(1, nodes).Select(n => new Member(ClusterCase.Node(n), $"n{n}", "a", new NodeCapacity(1000, 0, 0, 0), new NodeAddresses("h", 1, 2, 3, 4)))],
            new HashSet<NodeId>(), [.. owners.Select(_ => bytes)]);
    }

    /// <summary>Loads that stay as they are.</summary>
    public static PaperLoads Constant(int minutes, params float[] mcore) => Of(minutes, _ => mcore);

    public static PaperLoads Of(int minutes, Func<int, float[]> column, double followRatio = 0) =>
        new(Start, TimeSpan.FromMinutes(1), [.. Enumerable.Range(0, minutes).Select(column)], null, followRatio);

    public static PaperResult Run(PaperCluster cluster, PaperLoads loads, IPaperPolicy policy, PaperOptions? options = null) =>
        new PaperRun(cluster, loads, policy, options ?? new PaperOptions { CopyMillisecondsPerMegabyte = 0 }, loads.Start, loads.End, columnTicks: 1).Finish();

    public static GivenPolicy Given(params (int Segment, int From, int To)[] moves) =>
        new(Start, [.. moves.Select(m => new WantedMove(new SegmentId((ushort)m.Segment), ClusterCase.Shard(m.From), ClusterCase.Shard(m.To)))]);
}
