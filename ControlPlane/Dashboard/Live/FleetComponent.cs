using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Dashboard.Live;

/// <summary>A live component that names nodes: each with the place that decides its colour everywhere.</summary>
public abstract class FleetComponent : LiveComponent
{
    private Dictionary<NodeId, (string Name, int Index)> names = [];

    /// <summary>Nodes by name.</summary>
    private protected IReadOnlyList<NodeRow> Nodes { get; private set; } = [];

    /// <summary>Shards by id.</summary>
    private protected IReadOnlyList<ShardRow> Shards { get; private set; } = [];

    /// <summary>Takes nodes and shards of this moment.</summary>
    private protected void TakeFleet()
    {
        Nodes = [.. Queries.Nodes().OrderBy(n => n.Name, StringComparer.Ordinal)];
        Shards = [.. Queries.Shards().OrderBy(s => s.Id)];
        names = Nodes.Select((n, i) => (n.Id, n.Name, i)).ToDictionary(x => x.Id, x => (x.Name, x.i));
    }

    /// <summary>Name of a node; "nobody" for the absent one.</summary>
    private protected string NameOf(NodeId node) => node.IsNone ? "nobody" : names.TryGetValue(node, out var found) ? found.Name : node.ToString()[..6];

    /// <summary>Place of a node; -1 for an unknown one.</summary>
    private protected int IndexOf(NodeId node) => names.TryGetValue(node, out var found) ? found.Index : -1;

    /// <summary>The node that leads a shard.</summary>
    private protected NodeId LeaderOf(ShardId shard) => Shards.FirstOrDefault(s => s.Id == shard)?.Leader ?? default;
}
