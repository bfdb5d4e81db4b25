using System.Collections.Immutable;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Replicas.Core;

/// <summary>What M's leader owes after a look.</summary>
/// <param name="Proposals">For M's own log.</param>
/// <param name="Messages">For the leaders of the groups that they name.</param>
/// <param name="Questions">To be answered by <see cref="ReplicaMetaCore.Answer"/> once a read-index that begins now is confirmed and applied.</param>
internal sealed record ReplicaMetaWork(IReadOnlyList<MetaCommand> Proposals, IReadOnlyList<ReplicaMessage> Messages, IReadOnlyList<(NodeId From, ReplicaMessage Question)> Questions)
{
    public static readonly ReplicaMetaWork None = new([], [], []);

    /// <summary>Messages for the nodes that they go with.</summary>
    public IReadOnlyList<(NodeId To, ReplicaMessage Message)> Orders { get; init; } = [];
}

/// <summary>
/// The duties of M's leader for replicas, for one term: hints at open changes until their group's leader asks, takes the groups' reports, empties members that are drained and
/// puts the replicas of nodes elsewhere that have been dead for longer than the grace time.
/// </summary>
internal sealed class ReplicaMetaCore(MetaMachine machine, ReplicaOptions options)
{
    /// <summary>Questions that wait for their look at most; beyond it the oldest are dropped, they are asked again.</summary>
    public const int MaxQuestions = 1024;

    private const string Cluster = "cluster";

    private readonly RepeatGuard guard = new(options.RepeatMs * 1000L);
    private readonly Dictionary<ulong, string> waiting = [];
    private readonly Dictionary<NodeId, long> deadSince = [];
    private readonly Dictionary<NodeId, int> levels = [];
    private readonly ShardBirths births = new(options);
    private List<(NodeId From, ReplicaMessage Question)> questions = [];
    private readonly Dictionary<ulong, ReplicasReport> reports = [];
    private readonly Dictionary<(GroupId Group, NodeId Node), ReplicaDamaged> damages = [];

    /// <summary>A message for M's leader.</summary>
    public void OnMessage(NodeId from, ReplicaMessage message)
    {
        switch (message)
        {
            case AskOrder or AskExists:
                questions.Add((from, message));
                if (questions.Count > MaxQuestions)
                {
                    questions.RemoveAt(0);
                }

                break;
            case ShardBorn born:
                births.OnBorn(born);
                break;
            case SaysLevel said:
                levels[from] = said.Level;
                break;
            case ReplicaDamaged damage:
                damages[(damage.Group, from)] = damage;
                break;
            case ReplicasReport report when machine.State.ReplicaChanges.ContainsKey(report.Change):
                reports[report.Change] = report;
                waiting[report.Change] = report.Waiting;
                break;
        }
    }

    /// <summary>The answer to a question, after its read-index; null: none is owed.</summary>
    public ReplicaMessage? Answer(ReplicaMessage asked)
    {
        if (asked is AskExists doubt)
        {
            // A number that was never given is of another cluster, or of a state that this replica does not know: nothing is said of it.
            return machine.State.Map.Find(doubt.Group.Shard) is null && doubt.Group.Value < machine.State.FirstFreeShard ? new ShardGone(doubt.Group, doubt.OpenedBy) : null;
        }

        if (asked is not AskOrder question)
        {
            return null;
        }

        var leader = machine.State.Map.Find(question.Group.Shard)?.PreferredLeader ?? default;
        return new OrderAnswer(question.Group, question.Term, question.Question, machine.State.ChangeOf(question.Group)?.ToOrder(leader));
    }

    /// <summary>All changes that are known, newest first.</summary>
    public ImmutableArray<ReplicaChangeStatus> Statuses() => Statuses(machine.State, id => waiting.GetValueOrDefault(id, ""));

    /// <summary>All changes that a state knows, newest first.</summary>
    public static ImmutableArray<ReplicaChangeStatus> Statuses(MetaState state, Func<ulong, string> waiting) =>
        [.. state.ReplicaChanges.Values.Concat(state.EndedReplicaChanges).OrderByDescending(c => c.Id).Select(c => c.ToStatus(waiting(c.Id)))];

    /// <summary>Looks at the state; called at every tick of the loop.</summary>
    public ReplicaMetaWork Look(Func<NodeId, bool> isAlive, long nowMs, long unixMs)
    {
        var state = machine.State;
        List<MetaCommand> proposals = [.. Notes(state, unixMs), .. Moves(state, isAlive, nowMs, unixMs), .. Hopeless(state, nowMs, unixMs), .. Repairs(state, isAlive, nowMs, unixMs), .. Raise(state, nowMs, unixMs)];
        proposals.AddRange(births.Look(state, isAlive, n => IsLongDead(n, nowMs), nowMs, unixMs));
        var orders = births.Orders(state, nowMs);
        var hints = state.ReplicaChanges.Values.Where(c => guard.MayTake(1, c.Id, nowMs * 1000)).Select(c => new ReplicasHint(c.Group)).ToList();
        var asked = questions;
        questions = [];
        guard.Keep(id => id <= ushort.MaxValue || state.ReplicaChanges.ContainsKey(id)); // numbers of groups are few
        foreach (var id in waiting.Keys.Where(id => !state.ReplicaChanges.ContainsKey(id)).ToList())
        {
            waiting.Remove(id);
        }

        return proposals.Count + hints.Count + asked.Count + orders.Count == 0 ? ReplicaMetaWork.None : new ReplicaMetaWork(proposals, hints, asked) { Orders = orders };
    }

