using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>How the application of an entry ended.</summary>
internal enum ApplyOutcome : byte
{
    /// <summary>The entry changes nothing here: its gate refused it, it was already taken (replay), or it is none of the state machine's.</summary>
    Nothing,

    /// <summary>Applied; a command's reply is written.</summary>
    Applied,

    /// <summary>A command, expiry or flush was refused because a segment is not Owned: certainly not executed.</summary>
    NotOwned,
}

/// <summary>What applying one entry did.</summary>
/// <param name="Kind">Kind of the entry; 0 for entries that are not the state machine's.</param>
/// <param name="Segment">The segment it names; of a flush the first.</param>
/// <param name="StateChanged">The segment's ownership state changed: who waits for that looks again.</param>
internal readonly record struct ApplyResult(ApplyOutcome Outcome, ShardEntryKind Kind, SegmentId Segment, bool StateChanged)
{
    /// <summary>Not an entry of the state machine.</summary>
    public static readonly ApplyResult Foreign = default;
}
