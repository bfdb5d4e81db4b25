namespace ShardConsole.ControlPlane.Fleet.Members;

/// <summary>Starts and stops nodes of a cluster whose machines the control plane has in its hands: those of a local cluster, or those on paper. Safe for concurrent use.</summary>
internal interface INodeStarter
{
    /// <summary>Starts one more node, which joins by itself.</summary>
    /// <param name="zone">Its failure zone; empty for none.</param>
    /// <returns>Its name, or why there can be none.</returns>
    Task<(string? Name, string? Problem)> AddNodeAsync(string zone, CancellationToken cancellation);

    /// <summary>Stops a node that has left, and does not start it again. False: it is none of ours.</summary>
    Task<bool> RetireNodeAsync(string name, CancellationToken cancellation);
}
