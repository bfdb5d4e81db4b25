using ShardConsole.NodeAgent.Consensus;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Node;
using ShardConsole.NodeAgent.Peers;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Replicas;

/// <summary>
/// Carries changes of replicas out: runs the cores of the groups that this node leads and of the meta group, brings their messages to where they belong, opens groups
/// when told by their leader and closes them when their leader, confirmed by a quorum, says that this node is none of them. On the raft loop's thread unless a member says
/// otherwise.
/// </summary>
internal sealed partial class ReplicaDriver(
    NodeHost host, ClusterKnowledge knowledge, PeerHub hub, ReplicaOptions options, TimeProvider time, ILogger<ReplicaDriver> log) : IReplicaDriver
{
    private const int AskKeptMs = 1000;
    private const int PublishMs = 200;

    /// <summary>From this level of M's commands on a joining node brings shards of its own.</summary>
    private const int ShardsLevel = 3;

    private readonly Dictionary<GroupId, ReplicaLeaderCore> leading = [];
    private ReplicaMetaCore? meta;
    private ulong metaTerm;
    private long askedKeptAt;
    private long publishedAt;
    private volatile IReadOnlyList<ReplicaChangeStatus>? published;

    /// <summary>All changes of replicas that are known here, newest first. From any thread.</summary>
    public IReadOnlyList<ReplicaChangeStatus> Statuses =>
        published ?? (host.Meta is { } replica ? ReplicaMetaCore.Statuses(replica.Machine.State, _ => "") : []);

    /// <summary>Raised with the answer to this node's request to join, on the raft loop's thread.</summary>
    public event Action<JoinAnswer>? JoinAnswered;

    /// <summary>Registers for the frames; before the first connection.</summary>
    public void Listen() => hub.Handle(PeerFrameKind.Replicas, OnFrame);

    /// <inheritdoc/>
    public void Attach() => host.Loop.Ticked += OnTick;

    private void OnFrame(NodeId from, ReadOnlySpan<byte> body)
    {
        if (ReplicaMessage.Decode(body) is { } message)
        {
            host.Loop.Post(() => Deliver(from, message));
        }
    }

    private void OnTick(long now)
    {
        foreach (var group in host.Loop.Groups)
        {
            Look(group, now);
        }

        LookAtMeta(now);
        if (now - askedKeptAt >= AskKeptMs)
        {
            askedKeptAt = now;
            AskWhetherKept();
            ReportDamaged();
            if (knowledge.State is { } state && state.CommandLevel < MetaCommand.NewestLevel)
            {
                Send(knowledge.MetaLeader.Node, new SaysLevel(MetaCommand.NewestLevel));
            }
        }
    }

    private void Deliver(NodeId from, ReplicaMessage message)
    {
        var now = host.Loop.Now;
        switch (message)
        {
            case AskOrder or AskExists or ShardBorn or ReplicasReport or ReplicaDamaged or SaysLevel:
                meta?.OnMessage(from, message);
                LookAtMeta(now);
                return;
            case JoinRequest m when m.Member.Id == from && host.Meta is { IsServing: true } replica:
                _ = AdmitAsync(replica, m);
                return;
            case JoinAnswer m:
                JoinAnswered?.Invoke(m);
                return;
            case OpenReplica m when m.ClusterId == host.Genesis?.ClusterId:
                host.OpenGroup(m.Group, m.Change, m.AppliedIndex, new HardState(m.Term, m.Term == 0 ? 0 : from.Value, 0), () => Send(from, new ReplicaOpened(m.Group, m.Change)));
                return;
            case BearShard m when m.ClusterId == host.Genesis?.ClusterId:
                host.BearGroup(m.Group, m.Birth, () => Send(from, new ShardBorn(m.Group, m.Birth)));
                return;
            case ShardGone m when host.OpenedBy(m.Group) == m.OpenedBy && knowledge.Map.Find(m.Group.Shard) is null:
                _ = host.TryCloseGroup(m.Group);
                return;
            case NotKept m when host.OpenedBy(m.Group) == m.OpenedBy:
                _ = host.TryCloseGroup(m.Group);
                return;
        }

        if (!leading.TryGetValue(message.Group, out var core) || host.Loop.Find(message.Group) is not { } group)
        {
            return;
        }

        switch (message)
        {
            case ReplicasHint: core.OnHint(); break;
            case OrderAnswer m: core.OnAnswer(m); break;
            case ReplicaOpened m: core.OnOpened(from, m.Change); break;
            case AskKept m: core.OnAskKept(from, m.OpenedBy); break;
        }

        Look(group, now);
    }

    private void Look(GroupReplica replica, long now)
    {
        if (!replica.IsServing)
        {
            leading.Remove(replica.Id);
            return;
        }

        if (!leading.TryGetValue(replica.Id, out var core) || core.Term != replica.Core.Term)
        {
            leading[replica.Id] = core = new ReplicaLeaderCore(replica.Id, replica.Core.Term, options);
        }

        if (core.IsIdle)
        {
            return;
        }

        var work = core.Look(GroupPicture.Of(replica.Core), now);
        foreach (var message in work.ToMeta)
        {
            Send(knowledge.MetaLeader.Node, message);
        }

        if (work.Report is { } report)
        {
            replica.Confirm(core.Term, now, confirmed =>
            {
                if (confirmed && core.StillHolds(report, GroupPicture.Of(replica.Core)))
                {
                    Send(knowledge.MetaLeader.Node, report);
                }
            });
        }

        foreach (var node in work.Open)
        {
            Send(node, new OpenReplica(replica.Id, host.Genesis!.ClusterId, core.Order!.Change, replica.Core.Applied, replica.Core.Term));
        }

        foreach (var (node, opened) in work.NotKept)
        {
            replica.Confirm(core.Term, now, confirmed =>
            {
                if (confirmed && !replica.Core.Configuration.Contains(node.Value))
                {
                    Send(node, new NotKept(replica.Id, opened));
                }
            });
        }

        if (work.Change is { } change)
        {
            _ = replica.TryProposeChange(change);
        }

        if (!work.HandOver.IsNone)
        {
            replica.Core.TransferLeadership(work.HandOver.Value, now);
        }

        if (work.Renew)
        {
            replica.Core.RenewTerm(now);
        }
    }

    private void LookAtMeta(long now)
    {
        if (host.Meta is not { IsServing: true } replica)
        {
            (meta, published) = (null, null);
            return;
        }

        if (meta is null || metaTerm != replica.Core.Term)
        {
            (meta, metaTerm) = (new ReplicaMetaCore(replica.Machine, options), replica.Core.Term);
        }

        var core = meta;
        var work = core.Look(knowledge.IsAlive, now, time.GetUtcNow().ToUnixTimeMilliseconds());
        foreach (var command in work.Proposals)
        {
            _ = replica.TryPropose(command);
        }

        foreach (var hint in work.Messages)
        {
            Send(LeaderOf(hint.Group), hint);
        }

        foreach (var (to, order) in work.Orders)
        {
            Send(to, order);
        }

        foreach (var (from, question) in work.Questions)
        {
            replica.Confirm(metaTerm, now, confirmed =>
            {
                if (confirmed && core.Answer(question) is { } answer)
                {
                    Send(from, answer);
                }
            });
        }

        if (published is null || now - publishedAt >= PublishMs)
        {
            (published, publishedAt) = (core.Statuses(), now);
        }
    }

    /// <summary>What the map or the group itself does not name any more asks the group's leader; so does what hears of no leader.</summary>
    private void AskWhetherKept()
    {
        foreach (var group in host.Loop.Groups)
        {
            if (group.Id != GroupId.Meta && knowledge.State is not null && knowledge.Map.Find(group.Id.Shard) is null && host.OpenedBy(group.Id) is { } opened)
            {
                Send(knowledge.MetaLeader.Node, new AskExists(group.Id, opened));
                continue;
            }

            var named = group.Id == GroupId.Meta || knowledge.Map.Find(group.Id.Shard)?.Replicas.Contains(knowledge.Self) != false;
            if ((!named || group.Core.Leader == 0 || !group.Core.Configuration.Contains(knowledge.Self.Value))
                && LeaderOf(group.Id) is var leader && leader != knowledge.Self && host.OpenedBy(group.Id) is { } openedBy)
            {
                Send(leader, new AskKept(group.Id, openedBy));
            }
        }
    }

    /// <summary>What is damaged here is reported to M, and asks its group's leader whether it may go.</summary>
    private void ReportDamaged()
    {
        foreach (var (group, detail) in host.DamagedGroups)
        {
            if (host.OpenedBy(group) is { } openedBy)
            {
                Send(knowledge.MetaLeader.Node, new ReplicaDamaged(group, openedBy, detail));
                Send(LeaderOf(group), new AskKept(group, openedBy));
            }
        }
    }

    private NodeId LeaderOf(GroupId group) => group == GroupId.Meta ? knowledge.MetaLeader.Node : knowledge.LeaderOf(group.Shard);

    /// <summary>Proposes the newcomer, and answers when that is decided. What is decided already is not proposed again.</summary>
    private async Task AdmitAsync(MetaReplica replica, JoinRequest request)
    {
        var clusterId = host.Genesis?.ClusterId ?? "";
        var answer = request.FormatVersion != Founding.FormatVersion
            ? new MetaAnswer(false, 0, "version", $"The node {request.Member.Name} has format {request.FormatVersion}, this cluster {Founding.FormatVersion}: start it with the cluster's version.")
            : request.Level < replica.Machine.State.Level
                ? new MetaAnswer(false, 0, "version", $"The node {request.Member.Name} reads commands up to level {request.Level}, this cluster writes {replica.Machine.State.Level}: start it with the cluster's version.")
            : replica.Machine.State.Members.Contains(request.Member)
                ? new MetaAnswer(true, 0, null, null)
                : await replica.ProposeAsync(
                    new MemberJoined(time.GetUtcNow().ToUnixTimeMilliseconds(), request.Member) { Shards = replica.Machine.State.Level >= ShardsLevel ? replica.Machine.State.ShardsPerNode : 0 },
                    CancellationToken.None);
        if (answer.Error is "unavailable" or "unknown")
        {
            return;
        }

        if (!answer.Accepted)
        {
            Refused(log, request.Member.Name, request.Member.Id, answer.Detail ?? "");
        }

        Send(request.Member.Id, new JoinAnswer(answer.Accepted, clusterId, answer.Detail ?? ""));
    }

    private void Send(NodeId to, ReplicaMessage message)
    {
        if (to == knowledge.Self)
        {
            // Not at once: the receiver may be the sender, in the middle of its own work.
            host.Loop.Post(() => Deliver(to, message));
        }
        else if (!to.IsNone)
        {
            _ = hub.Send(to, PeerLane.Control, PeerFrameKind.Replicas, message.Encode());
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Refused to take {Name} ({Node}) as a member: {Detail}")]
    private static partial void Refused(ILogger logger, string name, NodeId node, string detail);
}
