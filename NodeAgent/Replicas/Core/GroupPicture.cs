using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.NodeAgent.Replicas.Core;

/// <summary>What a group's leader sees of its group at one moment.</summary>
/// <param name="Self">The leader.</param>
/// <param name="Configuration">As of <paramref name="Applied"/>.</param>
/// <param name="LastIndex">Last index of its log.</param>
/// <param name="TransferTarget">To whom it hands over; 0: to nobody.</param>
/// <param name="Peers">Every replica of the configuration.</param>
internal sealed record GroupPicture(
    ulong Self, ConfigurationState Configuration, ulong Applied, ulong LastIndex, ulong TransferTarget, IReadOnlyList<PeerStatus> Peers)
{
    /// <summary>No change of the configuration stands behind this index of the log.</summary>
    public ulong LastChangeIndex { get; init; }

    /// <summary>Who was a replica in the leader's term and is none any more.</summary>
    public IReadOnlySet<ulong> LeftInTerm { get; init; } = new HashSet<ulong>();

    /// <summary>The picture of a core that leads.</summary>
    public static GroupPicture Of(RaftCore core)
    {
        var status = core.Status();
        return new GroupPicture(core.Id, status.Configuration, status.Applied, status.LastIndex, status.TransferTo, status.Peers)
        {
            LastChangeIndex = core.LastChangeIndex, LeftInTerm = core.LeftInTerm,
        };
    }

    /// <summary>Answers, knows of the change that made it a replica (before that it would not vote), and lacks at most <paramref name="lag"/> entries. The leader itself always.</summary>
    public bool IsCaughtUp(ulong node, ulong lag) => node == Self
        || Peers.FirstOrDefault(p => p.Id == node) is { State: ProgressState.Replicate, RecentlyActive: true } peer && peer.Match + lag >= LastIndex && peer.Match >= LastChangeIndex;

    /// <summary>Has answered of late. The leader itself always.</summary>
    public bool IsActive(ulong node) => node == Self || Peers.Any(p => p.Id == node && p.RecentlyActive);
}
