using System.Collections.Immutable;
using ShardConsole.ControlPlane.Fleet.Members;
using ShardConsole.ControlPlane.Fleet.Simulated.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Fleet.Simulated;

/// <summary>A fleet that exists on paper only, behind the same interface as one of node agents: for game days at a scale that one machine cannot run. Safe for concurrent use.</summary>
internal sealed class SimulatedFleet : IFleet, INodeStarter
{
    private const int BytesPerKey = 450;

    /// <summary>Members of which a node's round trips are shown.</summary>
    private const int MaxTrips = 16;

    /// <summary>A cluster of nodes on paper may grow to so many.</summary>
    private const int MaxNodes = 1024;

    /// <summary>A new replica fetches its state faster than segments are copied: nobody is served from it meanwhile.</summary>
    private const int SnapshotFactor = 20;

    private readonly Lock gate = new();
    private readonly SimulatedMoves moves;
    private readonly SimulatedReplicas replicas;
    private readonly SimulatedChecks checks = new();
    private readonly TimeProvider realTime;
    private readonly Dictionary<NodeId, LoadReport> reports = [];
    private readonly long[] bytes;
    private volatile FleetState state = FleetState.Unknown;

    public SimulatedFleet(SimulatedOptions options, MigrationLimits limits, TimeProvider realTime)
    {
        this.realTime = realTime;
        Options = options;
        var founders = Enumerable.Range(1, options.Nodes).Select(n => NodeOf(options, n, $"zone-{(char)('a' + ((n - 1) % 3))}")).ToImmutableArray();
        Genesis = Founding.Create($"simulated-{options.Nodes}-{options.Segments}-{options.Seed}", founders, options.Segments, options.ShardsPerNode, null);
        replicas = new SimulatedReplicas(founders, Genesis.MetaVoters);
        bytes = Sizes(options, Genesis);
        moves = new SimulatedMoves(Genesis.Map, s => bytes[s.Value]) { Limits = limits };
    }

    /// <inheritdoc/>
    public event Action? Changed;

    /// <inheritdoc/>
    public FleetState State => state;

    /// <summary>How it is made up.</summary>
    public SimulatedOptions Options { get; }

    /// <summary>The nodes of this moment.</summary>
    public IReadOnlyList<Member> Members => replicas.Members;

    /// <summary>How it was founded.</summary>
    public Genesis Genesis { get; }

    /// <summary>Bytes of each segment.</summary>
    public IReadOnlyList<long> SegmentBytes => bytes;

    /// <summary>Goes on from what was kept; null: from the beginning.</summary>
    public void Begin(SimulatedState? kept)
    {
        lock (gate)
        {
            if (kept is not null)
            {
                var map = Genesis.Map with { Epoch = kept.Epoch, Owners = [.. kept.Owners.Select(o => new ShardId(o))], Shards = [.. kept.Shards ?? Genesis.Map.Shards] };
                moves.Restore(map, kept.LastId);
                replicas.Restore(kept.Members ?? [.. Genesis.Members], kept.Draining ?? [], kept.MetaReplicas ?? [.. Genesis.MetaVoters]);
                moves.Limits = kept.Limits;
                if (kept.Halted)
                {
                    moves.Halt(new SetHalt(true, kept.HaltedBy, ""));
                }
            }
        }

        Show();
    }

    /// <summary>What has to be kept over a restart. Migrations under way are not: they are found ended, as their segments' owners show.</summary>
    public SimulatedState Keep()
    {
        lock (gate)
        {
            return new SimulatedState(SimulatedState.CurrentFormat, moves.Map.Epoch, [.. moves.Map.Owners.Select(o => o.Value)], moves.LastId, moves.Limits, moves.Halted, moves.HaltedBy)
            {
                Shards = moves.Map.Shards, Members = replicas.Members, Draining = [.. replicas.Draining], MetaReplicas = replicas.MetaReplicas,
            };
        }
    }

