using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>The nodes as the console shows them.</summary>
internal static class NodeRows
{
    /// <summary>One row per member, in the order of the snapshot.</summary>
    public static IReadOnlyList<NodeRow> Of(FleetState state, ScoreBoard? board, ScoreBoard? after, double comfortZone) =>
        [.. state.Nodes.Select(node => Row(state, node, Score(board, node.Id), Score(after, node.Id), board?.Reactive is null, comfortZone)
            with { CpuStarts = board is { Reactive: null } ? board.Field.Starts : [] })];

    private static NodeScore? Score(ScoreBoard? board, NodeId node) => board?.Nodes.FirstOrDefault(n => n.Node == node);

    private static NodeRow Row(FleetState state, FleetNode node, NodeScore? score, NodeScore? after, bool isPredicted, double comfortZone)
    {
        var leads = state.Map.Shards.Where(s => state.LeaderOf(s.Id) == node.Id).Select(s => s.Id).ToList();
        var follows = state.Map.Shards.Where(s => s.Replicas.Contains(node.Id) && !leads.Contains(s.Id)).Select(s => s.Id).ToList();
        var heard = node.HeardAt is not null;
        var (capacity, use) = (node.Member.Capacity, node.Use);
        var cpuPeak = score?.PeakRatio ?? double.NaN;
        DimensionUse[] dimensions =
        [
            new("cpu", Ratio(use.CpuMillicores, capacity.CpuMillicores, heard), cpuPeak, score?.PeakAt, after?.PeakRatio ?? cpuPeak, comfortZone),
            Unpredicted("memory", Ratio(use.MemoryBytes, capacity.MemoryBytes, heard), comfortZone),
            Unpredicted("disk", Ratio(use.DiskBytesPerSecond, capacity.DiskBytesPerSecond, heard), comfortZone),
            Unpredicted("network", Ratio(use.NetworkBytesPerSecond, capacity.NetworkBytesPerSecond, heard), comfortZone),
        ];
        return new NodeRow(
            node.Id, node.Member.Name, node.Member.Zone, node.Health, capacity, use, dimensions, leads, follows, node.Version, node.ConnectedClients,
            isPredicted ? score?.PerStep ?? [] : [], node.RoundTripMicros.ToDictionary(r => state.Find(r.Key)?.Member.Name ?? r.Key.ToString(), r => r.Value));
    }

    private static DimensionUse Unpredicted(string name, double now, double comfortZone) => new(name, now, double.NaN, null, double.NaN, comfortZone);

    private static double Ratio(double use, double capacity, bool heard) => heard && capacity > 0 ? use / capacity : double.NaN;
}
