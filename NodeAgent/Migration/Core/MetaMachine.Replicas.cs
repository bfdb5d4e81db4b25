using System.Collections.Immutable;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>Replicas in the meta group's log: M decides the desired replicas, the group carries the change out, the map shows what is.</summary>
internal sealed partial class MetaMachine
{
    private MetaResult Set(SetReplicas command, ulong index)
    {
        if (State.ChangeOf(command.Group) is { IsCancelled: false } same && same.Wanted.SequenceEqual(command.Wanted))
        {
            return new MetaResult(Accepted(same.Id), [], false);
        }

        if (WhyNotSet(command) is { } refusal)
        {
            return new MetaResult(refusal, [], false);
        }

        var before = State.ReplicasOf(command.Group);
        var leads = State.Map.Find(command.Group.Shard)?.PreferredLeader ?? default;
        var preferred = command.Group == GroupId.Meta ? default
            : !command.PreferredLeader.IsNone ? command.PreferredLeader
            : command.Wanted.Contains(leads) ? leads
            : command.Wanted.FirstOrDefault(n => !before.Contains(n), command.Wanted[0]);
        var change = new ReplicaChange(index, command.Group, before, command.Wanted, leads, preferred) { Emptied = command.Emptied, Repairs = command.Repairs }
            .Enter(ReplicaPhase.Requested, command.UnixMs, command.By, index, command.Reason);
        if (command.Group != GroupId.Meta && !command.Emptied.IsNone)
        {
            // Only a dead node's are moved while they are to go: then the shard stays, led by another.
            State = State with { Retiring = State.Retiring.Remove(command.Group.Shard) };
        }

        return Put(change, LeadMeanwhile(change));
    }

    /// <summary>A preferred leader that has to go gives way at once to the one of those that stay which is it for the fewest shards: so leadership moves before replicas do.</summary>
    private bool LeadMeanwhile(ReplicaChange change)
    {
        var staying = change.Before.Where(change.Wanted.Contains).ToList();
        if (change.Group == GroupId.Meta || staying.Count == 0 || staying.Contains(change.PreferredBefore))
        {
            return false;
        }

        var next = staying.Contains(change.PreferredLeader) ? change.PreferredLeader : staying.MinBy(n => (State.Map.Shards.Count(s => s.PreferredLeader == n), n.Value));
        State = State with { Map = State.Map.Apply(new ReplicasChanged(change.Group.Shard, change.Before, next)) };
        return true;
    }

    /// <summary>Names another preferred leader. What a change of replicas has decided for the shard is not overruled while it is under way.</summary>
    private MetaResult Lead(SetLeader command)
    {
        if (State.Map.Find(command.Shard) is not { } shard)
        {
            return Refused(0, "unknown-shard", $"The shard {command.Shard} is not in the map of epoch {State.Map.Epoch}: name one that exists.");
        }

        if (shard.PreferredLeader == command.Leader)
        {
            return new MetaResult(Accepted(0), [], false);
        }

        if (State.Halted)
        {
            return Refused(0, "halted", $"All moves are halted by {State.HaltedBy}: resume, then ask again.");
        }

        if (State.Retiring.Contains(command.Shard))
        {
            return Refused(0, "retiring", $"The shard {command.Shard} goes with the node that leads it: end the drain to keep it.");
        }

        if (State.ChangeOf(GroupId.Of(command.Shard)) is { } change)
        {
            return Refused(0, "replicas-under-way", $"The replicas of {command.Shard} are being changed by {change.Id} ({change.Phase}): wait for it or cancel it.");
        }

        if (shard.PreferredLeader != command.Expected)
        {
            return Refused(0, "stale", $"The preferred leader of {command.Shard} is {shard.PreferredLeader}, not {command.Expected}: look and ask again.");
        }

        if (!shard.Replicas.Contains(command.Leader))
        {
            return Refused(0, "replicas", $"Node {command.Leader} holds no replica of {command.Shard}: name one of {Names(shard.Replicas)}.");
        }

        State = State with { Map = State.Map.Apply(new ReplicasChanged(command.Shard, shard.Replicas, command.Leader)) };
        return new MetaResult(Accepted(0), [], true);
    }

