using ShardConsole.NodeAgent.Membership.Core;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Load;

/// <summary>The last closed bucket, for throttles, comfort zone and gossip. Immutable.</summary>
/// <param name="BucketUnixMs">Start of the bucket; 0 before the first.</param>
/// <param name="Use">The process's own use.</param>
/// <param name="CommandsPerSecond">Served as leader.</param>
/// <param name="LatencyP50Micros">Median over all commands of the bucket; 0 without commands.</param>
/// <param name="LatencyP99Micros">99th percentile over all commands of the bucket; 0 without commands.</param>
/// <param name="Hottest">Hottest led segments by CPU, hottest first, at most <see cref="NodeGossip.MaxHottest"/>.</param>
internal sealed record LoadView(
    long BucketUnixMs, NodeUse Use, double CommandsPerSecond, int LatencyP50Micros, int LatencyP99Micros, IReadOnlyList<SegmentHeat> Hottest)
{
    /// <summary>Before the first bucket.</summary>
    public static readonly LoadView None = new(0, new NodeUse(0, 0, 0, 0), 0, 0, 0, []);
}

/// <summary>Where the last closed bucket is read. Safe for concurrent use.</summary>
internal interface ILoadView
{
    LoadView Last { get; }
}
