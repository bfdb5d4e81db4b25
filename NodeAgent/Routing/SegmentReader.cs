using ShardConsole.NodeAgent.Commands;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Resp;

namespace ShardConsole.NodeAgent.Routing;

/// <summary>How a read of a segment ended.</summary>
internal enum ReadVerdict : byte
{
    /// <summary>The reply is written.</summary>
    Done,

    /// <summary>Not Owned any more, or led in another term: nothing is written; route again.</summary>
    Changed,

    /// <summary>The lease is not valid: nothing is written; confirm the leadership, then read again.</summary>
    Confirm,

    /// <summary>An expired key was met: nothing is written; propose its deletion, then read again.</summary>
    Expired,
}

/// <summary>Reads a segment: takes the value under the segment's lock, then checks that the lease and the term of that moment still hold, and takes back what it wrote if not.</summary>
internal static class SegmentReader
{
    /// <param name="route">Where; the replica is there.</param>
    /// <param name="spec">The command, with a <see cref="CommandSpec.Read"/>.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="context">Used for this read.</param>
    /// <param name="output">Takes the reply.</param>
    /// <param name="protocol">2 or 3.</param>
    /// <param name="confirmed">Whether the route's term was confirmed by a round that began with this command.</param>
    /// <param name="expiredIsAbsent">Whether the deletion of what is expired has been seen to: then it is just absent.</param>
    public static ReadVerdict Read(
        in CommandRoute route, CommandSpec spec, CommandArgs args, ReadContext context, ReplyBuffer output, int protocol, bool confirmed, bool expiredIsAbsent)
    {
        var replica = route.Replica!;
        var mark = output.Length;
        var segment = replica.Segment(route.Segment);
        var reply = new RespWriter(output, protocol);
        lock (replica.Gate(route.Segment))
        {
            if (segment.State != SegmentState.Owned)
            {
                return ReadVerdict.Changed;
            }

            context.Begin(segment.Table, replica.GroupTimeMs);
            spec.Read!(context, args, reply);
        }

        var verdict = Check(route, context, confirmed, expiredIsAbsent);
        if (verdict != ReadVerdict.Done)
        {
            output.Truncate(mark);
        }
        else if (context.Carried is { } carried)
        {
            spec.Finish!(carried, reply);
        }

        (context.Carried as IDisposable)?.Dispose();
        return verdict;
    }

    private static ReadVerdict Check(in CommandRoute route, ReadContext context, bool confirmed, bool expiredIsAbsent)
    {
        var now = context.Check();

        // A follower never expires anything: to its readers an expired key is absent, and the leader deletes it.
        if (route.Kind == RouteKind.ServeStale)
        {
            return ReadVerdict.Done;
        }

        if (route.Replica!.ServingTerm != route.Term)
        {
            return ReadVerdict.Changed;
        }

        if (!confirmed && !route.Replica.HoldsLease(route.Term, now))
        {
            return ReadVerdict.Confirm;
        }

        return context.Expired.Count > 0 && !expiredIsAbsent ? ReadVerdict.Expired : ReadVerdict.Done;
    }
}
