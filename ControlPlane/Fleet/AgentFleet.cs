using System.Collections.Immutable;
using ShardConsole.ControlPlane.Data;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>
/// A cluster of node agents, spoken to at their admin ports: looked at every second, kept fresh by their reports in between. Changes go to
/// the node that leads the meta group, which is found by its 421 answers; all of them are safe to repeat.
/// </summary>
internal sealed partial class AgentFleet(
    AgentClient client, IReadOnlyList<string> seeds, FleetOptions options, DataFolder folder, TimeProvider realTime, ILogger<AgentFleet> log) : IFleet
{
    private readonly Lock gate = new();
    private readonly Dictionary<NodeId, Heard> heard = [];
    private ClusterState? cluster;
    private readonly Dictionary<NodeId, NodeIntegrity> integrity = [];
    private IReadOnlyList<MigrationStatus> migrations = [];
    private IReadOnlyList<ReplicaChangeStatus> changes = [];
    private volatile FleetState state = FleetState.Unknown;

    /// <inheritdoc/>
    public event Action? Changed;

    /// <summary>Raised when a change was made: what it did should be looked at before the next turn.</summary>
    public event Action? PollWanted;

    /// <inheritdoc/>
    public FleetState State => state;

    /// <summary>Looks at all nodes once. Null, or why this data folder cannot serve the cluster that was found.</summary>
    public async Task<string?> PollAsync(CancellationToken cancellation)
    {
        var addresses = Addresses();
        var answers = await Task.WhenAll(addresses.Select(a => client.GetAsync<NodeState>(a, AdminRoutes.State, cancellation)));
        var answering = addresses.Where((_, i) => answers[i] is not null).ToList();
        var found = await FirstAsync<ClusterState>(answering, AdminRoutes.Cluster, IsUsable, cancellation);
        if (found is not null && folder.Bind(found.ClusterId, found.Map.SegmentCount) is { } problem)
        {
            return problem;
        }

        var moves = await FirstAsync<List<MigrationStatus>>(answering, AdminRoutes.Migrations, m => m.TrueForAll(IsUsable), cancellation);
        var replicas = await FirstAsync<List<ReplicaChangeStatus>>(answering, AdminRoutes.Replicas, r => r.TrueForAll(IsUsable), cancellation);
        var compared = await Task.WhenAll(addresses.Select((a, i) => answers[i] is null ? Task.FromResult<NodeIntegrity?>(null) : client.GetAsync<NodeIntegrity>(a, AdminRoutes.Integrity, cancellation)));
        lock (gate)
        {
            var now = realTime.GetUtcNow();
            foreach (var answer in answers.OfType<NodeState>().Where(a => a.Status?.Use is not null && !a.Status.Replicas.IsDefault))
            {
                heard[answer.Node] = new Heard(now, answer.Version ?? "", answer.Status, answer.Gossip.IsDefault ? [] : answer.Gossip);
            }

            // A node that lags behind must not turn the map back.
            if (found is not null && (cluster is null || found.Map.Epoch >= cluster.Map.Epoch))
            {
                cluster = found;
            }

            (migrations, changes) = (moves ?? migrations, replicas ?? changes);
            for (var i = 0; i < compared.Length; i++)
            {
                if (compared[i] is { Shards.IsDefault: false, Maps.IsDefault: false } said)
                {
                    integrity[answers[i]!.Node] = said;
                }
            }

            Rebuild_NeedsLock(now);
        }

        Changed?.Invoke();
        return null;
    }

    /// <summary>Takes what a node says of itself in a report.</summary>
    public void Reported(LoadReport report)
    {
        lock (gate)
        {
            var last = heard.GetValueOrDefault(report.Node);
            heard[report.Node] = new Heard(realTime.GetUtcNow(), last?.Version ?? "", report.Status, last?.Gossip ?? []);
            Rebuild_NeedsLock(realTime.GetUtcNow());
        }

        Changed?.Invoke();
    }

    /// <inheritdoc/>
    public Task<MetaAnswer> StartMoveAsync(StartMigration move, CancellationToken cancellation) =>
        ChangeAsync(HttpMethod.Post, AdminRoutes.Migrations, move, cancellation);

    /// <inheritdoc/>
    public Task<MetaAnswer> ChangeMoveAsync(ulong migration, MoveChange change, string by, string reason, CancellationToken cancellation) =>
        ChangeAsync(HttpMethod.Post, AdminRoutes.Change(migration, Verb(change)), new ChangeMigration(by, reason), cancellation);

    /// <inheritdoc/>
    public Task<MetaAnswer> SetHaltAsync(SetHalt request, CancellationToken cancellation) =>
        ChangeAsync(HttpMethod.Post, AdminRoutes.Halt, request, cancellation);

    /// <inheritdoc/>
    public Task<MetaAnswer> SetLimitsAsync(MigrationLimits limits, CancellationToken cancellation) =>
        ChangeAsync(HttpMethod.Put, AdminRoutes.Limits, limits, cancellation);

    /// <inheritdoc/>
    public Task<MetaAnswer> ChangeMemberAsync(NodeId node, MemberChange change, string by, string reason, CancellationToken cancellation) =>
        ChangeAsync(HttpMethod.Post, AdminRoutes.Member(node, Verb(change)), new ChangeMigration(by, reason), cancellation);

    /// <inheritdoc/>
    public Task<MetaAnswer> ReplaceReplicaAsync(GroupId group, ReplaceReplica request, CancellationToken cancellation) =>
        ChangeAsync(HttpMethod.Post, AdminRoutes.ReplicasOf(group), request, cancellation);

    /// <inheritdoc/>
    public Task<MetaAnswer> TransferLeaderAsync(ShardId shard, TransferLeader request, CancellationToken cancellation) =>
        ChangeAsync(HttpMethod.Post, AdminRoutes.LeaderOf(shard), request, cancellation);

    /// <inheritdoc/>
    public Task<MetaAnswer> CancelReplicasAsync(ulong change, string by, string reason, CancellationToken cancellation) =>
        ChangeAsync(HttpMethod.Post, AdminRoutes.CancelReplicas(change), new ChangeMigration(by, reason), cancellation);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ShardId>> CompareAsync(ShardId? shard, string by, string reason, CancellationToken cancellation)
    {
        // Each node compares what it leads, so all are asked: who leads may have changed since the last look.
        var answers = await Task.WhenAll(Addresses().Select(a => client.PostAsync<StartCheck, CheckAnswer>(a, AdminRoutes.Checks, new StartCheck(shard, by, reason), cancellation)));
        PollWanted?.Invoke();
        return [.. answers.Where(a => a is { Shards.IsDefault: false }).SelectMany(a => a!.Shards).Distinct().Order()];
    }

    /// <inheritdoc/>
    public async Task<MetaAnswer> DropOrphanAsync(SegmentId segment, string by, string reason, CancellationToken cancellation)
    {
        var path = AdminRoutes.DropOrphan(segment);
        var taken = await Task.WhenAll(Addresses().Select(a => client.TryPostAsync(a, path, new ChangeMigration(by, reason), cancellation)));
        PollWanted?.Invoke();
        return taken.Contains(true) ? new MetaAnswer(true, 0, null, null)
            : taken.Contains(false) ? new MetaAnswer(false, 0, "no-orphan", $"No shard holds segment {segment} as an orphan that can be dropped: look at the list again.")
            : new MetaAnswer(false, 0, "unavailable", "No node could be asked. Try again when nodes answer.");
    }

    private static string Verb(MemberChange change) => change switch
    {
        MemberChange.Drain => "drain",
        MemberChange.Retire => "retire",
        MemberChange.CancelDrain => "undrain",
        _ => "leave",
    };

    private static string Verb(MoveChange change) => change switch
    {
        MoveChange.Cancel => "cancel",
        MoveChange.Pause => "pause",
        MoveChange.Resume => "resume",
        MoveChange.Finish => "finish",
        _ => "rollback",
    };

    private static bool IsUsable(ClusterState found) =>
        found is { ClusterId.Length: > 0, Map: { Epoch: > 0, Owners.IsDefault: false, Shards.IsDefault: false }, Members.IsDefault: false, Limits: not null }
        && Slot.IsSegmentCount(found.Map.SegmentCount);

    private static bool IsUsable(MigrationStatus migration) => migration is { Log.IsDefault: false };

    private static bool IsUsable(ReplicaChangeStatus change) => change is { Before.IsDefault: false, Wanted.IsDefault: false, Voters.IsDefault: false, Learners.IsDefault: false, Log.IsDefaultOrEmpty: false };

    private async Task<MetaAnswer> ChangeAsync<T>(HttpMethod method, string path, T body, CancellationToken cancellation)
    {
        var started = realTime.GetTimestamp();
        var failure = "no node is known";
        var next = Addresses().FirstOrDefault();
        for (var attempt = 0; next is not null; attempt++)
        {
            var reply = await client.SendAsync(method, next, path, body, cancellation);
            if (reply.Answer is { } answer)
            {
                PollWanted?.Invoke();
                return answer;
            }

            failure = reply.Failure ?? (reply.Elsewhere?.AdminAddress is { Length: > 0 } a ? $"the meta group is led at {a}" : "the meta group has no leader");
            if (realTime.GetElapsedTime(started).TotalMilliseconds > options.ChangeMs)
            {
                break;
            }

            var others = Addresses();
            var redirect = reply.Elsewhere?.AdminAddress;
            if (redirect is { Length: > 0 } && redirect != next)
            {
                next = redirect;
                continue;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(options.RetryMs), realTime, cancellation);
            next = others.Count == 0 ? null : others[attempt % others.Count];
        }

        Unavailable(log, path, failure);
        return new MetaAnswer(false, 0, "unavailable", $"The meta group could not be asked: {failure}. Try again when a majority of its nodes runs.");
    }

    private async Task<T?> FirstAsync<T>(List<string> addresses, string path, Predicate<T> usable, CancellationToken cancellation)
        where T : class
    {
        foreach (var address in addresses)
        {
            if (await client.GetAsync<T>(address, path, cancellation) is { } answer && usable(answer))
            {
                return answer;
            }
        }

        return null;
    }

    /// <summary>Where to ask: the meta group's leader first, then the other members, then the seeds.</summary>
    private List<string> Addresses()
    {
        var now = state;
        return [.. now.Nodes.OrderBy(n => n.Id == now.MetaLeader ? 0 : 1)
            .Select(n => $"{n.Member.Addresses.Host}:{n.Member.Addresses.AdminPort}").Concat(now.Nodes.Count == 0 ? seeds : []).Distinct()];
    }

    private void Rebuild_NeedsLock(DateTimeOffset now)
    {
        if (cluster is not null)
        {
            state = FleetSnapshot.Build(cluster, heard.ToImmutableDictionary(), migrations, now, TimeSpan.FromSeconds(options.AliveSeconds), changes, integrity.ToImmutableDictionary());
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} could not be changed: {Failure}")]
    private static partial void Unavailable(ILogger logger, string path, string failure);
}
