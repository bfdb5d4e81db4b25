using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.ControlPlane.Planning.Paper;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.ControlPlane.Settings;
using ShardConsole.ControlPlane.Settings.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.WhatIf;

/// <summary>Why a replay cannot be made; said to whoever asked.</summary>
internal sealed class WhatIfException(string message) : Exception(message);

/// <summary>Replays the cluster's history on paper under a change. Nothing of the cluster is touched.</summary>
internal sealed class WhatIfRunner(IFleet fleet, IHistoryReader history, IPlanDesk plans, SettingsStore settings, WhatIfOptions options, ModelClock clock)
{
    private const string ThisPlan = "thisPlan";

    /// <summary>Columns of time that a result has at most, about.</summary>
    private const int Columns = 336;

    /// <summary>Runs it.</summary>
    /// <param name="progress">Called with 0..1 from time to time.</param>
    /// <exception cref="WhatIfException">It cannot be made.</exception>
    public async Task<(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<WhatIfColumn> Columns)> RunAsync(WhatIfChange change, Action<double> progress, CancellationToken cancellation)
    {
        var state = fleet.State;
        if (state.Map.SegmentCount == 0 || history.Oldest is not { } oldest)
        {
            throw new WhatIfException("There is no history yet: replay when the cluster has served for some time, or import a query log.");
        }

        var to = Floor(clock.GetUtcNow());
        var from = Later(to.AddDays(-change.Days), Floor(oldest) + ForecastInput.Bucket);
        if (to - from < TimeSpan.FromHours(1))
        {
            throw new WhatIfException("There is less than an hour of history yet: replay later, or import a query log.");
        }

        var loads = await LoadsAsync(Later(to.AddDays(-28), Floor(oldest)), to, change.Traffic, cancellation);
        var bytes = await BytesAsync(to, state.Map.SegmentCount, cancellation);
        var lost = change.Without.Select(n => state.Nodes.First(m => m.Member.Name == n).Id).ToHashSet();
        PaperCluster On(ShardMap map) => new PaperCluster(map, [.. state.Nodes.Select(n => n.Member)], new HashSet<NodeId>(), bytes).With(lost, change.Added);
        var cluster = On(state.Map);
        var policies = await PoliciesAsync(change, loads, from, cancellation);
        var paper = Limits(change, state);
        var ticks = Math.Max(5, (int)((to - from).TotalMinutes / Columns / 5) * 5);
        var found = new List<WhatIfColumn>();
        foreach (var (name, policy) in policies)
        {
            var (made, skill) = policy();
            var run = new PaperRun(name == ThisPlan ? On(await LedAsync(state.Map, change.Plan, cancellation)) : cluster, loads, made, paper, from, to, ticks);
            do
            {
                cancellation.ThrowIfCancellationRequested();
                progress((found.Count + run.Progress) / policies.Count);
            }
            while (run.Step());
            found.Add(Column(name, run.Result(), cluster.Members, skill()));
        }

        return (from, to, found);
    }

    private async Task<List<(string Name, Func<(IPaperPolicy Policy, Func<double?> Skill)> Make)>> PoliciesAsync(
        WhatIfChange change, PaperLoads loads, DateTimeOffset from, CancellationToken cancellation)
    {
        var values = settings.Now;
        var scoring = new ScoringOptions
        {
            ThresholdMillicores = change.ThresholdMillicores ?? values.Scoring.ThresholdMillicores, ComfortZone = change.ComfortZone ?? values.Scoring.ComfortZone,
            Quantile = change.Quantile ?? values.Scoring.Quantile, HorizonHours = change.HorizonHours ?? values.Scoring.HorizonHours,
            ForecastMaxAgeMinutes = options.ForecastMinutes + 15,
        };
        var pinned = change.Pinned.Select(s => new SegmentId((ushort)s)).ToHashSet();
        var constraints = ConstraintRules.For(values.Values.Constraints, fleet.State.Map.SegmentCount, name => fleet.State.Nodes.FirstOrDefault(n => n.Member.Name == name)?.Id);
        PlannedPolicy Planned(Func<PaperMoment, PaperForecast?>? forecasts) => new(scoring, values.Planning, forecasts is null ? 60 : 300, forecasts) { Pinned = pinned, Constraints = constraints };
        static (IPaperPolicy, Func<double?>) Plain(IPaperPolicy policy) => (policy, () => null);
        List<(string, Func<(IPaperPolicy, Func<double?>)>)> all =
        [
            ("noMove", () => Plain(new NoMovesPolicy())),
            ("reactive", () => Plain(Planned(null))),
            ("plan", () =>
            {
                var forecaster = new PaperForecaster(loads, from, TimeSpan.FromMinutes(options.ForecastMinutes), options.MaxSeries, cancellation);
                return (Planned(m => forecaster.Of(m.Now)), () => double.IsFinite(forecaster.Skill) ? forecaster.Skill : null);
            }),
        ];
        if (!string.IsNullOrEmpty(change.Plan))
        {
            var plan = await plans.FindAsync(change.Plan, cancellation) ?? throw new WhatIfException($"There is no plan {change.Plan}, or more than one begins so.");
            var moves = plan.Plan.Moves.Where(m => !pinned.Contains(m.Segment)).Select(m => new WantedMove(m.Segment, fleet.State.Map.OwnerOf(m.Segment), m.To)).ToArray();
            all.Add((ThisPlan, () => Plain(new GivenPolicy(from, moves))));
        }

        if (change.Foresight)
        {
            all.Add(("foresight", () => Plain(Planned(m => Foresight.Of(loads, m.Now)))));
        }

        return all;
    }

