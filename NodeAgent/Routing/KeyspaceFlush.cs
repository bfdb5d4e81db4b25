using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Resp;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Routing;

/// <summary>FLUSHALL: one entry for each shard that this node leads, naming its Owned segments. Copies that are coming in or kept back are never touched.</summary>
internal static class KeyspaceFlush
{
    private const string LeadsNothing = "READONLY You can't write against a read only replica.";

    /// <summary>Null when all is cleared; else the error, which says whether some of it was.</summary>
    public static async Task<string?> RunAsync(ClientServices services)
    {
        var view = services.View;
        var leading = view.Replicas.Where(r => r.ServingTerm > 0).ToList();
        if (leading.Count == 0)
        {
            return view.Map.SegmentCount == 0 ? Replies.NoMap : LeadsNothing;
        }

        var hold = new HoldTimer(services);
        var anyFlushed = false;
        foreach (var replica in leading)
        {
            var outcome = await FlushShardAsync(view, replica, hold);
            if (outcome == ProposalOutcome.Applied)
            {
                anyFlushed = true;
            }
            else if (outcome == ProposalOutcome.Unknown)
            {
                return Replies.Unknown;
            }
            else
            {
                return anyFlushed ? Replies.PartlyFlushed : Replies.Of(outcome) ?? Replies.TryAgain;
            }
        }

        return null;
    }

    private static async Task<ProposalOutcome> FlushShardAsync(INodeView view, IShardReplica replica, HoldTimer hold)
    {
        while (true)
        {
            var change = view.NextChange;
            var outcome = ProposalOutcome.NotOwned;
            if (TryCollect(replica, view.Map.SegmentCount, out var owned))
            {
                if (owned.Count == 0)
                {
                    return ProposalOutcome.Applied;
                }

                var waiter = new OutcomeWaiter();
                replica.ProposeFlush(owned, waiter);
                outcome = await waiter.Outcome;
            }

            if (outcome != ProposalOutcome.NotOwned || !await hold.WaitAsync(change))
            {
                return outcome;
            }
        }
    }

    /// <summary>False while one of the shard's segments is Frozen.</summary>
    private static bool TryCollect(IShardReplica replica, int segmentCount, out List<SegmentId> owned)
    {
        owned = [];
        for (var number = 0; number < segmentCount; number++)
        {
            var segment = replica.Segment(new SegmentId((ushort)number));
            lock (replica.Gate(segment.Id))
            {
                if (segment.State == SegmentState.Frozen)
                {
                    return false;
                }

                if (segment.State == SegmentState.Owned)
                {
                    owned.Add(segment.Id);
                }
            }
        }

        return true;
    }
}
