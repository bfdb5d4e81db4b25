using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Simulation;

/// <summary>What a node's driver does for the replicas of a shard.</summary>
internal sealed partial class SimShard
{
    private readonly Dictionary<ulong, Action> confirmed = [];
    private ReplicaLeaderCore? replicas;
    private ulong confirmations;

    public override bool TryClose()
    {
        var data = checkpoints.ToList();
        checkpoints.Clear();
        if (base.TryClose())
        {
            return true;
        }

        data.ForEach(c => checkpoints.Add(c.Key, c.Value));
        return false;
    }

    /// <summary>A message for the group's leader.</summary>
    public void OnReplica(ulong from, ReplicaMessage message)
    {
        switch (message)
        {
            case ReplicasHint: replicas?.OnHint(); break;
            case OrderAnswer m: replicas?.OnAnswer(m); break;
            case ReplicaOpened m: replicas?.OnOpened(new NodeId(from), m.Change); break;
            case AskKept m: replicas?.OnAskKept(new NodeId(from), m.OpenedBy); break;
        }
    }

    protected override void OnSnapshot(SnapshotMark mark) => Machine!.RestoreGroup(mark.Index, 0);

    protected override void OnRead(ulong context)
    {
        if (confirmed.Remove(context, out var then))
        {
            then();
        }
    }

    private void CarryReplicas()
    {
        if (!World.Options.Replaces || World.Now % 20 != 0)
        {
            return;
        }

        if (!Serves)
        {
            replicas = null;
            AskWhetherKept();
            return;
        }

        if (replicas?.Term != Core!.Term)
        {
            replicas = new ReplicaLeaderCore(Group, Core.Term, World.Options.Replicas);
            confirmed.Clear();
        }

        if (replicas.IsIdle)
        {
            return;
        }

        var work = replicas.Look(GroupPicture.Of(Core), World.Now);
        foreach (var message in work.ToMeta)
        {
            Node.Send(World.LeaderOf(GroupId.Meta), message);
        }

        foreach (var node in work.Open)
        {
            Node.Send(node.Value, new OpenReplica(Group, World.Genesis.ClusterId, replicas.Order!.Change));
        }

        foreach (var (node, opened) in work.NotKept)
        {
            confirmed[++confirmations] = () =>
            {
                if (!Core!.Configuration.Contains(node.Value))
                {
                    Node.Send(node.Value, new NotKept(Group, opened));
                }
            };
            Core.TryReadIndex(confirmations, Node.Clock);
        }

        if (work.Change is { } change)
        {
            Core.TryPropose(EntryKind.ConfigurationV2, change.Encode(), out _, out _);
        }

        if (!work.HandOver.IsNone)
        {
            Core.TransferLeadership(work.HandOver.Value, Node.Clock);
        }
    }

    private void AskWhetherKept()
    {
        var named = Node.Meta.Machine.State.Map.Find(Shard)?.Replicas.Contains(new NodeId(Node.Id)) != false;
        if (World.Now % 500 == 0 && OpenedBy is { } openedBy && (!named || Core!.Leader == 0 || !Core.Configuration.Contains(Node.Id)))
        {
            Node.Send(World.LeaderOf(Group), new AskKept(Group, openedBy));
        }
    }
}
