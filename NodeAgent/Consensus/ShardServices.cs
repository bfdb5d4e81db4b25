using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Node;
using ShardConsole.NodeAgent.Routing;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Consensus;

/// <summary>What all shard replicas of the node share.</summary>
/// <param name="MaxMemoryBytes">Memory of keys and values beyond which writes that may add data are refused; 0: no limit.</param>
internal sealed record ShardServices(
    RaftLoopOptions Options, ClusterKnowledge Knowledge, NodeStore Store, StoreWriter Writer, ILoadRecorder Load, ICommandExecutor Executor, TimeProvider Time, long MaxMemoryBytes);
