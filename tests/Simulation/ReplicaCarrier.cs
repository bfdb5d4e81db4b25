using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Simulation;

/// <summary>What a node's driver does for the replicas of one group.</summary>
internal sealed class ReplicaCarrier(SimReplica replica)
{
    /// <summary>Its read-index requests are numbered from here, apart from all others.</summary>
    public const ulong FirstContext = 1UL << 50;

    private readonly Dictionary<ulong, Action> confirmed = [];
    private ReplicaLeaderCore? core;
    private ulong confirmations = FirstContext;

    private World World => replica.World;

    /// <summary>The process ended.</summary>
    public void Forget() => core = null;

    /// <summary>A message for the group's leader.</summary>
    public void OnMessage(ulong from, ReplicaMessage message)
    {
        switch (message)
        {
            case ReplicasHint: core?.OnHint(); break;
            case OrderAnswer m: core?.OnAnswer(m); break;
            case ReplicaOpened m: core?.OnOpened(new NodeId(from), m.Change); break;
            case AskKept m: core?.OnAskKept(new NodeId(from), m.OpenedBy); break;
        }
    }

    /// <summary>A read-index request was confirmed.</summary>
    public void OnRead(ulong context)
    {
        if (confirmed.Remove(context, out var then))
        {
            then();
        }
    }

    /// <summary>One step.</summary>
    public void Step()
    {
        if (!World.Options.Replaces || World.Now % 20 != 0)
        {
            return;
        }

        AskWhetherItExists();
        if (!replica.Serves)
        {
            core = null;
            AskWhetherKept();
            return;
        }

        if (core?.Term != replica.Core!.Term)
        {
            core = new ReplicaLeaderCore(replica.Group, replica.Core.Term, World.Options.Replicas);
            confirmed.Clear();
        }

        if (!core.IsIdle)
        {
            var picture = GroupPicture.Of(replica.Core);

            // Planted: nothing of what keeps a copy that forgot its past from counting for what it has forgotten.
            picture = World.Options.Planted.HasFlag(Planted.ReopenedReplicaVotes) ? picture with { LeftInTerm = new HashSet<ulong>() } : picture;
            Carry(core.Look(picture, World.Now), core);
        }
    }

    private void Carry(ReplicaWork work, ReplicaLeaderCore leading)
    {
        var node = replica.Node;
        foreach (var message in work.ToMeta)
        {
            node.Send(World.LeaderOf(GroupId.Meta), message);
        }

        if (work.Report is { } report)
        {
            Tell(report, leading);
        }

        foreach (var to in work.Open)
        {
            node.Send(to.Value, new OpenReplica(replica.Group, World.Genesis.ClusterId, leading.Order!.Change, replica.Core!.Applied, replica.Core.Term));
        }

        foreach (var (to, opened) in work.NotKept)
        {
            Confirm(() =>
            {
                if (!replica.Core!.Configuration.Contains(to.Value))
                {
                    node.Send(to.Value, new NotKept(replica.Group, opened));
                }
            });
        }

        if (work.Change is { } change)
        {
            replica.Core!.TryPropose(EntryKind.ConfigurationV2, change.Encode(), out _, out _);
        }

        if (!work.HandOver.IsNone)
        {
            replica.Core!.TransferLeadership(work.HandOver.Value, node.Clock);
        }

        if (work.Renew)
        {
            replica.Core!.RenewTerm(node.Clock);
        }
    }

    private void Tell(ReplicasReport report, ReplicaLeaderCore leading) => Confirm(() =>
    {
        if (leading.StillHolds(report, GroupPicture.Of(replica.Core!)))
        {
            replica.Node.Send(World.LeaderOf(GroupId.Meta), report);
        }
    });

    /// <summary>Does something once a quorum has confirmed that this replica leads in this term.</summary>
    private void Confirm(Action then)
    {
        confirmed[++confirmations] = then;
        replica.Core!.TryReadIndex(confirmations, replica.Node.Clock);
    }

    /// <summary>The copy is damaged.</summary>
    public void ReportDamage()
    {
        if (World.Now % 200 == 0 && replica.OpenedBy is { } openedBy)
        {
            replica.Node.Send(World.LeaderOf(GroupId.Meta), new ReplicaDamaged(replica.Group, openedBy, "a bit has flipped"));
            replica.Node.Send(World.LeaderOf(replica.Group), new AskKept(replica.Group, openedBy));
        }
    }

    /// <summary>The map, which gossip has brought, does not know the shard.</summary>
    private void AskWhetherItExists()
    {
        if (World.Now % 500 == 0 && replica.Group != GroupId.Meta && replica.OpenedBy is { } openedBy && World.Reference.Meta.State is { Genesis: not null } state && state.Map.Find(replica.Group.Shard) is null)
        {
            replica.Node.Send(World.LeaderOf(GroupId.Meta), new AskExists(replica.Group, openedBy));
        }
    }

    private void AskWhetherKept()
    {
        var node = replica.Node;
        var named = replica.Group == GroupId.Meta || node.Meta.Machine.State.Map.Find(replica.Group.Shard)?.Replicas.Contains(new NodeId(node.Id)) != false;
        if (World.Now % 500 == 0 && replica.OpenedBy is { } openedBy && (!named || replica.Core!.Leader == 0 || !replica.Core.Configuration.Contains(node.Id)))
        {
            node.Send(World.LeaderOf(replica.Group), new AskKept(replica.Group, openedBy));
        }
    }
}
