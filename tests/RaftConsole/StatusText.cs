using System.Text;
using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.RaftConsole;

/// <summary>What a leader knows of each replica, one line each; nothing where it does not lead.</summary>
internal static class StatusText
{
    public static string Of(RaftStatus status) => string.Join('\n', status.Peers.Select(Line));

    private static string Line(PeerStatus peer)
    {
        var text = new StringBuilder($"{peer.Id}: State{peer.State} match={peer.Match} next={peer.Next}");
        text.Append(peer.Learner ? " learner" : "").Append(peer.Paused ? " paused" : "");
        text.Append(peer.PendingSnapshot > 0 ? $" pendingSnap={peer.PendingSnapshot}" : "");
        text.Append(peer.RecentlyActive ? "" : " inactive");
        return text.Append(peer.Inflight > 0 ? $" inflight={peer.Inflight}" : "").ToString();
    }
}
