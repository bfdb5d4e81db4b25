using ShardConsole.NodeAgent.Admin;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Peers;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Node;

/// <summary>Metrics of consensus, store and peers.</summary>
internal sealed class NodeMetrics(NodeHost host, ClusterKnowledge knowledge, NodeStore store, PeerHub hub) : IMetricsSource
{
    /// <inheritdoc/>
    public IEnumerable<Metric> Metrics()
    {
        yield return Metric.Gauge("shardconsole_map_epoch", "Epoch of the shard map that the node holds.", knowledge.Map.Epoch);
        yield return Metric.Gauge("shardconsole_shards_led", "Shards that the node leads and serves.", host.Shards.Count(s => s.ServingTerm != 0));
        yield return Metric.Gauge("shardconsole_shards", "Shards of which the node holds a replica.", host.Shards.Count);
        yield return new Metric("shardconsole_segments", "Segments that the node's replicas hold, by their state.", MetricKind.Gauge, SegmentsByState());
        yield return Metric.Counter("shardconsole_raft_rounds_total", "Rounds of the raft loop.", host.Loop.Rounds);
        yield return Metric.Counter("shardconsole_raft_dropped_messages_total", "Messages of peers that were dropped because the inbox was full.", host.Loop.DroppedMessages);
        yield return Metric.Counter("shardconsole_store_commits_total", "Transactions of the store, each with one fsync.", host.Writer.Commits);
        yield return Metric.Counter("shardconsole_store_bytes_total", "Bytes handed to the store.", host.Writer.Bytes);
        yield return Metric.Gauge("shardconsole_store_wal_bytes", "Size of the store's write-ahead log.", store.WalBytes);
        yield return Metric.Gauge("shardconsole_store_disk_full", "1 while the disk is full and writes are refused.", host.Writer.IsDiskFull ? 1 : 0);
        yield return Metric.Gauge("shardconsole_data_bytes", "Memory of keys and values outside the managed heap.", NativeArena.Shared.BytesInUse);
        yield return Metric.Counter("shardconsole_peer_sent_bytes_total", "Bytes sent to other nodes.", hub.SentBytes);
        yield return Metric.Counter("shardconsole_peer_received_bytes_total", "Bytes received from other nodes.", hub.ReceivedBytes);
    }

    /// <summary>Read while the loop changes them: each is right, together they may be of two moments.</summary>
    private List<MetricSample> SegmentsByState()
    {
        var counts = new int[Enum.GetValues<SegmentState>().Length];
        foreach (var segment in host.Shards.SelectMany(s => s.Machine.Segments))
        {
            counts[(int)segment.State]++;
        }

        return [.. Enum.GetValues<SegmentState>().Where(s => s != SegmentState.Absent)
            .Select(s => new MetricSample([("state", s.ToString().ToLowerInvariant())], counts[(int)s]))];
    }
}
