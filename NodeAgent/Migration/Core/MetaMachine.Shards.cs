using System.Collections.Immutable;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>
/// Shards that come with a node and go with it, in the meta group's log. A shard is born with the node that joined as its only voter; when that one has opened it, it gets its
/// other replicas as any group does; only then may segments move to it. It goes when it owns nothing and nothing that is under way names it.
/// </summary>
internal sealed partial class MetaMachine
{
    private void Bear(NodeId node, int count, ulong index)
    {
        if (count == 0)
        {
            return;
        }

        var first = State.FirstFreeShard;
        ImmutableArray<ShardId> shards = [.. Enumerable.Range(first, count).Select(n => new ShardId((ushort)n))];
        State = State with { Map = State.Map.Apply(new ShardsBorn(shards, node)), Births = State.Births.AddRange(shards.Select(s => new ShardBirth(s, node, index, IsOpen: false))) };
    }

    private MetaResult Born(NoteBorn command)
    {
        if (State.BirthOf(command.Shard) is not { IsOpen: false } birth)
        {
            return Refused(0, "too-late", $"The shard {command.Shard} does not wait to be opened: it is open already, or is no more.");
        }

        // With one replica each it is complete as it is.
        State = State with { Births = State.Genesis!.ReplicationFactor <= 1 ? State.Births.Remove(birth) : State.Births.Replace(birth, birth with { IsOpen = true }) };
        return new MetaResult(Accepted(0), [], false);
    }

    /// <summary>A shard that has all its replicas is a shard like any other from then on.</summary>
    private void Widened(ReplicaChange ended)
    {
        if (ended.Group != GroupId.Meta && State.BirthOf(ended.Group.Shard) is { } birth && ended.Voters.Length >= State.Genesis!.ReplicationFactor)
        {
            State = State with { Births = State.Births.Remove(birth) };
        }
    }

    /// <summary>Of those that are named, the shards that the node leads are to go, unless no other shard would be left to take their segments; when a drain ends they stay.</summary>
    private void Retire(DrainMember command)
    {
        if (!command.Drains)
        {
            State = State with { Retiring = State.Retiring.RemoveAll(s => State.Map.Find(s)?.PreferredLeader is not { } leader || !State.Draining.Contains(leader)) };
            return;
        }

        ImmutableArray<ShardId> retiring = [.. State.Retiring.Concat(command.Retires.Where(s => State.Map.Find(s)?.PreferredLeader == command.Node)).Distinct().Order()];
        if (State.Map.Shards.Any(s => !retiring.Contains(s.Id) && State.BirthOf(s.Id) is null))
        {
            State = State with { Retiring = retiring };
        }
    }

    private MetaResult Remove(RemoveShard command)
    {
        if (WhyNotRemove(State, command.Shard) is { } why)
        {
            return Refused(0, "shard-stays", why);
        }

        State = State with
        {
            Map = State.Map.Apply(new ShardRemoved(command.Shard)),
            Births = State.Births.RemoveAll(b => b.Shard == command.Shard),
            Retiring = State.Retiring.Remove(command.Shard),
            LastRemoved = Math.Max(State.LastRemoved, command.Shard.Value),
        };
        return new MetaResult(Accepted(0), [], true);
    }

    /// <summary>Why a shard cannot be removed in a state; null: it can. Also for asking before proposing.</summary>
    public static string? WhyNotRemove(MetaState state, ShardId shard)
    {
        if (state.Map.Find(shard) is null)
        {
            return $"The shard {shard} is not in the map of epoch {state.Map.Epoch}.";
        }

        if (!state.Retiring.Contains(shard) && state.BirthOf(shard) is not { IsOpen: false })
        {
            return $"The shard {shard} is not about to go: drain the node that leads it, naming the shard.";
        }

        var owned = state.Map.Owners.Count(o => o == shard);
        return owned > 0 ? $"The shard {shard} owns {owned} segments: move them first."
            : state.Migrations.Values.FirstOrDefault(m => m.From == shard || m.To == shard) is { } migration ? $"Migration {migration.Id} ({migration.Phase}) still names the shard {shard}."
            : state.ChangeOf(GroupId.Of(shard)) is { } change ? $"The replicas of {shard} are being changed by {change.Id}: wait for it or cancel it."
            : null;
    }
}