    /// <summary>New kinds of commands may be written when all members, also those that are away, have said to this leader that they read them.</summary>
    private IEnumerable<MetaCommand> Raise(MetaState state, long nowMs, long unixMs)
    {
        var common = state.Members.Select(m => levels.GetValueOrDefault(m.Id, 1)).Append(MetaCommand.NewestLevel).Min();
        return common > state.Level && !state.Members.IsEmpty && guard.MayTake(5, 0, nowMs * 1000) ? [new RaiseLevel(unixMs, common)] : [];
    }

    private List<MetaCommand> Notes(MetaState state, long unixMs)
    {
        var notes = new List<MetaCommand>();
        foreach (var report in reports.Values)
        {
            if (state.ReplicaChanges.TryGetValue(report.Change, out var change) && change.MayNote(report.Index, report.Voters, report.Learners) && report.Target.SequenceEqual(change.Target) && SaysNew(change, report))
            {
                notes.Add(new NoteReplicas(unixMs, change.Id, report.Index, report.Target, report.Voters, report.Learners));
            }
        }

        reports.Clear();
        return notes;
    }

    private static bool SaysNew(ReplicaChange change, ReplicasReport report) =>
        !report.Voters.SequenceEqual(change.Voters) || !report.Learners.SequenceEqual(change.Learners) || change.PhaseOf(report.Voters, report.Learners) != change.Phase;

    /// <summary>Replicas that have to go from where they are: of members that are drained, then of dead ones.</summary>
    private List<MetaCommand> Moves(MetaState state, Func<NodeId, bool> isAlive, long nowMs, long unixMs)
    {
        var leaving = state.Draining.Select(n => (Node: n, Reason: "The node is being emptied")).Concat(Dead(state, isAlive, nowMs)).ToList();
        var moves = new List<MetaCommand>();
        var free = leaving.Count == 0 ? 0 : options.MaxOwnChanges - state.ReplicaChanges.Values.Count(c => !c.Emptied.IsNone);
        foreach (var (node, reason) in leaving)
        {
            var groups = state.Map.Shards.Select(s => GroupId.Of(s.Id)).Prepend(GroupId.Meta).Where(g => state.ReplicasOf(g).Contains(node) && state.ChangeOf(g) is null && !WaitsToGo(state, g, node, IsLongDead(node, nowMs)));
            foreach (var group in groups)
            {
                if (free > 0 && ReplicaPlacement.Choose(state, group, node, isAlive) is { IsNone: false } to && guard.MayTake(3, group.Value, nowMs * 1000))
                {
                    free--;
                    var now = state.ReplicasOf(group);
                    moves.Add(new SetReplicas(
                        unixMs, group, now, ReplicaPlacement.Replace(now, node, to), ReplicaPlacement.Leader(state, group, node, to), Cluster, reason) { Emptied = node });
                }
            }
        }

        return moves;
    }

    /// <summary>A plan empties the shard and then it goes, so its replicas stay where they are; one that is not open has none to move.</summary>
    private static bool WaitsToGo(MetaState state, GroupId group, NodeId node, bool isLongDead) => group != GroupId.Meta
        && (state.BirthOf(group.Shard) is { IsOpen: false } || (!isLongDead && state.Retiring.Contains(group.Shard) && state.Draining.Contains(node)));

    /// <summary>Damaged copies go, then come again; a few groups at a time.</summary>
    private List<MetaCommand> Repairs(MetaState state, Func<NodeId, bool> isAlive, long nowMs, long unixMs)
    {
        var removals = damages.OrderBy(d => d.Key).Select(d => ReplicaRepair.Remove(state, d.Key.Node, d.Value, unixMs)).OfType<SetReplicas>().ToList();
        damages.Clear();
        var free = options.MaxOwnChanges - state.ReplicaChanges.Values.Count(c => !c.Repairs.IsNone);
        return [.. ReplicaRepair.Return(state, isAlive, n => IsLongDead(n, nowMs), unixMs).Concat(removals).Where(c => guard.MayTake(4, c.Group.Value, nowMs * 1000)).Take(Math.Max(0, free))];
    }

    /// <summary>What M has begun by itself and leads to a node that has died since goes back, so that another can be chosen.</summary>
    private IEnumerable<MetaCommand> Hopeless(MetaState state, long nowMs, long unixMs) => state.ReplicaChanges.Values
        .Where(c => !c.Emptied.IsNone && !c.IsCancelled && c.Wanted.Any(n => !c.Before.Contains(n) && IsLongDead(n, nowMs)) && guard.MayTake(2, c.Id, nowMs * 1000))
        .Select(c => new CancelReplicas(unixMs, c.Id, Cluster, "The node that was to take the replica is dead"));

    private bool IsLongDead(NodeId node, long nowMs) => deadSince.TryGetValue(node, out var since) && nowMs - since >= options.ReplaceDeadMs;

    private List<(NodeId Node, string Reason)> Dead(MetaState state, Func<NodeId, bool> isAlive, long nowMs)
    {
        foreach (var back in deadSince.Keys.Where(n => isAlive(n) || state.Members.All(m => m.Id != n)).ToList())
        {
            deadSince.Remove(back);
        }

        var dead = new List<(NodeId, string)>();
        foreach (var member in state.Members.Where(m => options.ReplaceDeadMs > 0 && !isAlive(m.Id)))
        {
            deadSince.TryAdd(member.Id, nowMs);
            if (IsLongDead(member.Id, nowMs) && !state.Draining.Contains(member.Id))
            {
                dead.Add((member.Id, $"{member.Name} has been dead for {options.ReplaceDeadMs / 1000} s"));
            }
        }

        return dead;
    }
}