    private MetaAnswer? WhyNotSet(SetReplicas command)
    {
        MetaAnswer No(string error, string detail) => new(false, 0, error, detail);
        var now = State.ReplicasOf(command.Group);
        if (now.IsEmpty)
        {
            return No("unknown-shard", $"The group {command.Group} is not in the map of epoch {State.Map.Epoch}: name one that exists.");
        }

        if (State.BirthOf(command.Group.Shard) is { IsOpen: false } birth && command.Group != GroupId.Meta)
        {
            return No("not-born", $"The shard {birth.Shard} waits for node {birth.Node} to open it: ask again when it has.");
        }

        if (command.Group != GroupId.Meta && command.Emptied.IsNone && command.Repairs.IsNone && State.Retiring.Contains(command.Group.Shard))
        {
            return No("retiring", $"The shard {command.Group} goes with its node: its replicas stay where they are until it is empty. End the drain to keep it.");
        }

        if (State.ChangeOf(command.Group) is { } other)
        {
            return No("replicas-under-way", $"The replicas of {command.Group} are being changed by {other.Id} ({other.Phase}): wait for it or cancel it.");
        }

        if (!now.SequenceEqual(command.Expected))
        {
            return No("stale", $"The replicas of {command.Group} are {Names(now)}, not {Names(command.Expected)}: look and ask again.");
        }

        if (command.Wanted.Length is < 1 or > ReplicaOptions.MaxReplicas || command.Wanted.Distinct().Count() != command.Wanted.Length || !command.Wanted.Sort().SequenceEqual(command.Wanted))
        {
            return No("replicas", $"The wanted replicas of {command.Group} are {Names(command.Wanted)}: name 1 to {ReplicaOptions.MaxReplicas} different nodes, ascending.");
        }

        if (now.SequenceEqual(command.Wanted))
        {
            return No("replicas", $"The group {command.Group} has just these replicas already: {Names(now)}.");
        }

        if (!command.PreferredLeader.IsNone && !command.Wanted.Contains(command.PreferredLeader))
        {
            return No("replicas", $"The preferred leader {command.PreferredLeader} is none of the wanted replicas {Names(command.Wanted)}.");
        }

        foreach (var node in command.Wanted.Where(n => !now.Contains(n)))
        {
            if (State.Members.All(m => m.Id != node))
            {
                return No("not-member", $"Node {node} is no member of the cluster: let it join first, or name one of its {State.Members.Length} members.");
            }

            if (State.Draining.Contains(node))
            {
                return No("draining", $"Node {node} is being emptied: name another, or end its drain.");
            }
        }

        return null;
    }

    private MetaResult OnReplicas(ulong id, Func<ReplicaChange, MetaResult> change) => State.ReplicaChanges.TryGetValue(id, out var record)
        ? change(record)
        : State.EndedReplicaChanges.FirstOrDefault(c => c.Id == id) is { } ended
            ? Refused(id, "too-late", $"The change {id} of the replicas of {ended.Group} is {ended.Phase}: it has ended.")
            : Refused(id, "unknown-change", $"The change {id} of replicas is not known: it never began, or it ended long ago.");

    private MetaResult Note(ReplicaChange record, NoteReplicas command, ulong index)
    {
        if (!command.Target.SequenceEqual(record.Target))
        {
            return Refused(record.Id, "stale", $"The group {record.Group} was on its way to {Names(command.Target)} when it reported, and is to come to {Names(record.Target)}.");
        }

        if (command.Voters.IsEmpty || !record.MayNote(command.Index, command.Voters, command.Learners))
        {
            return Refused(record.Id, "stale", $"The replicas of {record.Group} are known as of {record.NotedIndex}; a report as of {command.Index} says nothing new.");
        }

        var mapChanged = ShowReplicas(record, command.Voters);
        var noted = record with { Voters = command.Voters, Learners = command.Learners, NotedIndex = command.Index };
        var phase = noted.PhaseOf(command.Voters, command.Learners);
        if (phase != record.Phase || phase is ReplicaPhase.Done or ReplicaPhase.Cancelled)
        {
            noted = noted.Enter(phase, command.UnixMs, Cluster, index, Describe(noted));
        }

        if (phase is not (ReplicaPhase.Done or ReplicaPhase.Cancelled))
        {
            return Put(noted, mapChanged);
        }

        var ended = State.EndedReplicaChanges.Add(noted);
        State = State with
        {
            ReplicaChanges = State.ReplicaChanges.Remove(noted.Id),
            EndedReplicaChanges = ended.Length > ReplicaOptions.MaxEnded ? ended.RemoveAt(0) : ended,
        };
        Widened(noted);
        return new MetaResult(Accepted(noted.Id), [], mapChanged);
    }

    /// <summary>The map shows what is: the voters that the group has, and a preferred leader among them.</summary>
    private bool ShowReplicas(ReplicaChange record, ImmutableArray<NodeId> voters)
    {
        if (record.Group == GroupId.Meta)
        {
            State = State with { MetaReplicas = voters };
            return false;
        }

        var shown = State.Map.Find(record.Group.Shard)!;
        var leader = voters.Contains(record.TargetLeader) ? record.TargetLeader : voters.Contains(shown.PreferredLeader) ? shown.PreferredLeader : voters[0];
        if (shown.Replicas.SequenceEqual(voters) && shown.PreferredLeader == leader)
        {
            return false;
        }

        State = State with { Map = State.Map.Apply(new ReplicasChanged(shown.Id, voters, leader)) };
        return true;
    }

    private MetaResult Cancel(ReplicaChange record, CancelReplicas command, ulong index)
    {
        if (record.IsCancelled)
        {
            return new MetaResult(Accepted(record.Id), [], false);
        }

        var cancelled = (record with { IsCancelled = true }).Enter(record.Phase, command.UnixMs, command.By, index, command.Reason.Length == 0 ? "Cancelled" : $"Cancelled: {command.Reason}");
        return Put(cancelled, mapChanged: false);
    }

    private MetaResult Put(ReplicaChange record, bool mapChanged)
    {
        State = State with { ReplicaChanges = State.ReplicaChanges.SetItem(record.Id, record) };
        return new MetaResult(Accepted(record.Id), [], mapChanged);
    }

    private static string Describe(ReplicaChange record) => record.Learners.IsEmpty
        ? $"Voters {Names(record.Voters)}"
        : $"Voters {Names(record.Voters)}, learners {Names(record.Learners)}";

    private static string Names(ImmutableArray<NodeId> nodes) => nodes.IsEmpty ? "none" : string.Join(", ", nodes);
}
