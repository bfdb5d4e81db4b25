using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Replicas.Core;

/// <summary>Turns what an operator asks for into a command of the meta group.</summary>
internal static class ReplicaRequests
{
    /// <summary>The command, or the answer where none is needed or possible. One that was asked for before is answered as the change that it began, under way or done.</summary>
    public static (SetReplicas? Command, MetaAnswer? Answer) Replace(MetaState state, GroupId group, ReplaceReplica request, long unixMs)
    {
        var under = state.ChangeOf(group);
        var now = under?.Before ?? state.ReplicasOf(group);
        var wanted = ReplicaPlacement.Replace(now, request.From, request.To);
        if (under is null && state.EndedReplicaChanges.LastOrDefault(c => c.Group == group) is { Phase: ReplicaPhase.Done } last
            && last.Wanted.SequenceEqual(now) && ReplicaPlacement.Replace(last.Before, request.From, request.To).SequenceEqual(now))
        {
            return (null, new MetaAnswer(true, last.Id, null, null));
        }

        if (!now.IsEmpty && !request.From.IsNone && !now.Contains(request.From))
        {
            return (null, new MetaAnswer(false, 0, "replicas", $"Node {request.From} holds no replica of {group}: name one of {string.Join(", ", now)}."));
        }

        if (!request.To.IsNone && now.Contains(request.To))
        {
            return (null, new MetaAnswer(false, 0, "replicas", $"Node {request.To} holds a replica of {group} already: name a node that is none of {string.Join(", ", now)}."));
        }

        var expected = under is { IsCancelled: false } && under.Wanted.SequenceEqual(wanted) ? now : state.ReplicasOf(group);
        return (new SetReplicas(unixMs, group, expected, wanted, wanted.IsEmpty ? default : ReplicaPlacement.Leader(state, group, request.From, request.To), request.By, request.Reason), null);
    }
}
