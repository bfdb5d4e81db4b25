namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>
/// The two rules of Raft that are arithmetic and carry its safety: how many are a majority, and which entry may be committed by counting. Virtual so that the simulator can
/// plant a broken rule and see it found; the product uses this class.
/// </summary>
internal class RaftRules
{
    /// <summary>The rules.</summary>
    public static readonly RaftRules Standard = new();

    /// <summary>Smallest number of <paramref name="voters"/> that is a majority: any two of that size share a voter.</summary>
    public virtual int Majority(int voters) => Quorum.Size(voters);

    /// <summary>Raft's 5.4.2: a leader commits by counting only what is of its own term; older entries are committed with it.</summary>
    public virtual bool MayCommit(ulong entryTerm, ulong term) => entryTerm == term;
}
