using ShardConsole.NodeAgent.Load;
using ShardConsole.NodeAgent.Membership;
using ShardConsole.NodeAgent.Membership.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.NodeAgent.Node;

/// <summary>Publishes what this node says of itself by gossip: a few times a second, and soon after leadership or the map has changed.</summary>
internal sealed class GossipPublisher(NodeHost host, ClusterKnowledge knowledge, IMembership membership, ILoadView load, IMigrationView migrations, TimeProvider time)
    : BackgroundService
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(50);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                var change = knowledge.NextChange;
                membership.Publish(Now());
                await change.WaitAsync(Longest, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

                // Changes come in flocks: one payload tells of all of them.
                if (change.IsCompleted)
                {
                    await Task.Delay(Shortest, time, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    private NodeGossip Now()
    {
        var (metaLeader, metaTerm) = knowledge.MetaLeader;
        var view = load.Last;
        return new NodeGossip
        {
            Epoch = knowledge.Map.Epoch,
            MapDigest = knowledge.MapDigest,
            Use = view.Use,
            MetaLeader = metaLeader,
            MetaTerm = metaTerm,
            Leads = [.. host.Shards.Where(s => s.ServingTerm != 0).Select(s => new LedShard(s.Shard, s.ServingTerm, Millicores(view, s.Shard))).Take(NodeGossip.MaxShards)],
            Migrations = [.. migrations.Migrations.Where(m => !m.Phase.IsEnded()).Select(m => new MigrationGossip(m.Id, m.Phase, m.CopiedBytes)).Take(NodeGossip.MaxMigrations)],
            Hottest = [.. view.Hottest],
        };
    }

    private int Millicores(LoadView view, ShardId shard)
    {
        var map = knowledge.Map;
        return view.Hottest.Where(h => h.Segment.Value < map.SegmentCount && map.OwnerOf(h.Segment) == shard).Sum(h => h.Millicores);
    }
}
