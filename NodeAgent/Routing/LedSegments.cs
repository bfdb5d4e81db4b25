using ShardConsole.NodeAgent.Commands;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Resp;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Routing;

/// <summary>Looks at one Owned segment, under its lock. False ends the visit.</summary>
internal delegate bool SegmentVisitor(SegmentId segment, SegmentTable table, long groupTimeMs);

/// <summary>
/// What commands over the whole key space see: the Owned segments of the shards that this node leads. They are reads: held while a segment of such a shard is
/// Frozen, and answered only under a valid lease.
/// </summary>
internal static class LedSegments
{
    /// <summary>
    /// Visits the segments in ascending order, each under its own lock. Anything but <see cref="NodeVerdict.Replied"/>: forget what was seen and return it;
    /// when the time of holding is over, the error is written and the verdict is Replied with <paramref name="answered"/> true.
    /// </summary>
    public static NodeVerdict Visit(ClientContext client, SegmentId from, Func<SegmentId, bool> isWanted, SegmentVisitor visit, RespWriter reply, out bool answered)
    {
        answered = false;
        var view = client.Services.View;
        var leading = new List<(IShardReplica Replica, ulong Term)>();
        foreach (var replica in view.Replicas)
        {
            if (replica.ServingTerm is > 0 and var term)
            {
                leading.Add((replica, term));
            }
        }

        var segments = view.Map.SegmentCount;
        for (var number = (int)from.Value; number < segments; number++)
        {
            var segment = new SegmentId((ushort)number);
            if (!isWanted(segment))
            {
                continue;
            }

            foreach (var (replica, _) in leading)
            {
                var state = VisitOne(replica, segment, visit, out var more);
                if (state == SegmentState.Frozen)
                {
                    return HoldOrAnswer(client, reply, out answered);
                }

                if (!more)
                {
                    return CheckLeases(client, leading, reply, out answered);
                }
            }
        }

        return CheckLeases(client, leading, reply, out answered);
    }

    private static SegmentState VisitOne(IShardReplica replica, SegmentId segment, SegmentVisitor visit, out bool more)
    {
        more = true;
        var held = replica.Segment(segment);
        lock (replica.Gate(segment))
        {
            if (held.State == SegmentState.Owned && held.Table is { } table)
            {
                more = visit(segment, table, replica.GroupTimeMs);
            }

            return held.State;
        }
    }

    private static NodeVerdict HoldOrAnswer(ClientContext client, RespWriter reply, out bool answered)
    {
        answered = client.HoldEnded;
        if (!answered)
        {
            return NodeVerdict.Hold;
        }

        reply.Error(Replies.TryAgain);
        return NodeVerdict.Replied;
    }

    private static NodeVerdict CheckLeases(ClientContext client, List<(IShardReplica Replica, ulong Term)> leading, RespWriter reply, out bool answered)
    {
        answered = false;
        foreach (var (replica, term) in leading)
        {
            if (replica.ServingTerm != term)
            {
                return HoldOrAnswer(client, reply, out answered);
            }

            if (!client.IsConfirmed(replica, term) && !replica.HoldsLease(term, client.Services.Clock.GetTimestamp()))
            {
                client.ToConfirm = (replica, term);
                return NodeVerdict.Confirm;
            }
        }

        return NodeVerdict.Replied;
    }
}
