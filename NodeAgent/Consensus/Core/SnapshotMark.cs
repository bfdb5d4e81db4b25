namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>A snapshot's place in the log and the configuration at it. The data go another way.</summary>
internal sealed record SnapshotMark(ulong Index, ulong Term, ConfigurationState Configuration)
{
    /// <summary>No snapshot: index 0, term 0, nobody votes.</summary>
    public static readonly SnapshotMark None = new(0, 0, ConfigurationState.Empty);
}
