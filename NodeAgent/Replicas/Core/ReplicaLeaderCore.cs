using System.Collections.Immutable;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Replicas.Core;

/// <summary>What a group's leader owes after a look.</summary>
/// <param name="ToMeta">For the leader of the meta group.</param>
/// <param name="Open">Nodes to be asked to open the group.</param>
/// <param name="Change">To be proposed; null: nothing.</param>
/// <param name="HandOver">To whom leadership is to go; the absent node: it stays.</param>
/// <param name="NotKept">Nodes that asked and are in no configuration: to be told so once a quorum has confirmed this leader and the configuration is the same.</param>
internal sealed record ReplicaWork(
    IReadOnlyList<ReplicaMessage> ToMeta, ImmutableArray<NodeId> Open, ConfigurationChange? Change, NodeId HandOver, IReadOnlyList<(NodeId Node, ulong OpenedBy)> NotKept)
{
    public static readonly ReplicaWork None = new([], [], null, default, []);

    /// <summary>The leader is to lead in another term.</summary>
    public bool Renew { get; init; }

    /// <summary>What M's leader is to be told of the replicas; null: nothing. Only once a quorum has confirmed this leader and it <see cref="ReplicaLeaderCore.StillHolds"/>.</summary>
    public ReplicasReport? Report { get; init; }
}

/// <summary>
/// The duties of a group's leader for its replicas, for one term. It acts only upon answers of M's to questions of its own: an order that comes late from a former time never
/// finds the question that it answers.
/// </summary>
internal sealed class ReplicaLeaderCore(GroupId group, ulong term, ReplicaOptions options)
{
    private readonly HashSet<NodeId> opened = [];
    private readonly Dictionary<NodeId, (ulong OpenedBy, ulong Question)> leaving = [];
    private ReplicaOrder? order;
    private bool hinted;
    private ulong question;
    private ulong answered;
    private long askedAt = long.MinValue / 2;
    private long openedAt = long.MinValue / 2;
    private long reportedAt = long.MinValue / 2;
    private (ReplicaOrder Order, ConfigurationState Configuration)? reported;

    /// <summary>The term for which it was made.</summary>
    public ulong Term => term;

    /// <summary>What is being carried out; null: nothing.</summary>
    public ReplicaOrder? Order => order;

    /// <summary>Nothing is to be looked at.</summary>
    public bool IsIdle => !hinted && order is null && leaving.Count == 0;

    /// <summary>M has something to say.</summary>
    public void OnHint() => hinted = true;

    /// <summary>M's answer to a question.</summary>
    public void OnAnswer(OrderAnswer answer)
    {
        // An older answer would go back behind a newer one.
        if (answer.Term != term || answer.Question > question || answer.Question <= answered)
        {
            return;
        }

        answered = answer.Question;
        hinted = false;
        if (answer.Order?.Change != order?.Change)
        {
            opened.Clear();
        }

        order = answer.Order;
    }

    /// <summary>A node has opened the group.</summary>
    public void OnOpened(NodeId node, ulong change)
    {
        if (change == order?.Change)
        {
            opened.Add(node);
        }
    }

    /// <summary>A node asks whether it is still a replica. Answered when M has said that no order is about to make it one.</summary>
    public void OnAskKept(NodeId node, ulong openedBy)
    {
        hinted = true;
        leaving[node] = (openedBy, question + 1);
    }

    /// <summary>Looks at the group; called at every tick and after every message.</summary>
    public ReplicaWork Look(GroupPicture picture, long nowMs)
    {
        List<ReplicaMessage> toMeta = [];
        if ((hinted || order is not null) && nowMs - askedAt >= options.RepeatMs)
        {
            askedAt = nowMs;
            toMeta.Add(new AskOrder(group, term, ++question));
        }

        var notKept = NotKept(picture.Configuration);
        if (order is null)
        {
            return toMeta.Count + notKept.Count == 0 ? ReplicaWork.None : ReplicaWork.None with { ToMeta = toMeta, NotKept = notKept };
        }

        var step = ReplicaSteps.Next(order, picture, opened, options.CaughtUpLag);
        var report = Report(picture, step is ReplicaStep.Wait wait ? wait.For : "", nowMs);
        var open = step is ReplicaStep.Open o && nowMs - openedAt >= options.RepeatMs ? o.Nodes : [];
        openedAt = open.IsEmpty ? openedAt : nowMs;
        return new ReplicaWork(toMeta, open, (step as ReplicaStep.Change)?.Proposal, step is ReplicaStep.HandOver h ? h.To : default, notKept)
        {
            Renew = step is ReplicaStep.Renew,
            Report = report,
        };
    }

    private List<(NodeId Node, ulong OpenedBy)> NotKept(ConfigurationState configuration)
    {
        var notKept = new List<(NodeId, ulong)>();
        foreach (var (node, (openedBy, _)) in leaving.Where(l => l.Value.Question <= answered).ToList())
        {
            leaving.Remove(node);
            if (!configuration.Contains(node.Value) && order?.Target.Contains(node) != true)
            {
                notKept.Add((node, openedBy));
            }
        }

        return notKept;
    }

    /// <summary>
    /// Whether a report may be sent, asked when a quorum has confirmed this leader since it was made. A leader that was deposed and does not know it may hold an order, and a
    /// configuration that was the wanted one before its successor changed it: M would end the order, and the map would show replicas that are none.
    /// </summary>
    public bool StillHolds(ReplicasReport report, GroupPicture picture) =>
        order is { } now && now.Change == report.Change && now.Target.SequenceEqual(report.Target) && IsSettled(picture)
        && picture.Configuration.Voters.SequenceEqual(report.Voters.Select(v => v.Value)) && picture.Configuration.Learners.SequenceEqual(report.Learners.Select(l => l.Value));

    // While a change stands in the log and is not applied, the configuration is about to be another one: a report of it could end an order that the group then leaves again.
    private static bool IsSettled(GroupPicture picture) => !picture.Configuration.IsJoint && picture.LastChangeIndex <= picture.Applied;

    private ReplicasReport? Report(GroupPicture picture, string waiting, long nowMs)
    {
        var told = order!;
        var now = (told, picture.Configuration);
        if (!IsSettled(picture) || (reported == now && nowMs - reportedAt < options.RepeatMs))
        {
            return null;
        }

        (reported, reportedAt) = (now, nowMs);
        return new ReplicasReport(group, told.Change, picture.Applied, told.Target, Nodes(picture.Configuration.Voters), Nodes(picture.Configuration.Learners), waiting);
    }

    private static ImmutableArray<NodeId> Nodes(IReadOnlyList<ulong> ids) => [.. ids.Select(id => new NodeId(id))];
}
