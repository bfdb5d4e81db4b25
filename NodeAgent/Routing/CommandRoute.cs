using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Routing;

/// <summary>What is to be done with a command for a slot.</summary>
internal enum RouteKind : byte
{
    /// <summary>The replica here leads; the segment was Owned in it when it was asked, and is asked again under its lock.</summary>
    Serve,

    /// <summary>The replica here follows and is fresh enough for a READONLY client.</summary>
    ServeStale,

    /// <summary>Answer <see cref="CommandRoute.Error"/>.</summary>
    Answer,

    /// <summary>Wait for the next change, then ask again; when the time of holding is over, ask for an answer.</summary>
    Hold,
}

/// <summary>A routing decision.</summary>
/// <param name="Kind">What is to be done.</param>
/// <param name="Segment">The slot's segment.</param>
/// <param name="Replica">The replica that serves; null where none does.</param>
/// <param name="Term">Term in which it serves; 0 for a follower.</param>
/// <param name="Error">The answer, where there is one.</param>
internal readonly record struct CommandRoute(RouteKind Kind, SegmentId Segment, IShardReplica? Replica, ulong Term, string? Error)
{
    public static CommandRoute Serve(SegmentId segment, IShardReplica replica, ulong term) => new(RouteKind.Serve, segment, replica, term, null);

    public static CommandRoute ServeStale(SegmentId segment, IShardReplica replica) => new(RouteKind.ServeStale, segment, replica, 0, null);

    public static CommandRoute Answer(SegmentId segment, string error) => new(RouteKind.Answer, segment, null, 0, error);

    public static CommandRoute Hold(SegmentId segment) => new(RouteKind.Hold, segment, null, 0, null);
}
