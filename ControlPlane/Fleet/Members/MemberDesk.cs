using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Fleet.Members.Core;
using ShardConsole.ControlPlane.Security;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Fleet.Members;

/// <summary>What a person or a program may do with members, replicas and their equality. The cluster decides; everything is audited, refusals too.</summary>
/// <param name="starter">Starts nodes; null where the machines are not in the control plane's hands.</param>
internal sealed class MemberDesk(IFleet fleet, DrainStore drains, IMemberQueries queries, INodeStarter? starter, AuditTrail audit, TimeProvider realTime) : IMemberDesk, IIntegrityDesk
{
    /// <inheritdoc/>
    public async Task<Outcome> AddAsync(string zone, string by, string reason, CancellationToken cancellation)
    {
        if (starter is null)
        {
            return new Outcome("not-local", "The control plane starts nodes of a local cluster only. Start one on its machine with the cluster's key and a seed: GET /members/join has the command.");
        }

        var (name, problem) = await starter.AddNodeAsync(zone, cancellation);
        await audit.AddAsync(by, "node-added", name ?? "", problem is null ? reason : $"refused ({problem}): {reason}", cancellation);
        return name is null ? new Outcome("limit", problem!) : new Outcome(null, $"{name} starts and joins by itself.", name);
    }

    /// <inheritdoc/>
    public Task<Outcome> DrainAsync(NodeId node, bool thenLeave, string by, string reason, CancellationToken cancellation) =>
        EmptyAsync(node, MemberChange.Retire, thenLeave, by, reason, cancellation);

    /// <inheritdoc/>
    public async Task<Outcome> CancelDrainAsync(NodeId node, string by, string reason, CancellationToken cancellation)
    {
        var name = MemberRows.Name(fleet.State, node);
        var answer = await fleet.ChangeMemberAsync(node, MemberChange.CancelDrain, by, reason, cancellation);
        if (answer.Accepted)
        {
            drains.Change(known => [.. known.Where(d => d.Node != node)]);
        }

        return await DoneAsync(answer, by, "drain-ended", name, reason, $"{name} stays: what was under way goes back, what has moved stays where it is.", cancellation);
    }

    /// <inheritdoc/>
    public async Task<Outcome> LeaveAsync(NodeId node, string by, string reason, CancellationToken cancellation)
    {
        var name = MemberRows.Name(fleet.State, node);
        var answer = await fleet.ChangeMemberAsync(node, MemberChange.Leave, by, reason, cancellation);
        var stopped = answer.Accepted && starter is not null && await starter.RetireNodeAsync(name, cancellation);
        return await DoneAsync(answer, by, "member-left", name, reason, stopped ? $"{name} has left and is stopped." : $"{name} has left. Its process may be stopped now.", cancellation);
    }

    /// <inheritdoc/>
    public async Task<Outcome> RemoveAsync(NodeId node, string by, string reason, CancellationToken cancellation)
    {
        if (fleet.State.Find(node) is { IsServing: true } alive)
        {
            return new Outcome("alive", $"{alive.Member.Name} answers: only a dead member is removed. Drain it, and let it leave then.", alive.Member.Name);
        }

        // Its shards stay: they are led by others already, and want their replicas back rather than a plan.
        return await EmptyAsync(node, MemberChange.Drain, thenLeave: true, by, reason, cancellation);
    }

    /// <inheritdoc/>
    public async Task<Outcome> FillAsync(NodeId node, string by, string reason, CancellationToken cancellation)
    {
        var state = fleet.State;
        var name = MemberRows.Name(state, node);
        var plan = queries.FillPlan(node);
        if (plan.Moves.Count == 0)
        {
            return new Outcome("nothing-to-do", $"{name} holds its share of replicas and leaders already, is being emptied, or does not answer.", name);
        }

        var begun = 0;
        foreach (var move in plan.Moves)
        {
            var answer = await fleet.ReplaceReplicaAsync(GroupId.Of(move.Shard), new ReplaceReplica(IdOf(state, move.From), node, by, $"{name} is filled: {move.Reason}"), cancellation);
            if (!answer.Accepted)
            {
                var refused = new MetaAnswer(false, 0, answer.Error, $"{begun} of {plan.Moves.Count} replicas are on their way; that of {move.Shard} was refused: {answer.Detail}");
                return await DoneAsync(refused, by, "fill-started", name, reason, "", cancellation);
            }

            begun++;
        }

        return await DoneAsync(
            new MetaAnswer(true, 0, null, null), by, "fill-started", name, $"{plan.Moves.Count} replicas, {plan.Moves.Count(m => m.TakesLead)} of them leaders: {reason}",
            $"{name} takes over {plan.Moves.Count} replicas, {plan.Moves.Count(m => m.TakesLead)} of them leaders.", cancellation);
    }

