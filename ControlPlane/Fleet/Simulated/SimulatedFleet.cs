using System.Collections.Immutable;
using ShardConsole.ControlPlane.Fleet.Simulated.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Fleet.Simulated;

/// <summary>A fleet that exists on paper only, behind the same interface as one of node agents: for game days at a scale that one machine cannot run. Safe for concurrent use.</summary>
internal sealed class SimulatedFleet : IFleet
{
    private readonly Lock gate = new();
    private readonly SimulatedMoves moves;
    private readonly TimeProvider realTime;
    private readonly Dictionary<NodeId, LoadReport> reports = [];
    private readonly long[] bytes;
    private volatile FleetState state = FleetState.Unknown;

    public SimulatedFleet(SimulatedOptions options, MigrationLimits limits, TimeProvider realTime)
    {
        this.realTime = realTime;
        Options = options;
        Members = [.. Enumerable.Range(1, options.Nodes).Select(n => new Member(
            new NodeId((ulong)n), string.Create(System.Globalization.CultureInfo.InvariantCulture, $"n{n:000}"), $"zone-{(char)('a' + ((n - 1) % 3))}",
            new NodeCapacity(options.NodeCpuMillicores, (long)(options.NodeGigabytes * 2.5e9), 400_000_000, 1_000_000_000), new NodeAddresses("simulated", 1, 2, 3, 4)))];
        Genesis = Founding.Create($"simulated-{options.Nodes}-{options.Segments}-{options.Seed}", Members, options.Segments, options.ShardsPerNode, null);
        bytes = Sizes(options, Genesis);
        moves = new SimulatedMoves(Genesis.Map, s => bytes[s.Value]) { Limits = limits };
    }

    /// <inheritdoc/>
    public event Action? Changed;

    /// <inheritdoc/>
    public FleetState State => state;

    /// <summary>How it is made up.</summary>
    public SimulatedOptions Options { get; }

    /// <summary>The nodes.</summary>
    public IReadOnlyList<Member> Members { get; }

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
                moves.Restore(Genesis.Map with { Epoch = kept.Epoch, Owners = [.. kept.Owners.Select(o => new ShardId(o))] }, kept.LastId);
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
            return new SimulatedState(SimulatedState.CurrentFormat, moves.Map.Epoch, [.. moves.Map.Owners.Select(o => o.Value)], moves.LastId, moves.Limits, moves.Halted, moves.HaltedBy);
        }
    }

    /// <summary>Carries the migrations on by so many real seconds.</summary>
    public void Advance(double seconds)
    {
        lock (gate)
        {
            moves.Advance(seconds, realTime.GetUtcNow().ToUnixTimeMilliseconds());
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
            state = new FleetState(
                Genesis.ClusterId, moves.Map, [.. Members.Select(m => Node(m, now))], moves.Limits, moves.Halted, moves.HaltedBy, Members[0].Id,
                [.. moves.All.Select(m => m.Status(now.ToUnixTimeMilliseconds(), moves.Limits.RetainSeconds, (int)Math.Min(int.MaxValue, m.Bytes / 450)))], now);
        }

        Changed?.Invoke();
    }

    private FleetNode Node(Member member, DateTimeOffset now)
    {
        var status = reports.GetValueOrDefault(member.Id)?.Status;
        return new FleetNode(
            member, "alive", status?.Use ?? new NodeUse(0, 0, 0, 0), status?.ConnectedClients ?? 0, "simulated", status?.Replicas ?? [], ImmutableDictionary<NodeId, int>.Empty, now);
    }
}
