using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.AntiEntropy.Core;

/// <summary>What a shard's leader owes to the comparison of its replicas.</summary>
/// <param name="Messages">To replicas, or (to the absent node) to the leader of the meta group.</param>
/// <param name="Proposals">Entries of the own group.</param>
/// <param name="HandOver">To whom leadership goes; the absent node: nowhere.</param>
/// <param name="Alarms">Sentences for the operator.</param>
internal sealed record AntiEntropyWork(
    IReadOnlyList<(NodeId To, AntiEntropyMessage Message)> Messages, IReadOnlyList<byte[]> Proposals, NodeId HandOver, IReadOnlyList<string> Alarms)
{
    public static readonly AntiEntropyWork None = new([], [], default, []);
}

/// <summary>Where a comparison stands.</summary>
internal enum CheckStep
{
    /// <summary>None is under way.</summary>
    Idle,

    /// <summary>The replicas are asked whether they are there and know checks.</summary>
    Probing,

    /// <summary>The entry at which they are compared is on its way.</summary>
    Proposed,

    /// <summary>Their digests are asked for.</summary>
    Comparing,

    /// <summary>Writes to one segment wait until those before them are applied, so that its bucket can be read.</summary>
    Holding,

    /// <summary>The entry that says what a bucket holds is on its way.</summary>
    Repairing,
}
