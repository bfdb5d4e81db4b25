namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>What an entry of a Raft log is. Persisted, append-only, never renumber.</summary>
internal enum EntryKind : byte
{
    /// <summary>Goes to the state machine. Empty data: the entry with which a new leader begins its term.</summary>
    Normal = 0,

    /// <summary>A change of one voter or learner (etcd's v1).</summary>
    Configuration = 1,

    /// <summary>A joint or simple change of several (etcd's v2).</summary>
    ConfigurationV2 = 2,
}

/// <summary>One entry of a Raft log. <paramref name="Data"/> is never changed after it was proposed.</summary>
internal readonly record struct Entry(ulong Term, ulong Index, EntryKind Kind, ReadOnlyMemory<byte> Data);

/// <summary>What a replica must not forget: persisted before any message of the same <see cref="Ready"/> that depends on it.</summary>
internal readonly record struct HardState(ulong Term, ulong Vote, ulong Commit);

/// <summary>A snapshot's place in the log and the configuration at it. The data go another way.</summary>
internal sealed record SnapshotMark(ulong Index, ulong Term, ConfigurationState Configuration)
{
    /// <summary>No snapshot: index 0, term 0, nobody votes.</summary>
    public static readonly SnapshotMark None = new(0, 0, ConfigurationState.Empty);
}

/// <summary>Who votes and who learns; with a joint configuration under way also the outgoing voters. Ids ascending.</summary>
internal sealed record ConfigurationState(
    IReadOnlyList<ulong> Voters, IReadOnlyList<ulong> VotersOutgoing, IReadOnlyList<ulong> Learners, IReadOnlyList<ulong> LearnersNext, bool AutoLeave)
{
    /// <summary>Nobody.</summary>
    public static readonly ConfigurationState Empty = new([], [], [], [], false);

    /// <summary>A simple configuration of voters.</summary>
    public static ConfigurationState OfVoters(IEnumerable<ulong> voters) => Empty with { Voters = [.. voters.Order()] };
}