    // Leadership is transferred before anything moves and copies nothing: on paper the plan begins with its own leaders.
    private async Task<ShardMap> LedAsync(ShardMap map, string? id, CancellationToken cancellation) =>
        (await plans.FindAsync(id ?? "", cancellation))?.Plan.Transfers.Aggregate(map, (m, t) =>
            m.Find(t.Shard) is { } shard && shard.Replicas.Contains(t.To) ? m.Apply(new ReplicasChanged(t.Shard, shard.Replicas, t.To)) : m) ?? map;

    // Copying takes real time: at a faster clock it takes more of the model's.
    private PaperOptions Limits(WhatIfChange change, FleetState state) => new()
    {
        MovesAtOnce = change.MovesAtOnce ?? Math.Clamp(state.Limits.MaxConcurrentMoves, 1, 1024),
        MovesPerNode = Math.Clamp(settings.Now.Values.MovesPerNode, 1, 64),
        NodeBytesPerSecond = Math.Max(1, state.Limits.NodeBytesPerSecond) / clock.Factor,
        ClusterBytesPerSecond = (double)Math.Max(1, change.ClusterBytesPerSecond ?? state.Limits.ClusterBytesPerSecond) / clock.Factor,
        SecondsPerMove = settings.Now.Planning.SecondsPerMove * clock.Factor,
        CopyMillisecondsPerMegabyte = options.CopyMillisecondsPerMegabyte * clock.Factor,
        ComfortZone = change.ComfortZone ?? settings.Now.Scoring.ComfortZone,
        Queue = new QueueModel(options.ServiceMs, options.TargetMs),
    };

    private async Task<PaperLoads> LoadsAsync(DateTimeOffset from, DateTimeOffset to, double traffic, CancellationToken cancellation)
    {
        var lead = await history.ReadAsync(LoadMetric.Cpu, from, to, ForecastInput.Bucket, cancellation);
        var follow = await history.ReadAsync(LoadMetric.FollowerCpu, from, to, ForecastInput.Bucket, cancellation);
        var start = lead.Starts.Count > 0 ? lead.Starts[0] : from;
        var equal = follow.Values.Count == lead.Values.Count && follow.Values.Any(c => c.Any(v => v > 0));
        return new PaperLoads(start, ForecastInput.Bucket, lead.Values, equal ? follow.Values : null, 0).Times(traffic);
    }

    // The newest level of each segment; those that were not measured in the last day are taken to be empty.
    private async Task<IReadOnlyList<long>> BytesAsync(DateTimeOffset to, int segments, CancellationToken cancellation)
    {
        var levels = await history.ReadAsync(LoadMetric.DataBytes, to.AddDays(-1), to + ForecastInput.Bucket, ForecastInput.Bucket, cancellation);
        var bytes = new long[segments];
        foreach (var column in levels.Values)
        {
            for (var s = 0; s < Math.Min(segments, column.Length); s++)
            {
                bytes[s] = column[s] >= 0 ? (long)column[s] : bytes[s];
            }
        }

        return bytes;
    }

    private static WhatIfColumn Column(string name, PaperResult result, IReadOnlyList<Member> members, double? skill)
    {
        var balances = result.Utilisation.Select(c => c.Where(float.IsFinite).ToArray()).Where(c => c.Length > 0 && c.Average() > 0).Select(c => (double)c.Max() / c.Average()).Order().ToArray();
        var judged = Enumerable.Range(0, members.Count).Where(n => result.Utilisation.Any(c => float.IsFinite(c[n]))).OrderBy(n => members[n].Name, StringComparer.Ordinal).ToArray();
        return new WhatIfColumn(
            name, result.OverloadNodeMinutes, result.ViolationMinutes, result.Peak, balances.Length == 0 ? double.NaN : balances[balances.Length / 2], result.Done, result.Reversed,
            result.Waiting, result.BytesMoved, skill, [.. result.Utilisation.Select((_, c) => result.From.AddSeconds((double)c * result.ColumnSeconds))],
            [.. judged.Select(n => members[n].Name)], [.. judged.Select(n => result.Utilisation.Select(c => c[n]).ToArray())]);
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static DateTimeOffset Floor(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % ForecastInput.Bucket.Ticks), TimeSpan.Zero);
}
