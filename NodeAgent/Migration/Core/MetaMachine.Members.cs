using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>The member list in the meta group's log: who joins, who is emptied, who leaves.</summary>
internal sealed partial class MetaMachine
{
    private MetaResult Join(MemberJoined command, ulong index)
    {
        var member = command.Member;
        if (State.Members.FirstOrDefault(m => m.Id == member.Id) is { } known)
        {
            return known == member
                ? new MetaResult(Accepted(0), [], false)
                : Refused(0, "same-identity", $"Node {member.Id} is a member already, as {known.Name} at {known.Addresses.Host}:{known.Addresses.PeerPort}: two nodes were started with one identity. Start the new one with an empty data folder.");
        }

        if (State.Members.FirstOrDefault(m => m.Name == member.Name) is { } namesake)
        {
            return Refused(0, "name-taken", $"The name {member.Name} belongs to node {namesake.Id} at {namesake.Addresses.Host}:{namesake.Addresses.PeerPort}: start the new node with another name, or let the old one leave first.");
        }

        if (State.Genesis is null || State.Members.Length >= ReplicaOptions.MaxMembers)
        {
            return Refused(0, "limit", $"The cluster has {State.Members.Length} members, the limit is {ReplicaOptions.MaxMembers}: let one leave first.");
        }

        if (State.FirstFreeShard + command.Shards - 1 > ReplicaOptions.MaxShardNumber)
        {
            return Refused(0, "limit", $"The next shard would be {State.FirstFreeShard}, the limit is {ReplicaOptions.MaxShardNumber}: found a new cluster.");
        }

        // What nodes outside the meta group know goes by the epoch, so the member list has part in it.
        State = State with { Members = State.Members.Add(member), Map = State.Map with { Epoch = State.Map.Epoch + 1 } };
        Bear(member.Id, command.Shards, index);
        return new MetaResult(Accepted(0), [], true);
    }

    private MetaResult Leave(MemberLeft command)
    {
        if (State.Members.FirstOrDefault(m => m.Id == command.Node) is not { } member)
        {
            return Refused(0, "not-member", $"Node {command.Node} is no member of the cluster: it has left already, or never was one.");
        }

        var held = State.Map.Shards.Count(s => s.Replicas.Contains(command.Node)) + (State.ReplicasOf(GroupId.Meta).Contains(command.Node) ? 1 : 0);
        var wanted = State.ReplicaChanges.Values.Count(c => c.Target.Contains(command.Node) || c.Learners.Contains(command.Node));
        if (held + wanted > 0)
        {
            return Refused(0, "not-empty", $"{member.Name} still has a part in {held + wanted} groups: drain it first, and ask again when it holds no replica.");
        }

        State = State with
        {
            Members = State.Members.Remove(member), Draining = State.Draining.Remove(command.Node), Map = State.Map with { Epoch = State.Map.Epoch + 1 },
        };
        return new MetaResult(Accepted(0), [], true);
    }

    private MetaResult Raise(RaiseLevel command, ulong index)
    {
        if (command.To > MetaCommand.NewestLevel)
        {
            throw new InvalidDataException(
                $"Since entry {index} the meta group writes commands of level {command.To}; this version reads up to {MetaCommand.NewestLevel}: start the node with the version of the others.");
        }

        if (command.To <= State.Level)
        {
            return Refused(0, "stale", $"The level is {State.Level} already.");
        }

        State = State with { Level = command.To };
        return new MetaResult(Accepted(0), [], false);
    }

    private MetaResult Drain(DrainMember command, ulong index)
    {
        if (State.Members.All(m => m.Id != command.Node))
        {
            return Refused(0, "not-member", $"Node {command.Node} is no member of the cluster: name one of its {State.Members.Length} members.");
        }

        if (command.Drains == State.Draining.Contains(command.Node))
        {
            // Asked again it may name shards that were not to go before.
            Retire(command with { Drains = true });
            return new MetaResult(Accepted(0), [], false);
        }

        State = State with { Draining = command.Drains ? State.Draining.Add(command.Node).Sort() : State.Draining.Remove(command.Node) };
        Retire(command);
        foreach (var change in command.Drains ? [] : State.ReplicaChanges.Values.Where(c => c.Emptied == command.Node).ToList())
        {
            _ = Cancel(change, new CancelReplicas(command.UnixMs, change.Id, command.By, "The drain was ended"), index);
        }

        return new MetaResult(Accepted(0), [], false);
    }
}