    /// <summary>Carries the migrations on by so many real seconds.</summary>
    public void Advance(double seconds)
    {
        lock (gate)
        {
            var unixMs = realTime.GetUtcNow().ToUnixTimeMilliseconds();
            moves.Advance(seconds, unixMs);
            foreach (var shown in replicas.Advance(seconds, unixMs, moves.Map, s => SizeOf(s).Bytes, moves.Limits.NodeBytesPerSecond * SnapshotFactor))
            {
                moves.Show(shown);
            }
        }

        Show();
    }

    /// <summary>Takes what a node reported of itself.</summary>
    public void Reported(LoadReport report)
    {
        lock (gate)
        {
            reports[report.Node] = report;
        }
    }

    /// <inheritdoc/>
    public Task<MetaAnswer> StartMoveAsync(StartMigration move, CancellationToken cancellation) => AnswerAsync(now => moves.Start(move, now));

    /// <inheritdoc/>
    public Task<MetaAnswer> ChangeMoveAsync(ulong migration, MoveChange change, string by, string reason, CancellationToken cancellation) =>
        AnswerAsync(now => moves.Change(migration, change, by, reason, now));

    /// <inheritdoc/>
    public Task<MetaAnswer> SetHaltAsync(SetHalt request, CancellationToken cancellation) => AnswerAsync(_ => moves.Halt(request));

    /// <inheritdoc/>
    public Task<MetaAnswer> SetLimitsAsync(MigrationLimits limits, CancellationToken cancellation) => AnswerAsync(_ =>
    {
        moves.Limits = limits;
        return new MetaAnswer(true, 0, null, null);
    });

    /// <inheritdoc/>
    public Task<MetaAnswer> ChangeMemberAsync(NodeId node, MemberChange change, string by, string reason, CancellationToken cancellation) => AnswerAsync(now =>
    {
        var answer = replicas.Ask(node, change, by, reason, moves.Map, now);
        if (answer.Accepted && change == MemberChange.Leave)
        {
            reports.Remove(node);
            moves.RaiseEpoch();
        }

        return answer;
    });

    /// <inheritdoc/>
    public Task<MetaAnswer> ReplaceReplicaAsync(GroupId group, ReplaceReplica request, CancellationToken cancellation) => AnswerAsync(now => replicas.Replace(group, request, moves.Map, now));

    /// <inheritdoc/>
    public Task<MetaAnswer> TransferLeaderAsync(ShardId shard, TransferLeader request, CancellationToken cancellation) => AnswerAsync(
        _ => replicas.All.Any(c => c.Group == GroupId.Of(shard) && c.Phase is not (ReplicaPhase.Done or ReplicaPhase.Cancelled))
            ? new MetaAnswer(false, 0, "replicas-under-way", $"The replicas of {shard} are being changed: wait for it or cancel it.")
            : moves.Lead(shard, request));

    /// <inheritdoc/>
    public Task<MetaAnswer> CancelReplicasAsync(ulong change, string by, string reason, CancellationToken cancellation) => AnswerAsync(now => replicas.Cancel(change, by, reason, now));

    /// <inheritdoc/>
    public Task<IReadOnlyList<ShardId>> CompareAsync(ShardId? shard, string by, string reason, CancellationToken cancellation)
    {
        IReadOnlyList<ShardId> begun;
        lock (gate)
        {
            begun = checks.Begin(moves.Map, shard, reason.Length > 0 ? $"{by}: {reason}" : by, realTime.GetUtcNow().ToUnixTimeMilliseconds());
        }

        Show();
        return Task.FromResult(begun);
    }

    /// <inheritdoc/>
    public Task<MetaAnswer> DropOrphanAsync(SegmentId segment, string by, string reason, CancellationToken cancellation) =>
        Task.FromResult(new MetaAnswer(false, 0, "no-orphan", $"No shard holds segment {segment} as an orphan: a simulated fleet has none."));

