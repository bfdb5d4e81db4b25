using ShardConsole.NodeAgent.Commands;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Resp;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Routing;

/// <summary>
/// Decides where a command is served. Who serves a segment is the state that each group's own log gave it; the map only redirects.
/// So a replica here that leads and holds the segment Owned serves it whatever the map says, and nobody is ever sent to the node that is asked.
/// Safe for concurrent use; waits for nothing.
/// </summary>
internal sealed class CommandRouter(INodeView view)
{
    /// <summary>Answer of <see cref="SlotOf"/> where the keys lie in several slots.</summary>
    public const int CrossSlot = -1;

    /// <summary>The one slot of a command's keys, or <see cref="CrossSlot"/>. The command has at least one key.</summary>
    public static int SlotOf(CommandSpec spec, CommandArgs args)
    {
        var slot = Slot.Of(args[spec.FirstKey]);
        var end = spec.KeysEnd(args.Count);
        for (var i = spec.FirstKey + spec.KeyStep; i < end; i += spec.KeyStep)
        {
            if (Slot.Of(args[i]) != slot)
            {
                return CrossSlot;
            }
        }

        return slot;
    }

    /// <summary>
    /// The short way: the map's owner of the slot has a replica here that leads. Whether the segment is Owned in it is not asked; the caller asks under its lock,
    /// and goes to <see cref="Resolve"/> if it is not.
    /// </summary>
    /// <returns>False: only <see cref="Resolve"/> knows.</returns>
    public bool TryLocate(int slot, out CommandRoute route)
    {
        var map = view.Map;
        if (map.SegmentCount > 0)
        {
            var segment = map.SegmentOf(slot);
            if (view.Replica(map.OwnerOf(segment)) is { ServingTerm: > 0 and var term } replica)
            {
                route = CommandRoute.Serve(segment, replica, term);
                return true;
            }
        }

        route = default;
        return false;
    }

    /// <summary>The whole decision.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="mayBeStale">Whether a fresh follower may serve: a read of a READONLY client.</param>
    /// <param name="holdEnded">Whether the time of holding is over: then the answer is never <see cref="RouteKind.Hold"/>.</param>
    public CommandRoute Resolve(int slot, bool mayBeStale, bool holdEnded)
    {
        var map = view.Map;
        if (map.SegmentCount == 0)
        {
            return CommandRoute.Answer(default, Replies.NoMap);
        }

        var segment = map.SegmentOf(slot);
        var owner = map.OwnerOf(segment);
        foreach (var replica in view.Replicas)
        {
            if (replica.ServingTerm is not (> 0 and var term))
            {
                continue;
            }

            var (state, decided) = StateOf(replica, segment);
            if (state == SegmentState.Owned)
            {
                return CommandRoute.Serve(segment, replica, term);
            }

            // The map of this node may not know yet what the leader here does: the segment is given to this group, whose Activate is under way.
            if (state == SegmentState.Importing && decided == replica.Shard)
            {
                return holdEnded ? CommandRoute.Answer(segment, Replies.TryAgain) : CommandRoute.Hold(segment);
            }
        }

        if (view.Replica(owner) is { } here)
        {
            if (here.ServingTerm > 0)
            {
                // Or it is given away from here: the clients go there at once.
                if (StateOf(here, segment) is (SegmentState.Frozen or SegmentState.Retained, { Value: > 0 } taken))
                {
                    return Redirect(slot, segment, taken, holdEnded);
                }

                // Frozen: its owner is being decided. Absent, Importing, Retained: this group has yet to learn what the map knows already.
                return holdEnded ? CommandRoute.Answer(segment, Replies.TryAgain) : CommandRoute.Hold(segment);
            }

            if (mayBeStale && here.FreshFollower && StateOf(here, segment).State == SegmentState.Owned)
            {
                return CommandRoute.ServeStale(segment, here);
            }
        }

        return Redirect(slot, segment, owner, holdEnded);
    }

    private CommandRoute Redirect(int slot, SegmentId segment, ShardId owner, bool holdEnded)
    {
        var leader = view.LeaderOf(owner);
        if (!leader.IsNone && leader != view.Self && view.IsAlive(leader) && view.Members.TryGetValue(leader, out var member))
        {
            return CommandRoute.Answer(segment, Replies.Moved(slot, member.Addresses));
        }

        // No leader, a dead one, or this node before it has applied an entry of its own term: an election will tell.
        return holdEnded ? CommandRoute.Answer(segment, Replies.NoLeader) : CommandRoute.Hold(segment);
    }

    private static (SegmentState State, ShardId Decided) StateOf(IShardReplica replica, SegmentId segment)
    {
        var held = replica.Segment(segment);
        lock (replica.Gate(segment))
        {
            return (held.State, held.DecidedOwner);
        }
    }
}
