using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>Who the data folder is. The id is drawn with the folder: a wiped folder is a new node.</summary>
/// <param name="Node">Identity of the node.</param>
/// <param name="ClusterId">The cluster it belongs to; empty until it was founded or joined.</param>
/// <param name="Boot">1 at the first start, one more at each opening.</param>
internal sealed record NodeIdentity(NodeId Node, string ClusterId, ulong Boot);