    /// <inheritdoc/>
    public Task<(string? Name, string? Problem)> AddNodeAsync(string zone, CancellationToken cancellation)
    {
        (string? Name, string? Problem) started;
        lock (gate)
        {
            var number = (int)replicas.Members.Max(m => m.Id.Value) + 1;
            if (replicas.Members.Length >= MaxNodes)
            {
                return Task.FromResult<(string?, string?)>((null, $"The cluster has {replicas.Members.Length} nodes, the limit is {MaxNodes}: let one leave first."));
            }

            var member = NodeOf(Options, number, zone.Length > 0 ? zone : $"zone-{(char)('a' + ((number - 1) % 3))}");
            replicas.Join(member);
            moves.RaiseEpoch();
            started = (member.Name, null);
        }

        Show();
        return Task.FromResult(started);
    }

    /// <inheritdoc/>
    public Task<bool> RetireNodeAsync(string name, CancellationToken cancellation) => Task.FromResult(true);

    private static Member NodeOf(SimulatedOptions options, int number, string zone) => new(
        new NodeId((ulong)number), string.Create(System.Globalization.CultureInfo.InvariantCulture, $"n{number:000}"), zone,
        new NodeCapacity(options.NodeCpuMillicores, (long)(options.NodeGigabytes * 2.5e9), 400_000_000, 1_000_000_000), new NodeAddresses("simulated", 1, 2, 3, 4));

    private static long[] Sizes(SimulatedOptions options, Genesis genesis)
    {
        var random = new Random(options.Seed);
        var weights = Enumerable.Range(0, genesis.SegmentCount).Select(_ => Math.Exp(random.NextDouble() - 0.5)).ToArray();
        var unit = options.NodeGigabytes * 1e9 * options.Nodes / genesis.ReplicationFactor / weights.Sum();
        return [.. weights.Select(w => (long)(w * unit))];
    }

    private Task<MetaAnswer> AnswerAsync(Func<long, MetaAnswer> change)
    {
        MetaAnswer answer;
        lock (gate)
        {
            answer = change(realTime.GetUtcNow().ToUnixTimeMilliseconds());
        }

        Show();
        return Task.FromResult(answer);
    }

    private void Show()
    {
        lock (gate)
        {
            var now = realTime.GetUtcNow();
            var next = new FleetState(
                Genesis.ClusterId, moves.Map, [.. Members.Select(m => Node(m, now))], moves.Limits, moves.Halted, moves.HaltedBy, replicas.MetaReplicas[0],
                [.. moves.All.Select(m => m.Status(now.ToUnixTimeMilliseconds(), moves.Limits.RetainSeconds, (int)Math.Min(int.MaxValue, m.Bytes / BytesPerKey)))], now)
            {
                MetaReplicas = replicas.MetaReplicas, Draining = [.. replicas.Draining], ReplicaChanges = replicas.All,
            };
            state = next with { Integrity = checks.Look(next, SizeOf, now.ToUnixTimeMilliseconds()) };
        }

        Changed?.Invoke();
    }

    private (long Keys, long Bytes, int Segments) SizeOf(ShardId shard)
    {
        var owned = Enumerable.Range(0, moves.Map.SegmentCount).Where(s => moves.Map.Owners[s] == shard).ToList();
        var size = owned.Sum(s => bytes[s]);
        return (size / BytesPerKey, size, owned.Count);
    }

    private FleetNode Node(Member member, DateTimeOffset now)
    {
        var status = reports.GetValueOrDefault(member.Id)?.Status;
        return new FleetNode(
            member, "alive", status?.Use ?? new NodeUse(0, 0, 0, 0), status?.ConnectedClients ?? 0, "simulated", status?.Replicas ?? [],
            replicas.Members.Where(m => m.Id != member.Id).Take(MaxTrips).ToImmutableDictionary(m => m.Id, m => RoundTrip(member, m)), now)
        {
            Opinions = [new MemberOpinion(member.Id, "alive", 1)],
        };
    }

    /// <summary>Within a zone a fifth of a millisecond, between zones three times that, and a little of the pair's own.</summary>
    private static int RoundTrip(Member one, Member other) =>
        (one.Zone == other.Zone ? 200 : 600) + (int)((Math.Min(one.Id.Value, other.Id.Value) * 31 + Math.Max(one.Id.Value, other.Id.Value) * 17) % 90);
}