    /// <inheritdoc/>
    public async Task<Outcome> ReplaceAsync(GroupId group, NodeId from, NodeId to, string by, string reason, CancellationToken cancellation)
    {
        var state = fleet.State;
        var answer = await fleet.ReplaceReplicaAsync(group, new ReplaceReplica(from, to, by, reason), cancellation);
        var what = from.IsNone ? $"A replica at {MemberRows.Name(state, to)} is added."
            : to.IsNone ? $"The replica at {MemberRows.Name(state, from)} is removed." : $"The replica at {MemberRows.Name(state, from)} goes to {MemberRows.Name(state, to)}.";
        var outcome = await DoneAsync(answer, by, "replicas-changed", $"{group}", $"{what} {reason}", what, cancellation);
        return answer.Accepted ? outcome with { Id = $"{answer.MigrationId}" } : outcome;
    }

    /// <inheritdoc/>
    public async Task<Outcome> CancelReplicasAsync(ulong change, string by, string reason, CancellationToken cancellation)
    {
        var answer = await fleet.CancelReplicasAsync(change, by, reason, cancellation);
        return await DoneAsync(answer, by, "replicas-cancelled", $"{change}", reason, $"The change {change} goes back.", cancellation);
    }

    /// <inheritdoc/>
    public async Task<Outcome> CompareAsync(ShardId? shard, string by, string reason, CancellationToken cancellation)
    {
        var begun = await fleet.CompareAsync(shard, by, reason, cancellation);
        var answer = begun.Count > 0 ? new MetaAnswer(true, 0, null, null)
            : new MetaAnswer(false, 0, "unavailable", shard is null ? "No node that leads a shard could be asked. Try again when nodes answer." : $"Nobody who leads {shard} could be asked. Try again when it is led.");
        var outcome = await DoneAsync(
            answer, by, "comparison-started", shard?.ToString() ?? "all shards", reason, begun.Count == 1 ? $"The replicas of {begun[0]} are compared." : $"The replicas of {begun.Count} shards are compared.", cancellation);
        return answer.Accepted ? outcome with { Id = string.Join(',', begun) } : outcome;
    }

    /// <inheritdoc/>
    public async Task<Outcome> DropOrphanAsync(SegmentId segment, string by, string reason, CancellationToken cancellation)
    {
        var answer = await fleet.DropOrphanAsync(segment, by, reason, cancellation);
        return await DoneAsync(answer, by, "orphan-dropped", $"segment {segment}", reason, $"The orphan of segment {segment} goes when the meta group has confirmed that it is one.", cancellation);
    }

    private async Task<Outcome> EmptyAsync(NodeId node, MemberChange how, bool thenLeave, string by, string reason, CancellationToken cancellation)
    {
        var state = fleet.State;
        var answer = await fleet.ChangeMemberAsync(node, how, by, reason, cancellation);
        if (answer.Error is "version" or "invalid")
        {
            // Not every member knows yet how shards go: its shards stay and go to others as they are.
            answer = await fleet.ChangeMemberAsync(node, MemberChange.Drain, by, reason, cancellation);
        }

        if (answer.Accepted)
        {
            var asked = new Drain(node, by, reason, realTime.GetUtcNow().ToUnixTimeMilliseconds(), DrainBook.Held(state, node).Count, thenLeave);

            // Asked again it goes on from where it began; whether the member leaves then is what was asked last.
            drains.Change(known => [.. known.Where(d => d.Node != node), known.FirstOrDefault(d => d.Node == node) is { } old ? old with { ThenLeave = thenLeave } : asked]);
        }

        var name = MemberRows.Name(state, node);
        return await DoneAsync(answer, by, "drain-started", name, thenLeave ? $"{reason} (leaves when it is empty)" : reason, $"{name} is being emptied{(thenLeave ? " and leaves then" : "")}.", cancellation);
    }

    private static NodeId IdOf(FleetState state, string name) => state.Nodes.FirstOrDefault(n => n.Member.Name == name)?.Id ?? default;

    private async Task<Outcome> DoneAsync(MetaAnswer answer, string by, string action, string subject, string detail, string done, CancellationToken cancellation)
    {
        await audit.AddAsync(by, action, subject, answer.Accepted ? detail : $"refused ({answer.Error}): {detail}", cancellation);
        return answer.Accepted ? new Outcome(null, done, subject) : new Outcome(answer.Error ?? "refused", answer.Detail ?? "The cluster refused it.", subject);
    }
}
