using System.Collections.Immutable;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Replicas.Core;

/// <summary>
/// Turns wanted replicas into steps, from whatever configuration the group has: open the group on the new nodes → make them learners → wait until they have caught up →
/// one joint change that adds them and removes the others. A leader that is not wanted hands over first; where nobody could take over yet it stays until the rest is done.
/// Each step follows from the configuration alone, so a new leader goes on where the last one stood.
/// </summary>
internal static class ReplicaSteps
{
    /// <param name="order">What is wanted.</param>
    /// <param name="picture">Of the leader.</param>
    /// <param name="opened">Nodes that have said that the group is open there for this order.</param>
    /// <param name="caughtUpLag">Entries that a learner may lack when it becomes a voter.</param>
    public static ReplicaStep Next(ReplicaOrder order, GroupPicture picture, IReadOnlySet<NodeId> opened, ulong caughtUpLag)
    {
        var now = picture.Configuration;
        if (now.IsJoint)
        {
            return new ReplicaStep.Wait($"the joint configuration {now} to be left");
        }

        var wanted = order.Target.Select(n => n.Value).Order().ToList();
        if (now.Voters.SequenceEqual(wanted) && now.Learners.Count == 0)
        {
            return new ReplicaStep.Arrived();
        }

        return Resign(order, picture, caughtUpLag) ?? Enrol(wanted, picture, opened) ?? Vote(wanted, picture, caughtUpLag)
            ?? new ReplicaStep.Wait("a wanted replica that could take over from this leader");
    }

    /// <summary>
    /// New replicas begin as learners, and not before their node has opened the group: a replica of before would otherwise take itself for the new one. One that left in this
    /// term waits for the next: an answer of its deleted copy that comes late would count as the new one's, and what was sent to that copy would tell the new one that entries
    /// are committed which it does not hold.
    /// </summary>
    private static ReplicaStep? Enrol(List<ulong> wanted, GroupPicture picture, IReadOnlySet<NodeId> opened)
    {
        var now = picture.Configuration;
        var missing = wanted.Where(id => !now.Contains(id)).ToList();
        if (missing.Count == 0)
        {
            return null;
        }

        if (missing.Exists(picture.LeftInTerm.Contains))
        {
            return new ReplicaStep.Renew();
        }

        var closed = missing.Where(id => !opened.Contains(new NodeId(id))).Select(id => new NodeId(id)).ToImmutableArray();
        return closed.IsEmpty
            ? new ReplicaStep.Change(Steps(missing.Select(id => new ConfigurationStep(ConfigurationChangeKind.AddLearner, id))))
            : new ReplicaStep.Open(closed);
    }

    private static ReplicaStep? Vote(List<ulong> wanted, GroupPicture picture, ulong caughtUpLag)
    {
        var now = picture.Configuration;
        var behind = wanted.Where(id => !now.Voters.Contains(id) && !picture.IsCaughtUp(id, caughtUpLag)).ToList();
        if (behind.Count > 0)
        {
            return new ReplicaStep.Wait("replicas that catch up: " + string.Join(", ", behind.Select(id => Progress(id, picture))));
        }

        List<ulong> voters = wanted.Contains(picture.Self) ? wanted : [.. wanted, picture.Self];
        List<ConfigurationStep> steps =
        [
            .. wanted.Where(id => !now.Voters.Contains(id)).Select(id => new ConfigurationStep(ConfigurationChangeKind.AddVoter, id)),
            .. now.Members().Where(id => !voters.Contains(id)).Select(id => new ConfigurationStep(ConfigurationChangeKind.Remove, id)),
        ];
        if (steps.Count == 0)
        {
            return null;
        }

        // A configuration whose majority is silent could neither commit nor be left.
        var active = voters.Count(picture.IsActive);
        return active * 2 > voters.Count
            ? new ReplicaStep.Change(Steps(steps))
            : new ReplicaStep.Wait($"a majority of the wanted replicas to answer; {active} of {voters.Count} do");
    }

    private static ReplicaStep? Resign(ReplicaOrder order, GroupPicture picture, ulong caughtUpLag)
    {
        if (order.Target.Contains(new NodeId(picture.Self)))
        {
            return null;
        }

        if (picture.TransferTarget != 0)
        {
            return new ReplicaStep.Wait($"node {new NodeId(picture.TransferTarget)} to take over");
        }

        var able = order.Target.Where(n => picture.Configuration.Voters.Contains(n.Value) && picture.IsCaughtUp(n.Value, caughtUpLag)).ToList();
        return able.Count == 0 ? null
            : new ReplicaStep.HandOver(able.Contains(order.PreferredLeader) ? order.PreferredLeader : able.MaxBy(n => picture.Peers.First(p => p.Id == n.Value).Match));
    }

    private static ConfigurationChange Steps(IEnumerable<ConfigurationStep> steps) => new(ConfigurationTransition.Auto, [.. steps]);

    private static string Progress(ulong id, GroupPicture picture) =>
        picture.Peers.FirstOrDefault(p => p.Id == id) is { } peer ? $"{new NodeId(id)} at {peer.Match} of {picture.LastIndex}" : $"{new NodeId(id)}";
}
