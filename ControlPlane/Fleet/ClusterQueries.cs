using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.History;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>Answers what console and REST ask about the cluster, from fleet, load, history, forecasts and scores. Safe for concurrent use.</summary>
internal sealed class ClusterQueries(
    IFleet fleet, LoadIntake intake, HistoryStore history, ForecastStore forecasts, ScoreKeeper scores, IDbContextFactory<ControlPlaneDb> databases,
    ControlPlaneOptions options, FleetOptions fleetOptions, ModelClock clock, TimeProvider realTime) : IClusterQueries
{
    private readonly CopyRates rates = new();
    private volatile PlanCounts plans = new(0, 0);

    /// <inheritdoc/>
    public event Action? Changed;

    /// <inheritdoc/>
    public ClusterSummary Summary()
    {
        var state = fleet.State;
        var running = state.Migrations.Where(m => !m.Phase.IsEnded()).ToList();
        return new ClusterSummary(
            state.ClusterId, options.Name, IsReachable(state), state.Find(state.MetaLeader)?.Member.Name ?? "", state.Map.Epoch, state.Halted, state.HaltedBy,
            forecasts.Latest(LoadMetric.Cpu)?.MadeAt, scores.Newest is { } board ? board.Reactive : "nothing was measured yet",
            running.Count, plans.MovesWaiting, state.Limits, running.Sum(m => m.BytesPerSecond), plans.Waiting, clock.GetUtcNow(), clock.Factor, options.Demo)
        {
            Simulated = fleet is Simulated.SimulatedFleet,
        };
    }

    /// <inheritdoc/>
    public ShardMap Map() => fleet.State.Map;

    /// <inheritdoc/>
    public IReadOnlyList<NodeRow> Nodes() => NodeRows.Of(fleet.State, scores.Outlook, scores.AfterPlan, scores.Options.ComfortZone);

    /// <inheritdoc/>
    public IReadOnlyList<ShardRow> Shards() => ShardRows.Of(fleet.State, intake.Live, scores.Outlook, scores.Options.ThresholdMillicores);

    /// <inheritdoc/>
    public async Task<Overview> OverviewAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var past = await history.ReadAsync(LoadMetric.Cpu, now.AddDays(-1), now, TimeSpan.FromMinutes(5), cancellation);
        var needs = await NeedsAsync(cancellation);
        return OverviewBuilder.Build(fleet.State, intake.Live, scores.Outlook, scores.AfterPlan, forecasts.LatestResult(LoadMetric.Cpu)?.Skill.HourAhead, past, needs);
    }

    /// <inheritdoc/>
    public async Task<SegmentDetail?> SegmentAsync(SegmentId segment, CancellationToken cancellation)
    {
        var state = fleet.State;
        if (segment.Value >= state.Map.SegmentCount)
        {
            return null;
        }

        var now = clock.GetUtcNow();
        var past = await history.ReadAsync(LoadMetric.Cpu, now.AddDays(-1), now, TimeSpan.FromMinutes(5), cancellation);
        return SegmentDetails.Of(segment, state, intake.Live, scores.Outlook, forecasts.Latest(LoadMetric.Cpu), past);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SearchHit>> SearchAsync(string text, CancellationToken cancellation)
    {
        text = text.Trim();
        var hits = ClusterSearch.Find(text, fleet.State).ToList();
        if (text.Length >= 4 && text.All(char.IsAsciiHexDigitLower))
        {
            await using var db = await databases.CreateDbContextAsync(cancellation);
            var found = await db.Plans.AsNoTracking().Where(p => p.Hash.StartsWith(text)).OrderByDescending(p => p.MadeAt).Take(5)
                .Select(p => new { p.Hash, p.State }).ToListAsync(cancellation);
            hits.AddRange(found.Select(p => new SearchHit("plan", $"Plan {p.Hash[..4]}", ((PlanState)p.State).ToString(), Urls.Plan(p.Hash))));
        }

        return hits;
    }

    /// <inheritdoc/>
    public IReadOnlyList<MigrationRow> Migrations() => [.. fleet.State.Migrations.Select(m => MigrationRows.Of(m, fleet.State, rates, clock))];

    /// <summary>Reads what the answers that do not wait are made of. Called once a second by the watch.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        rates.Observe(fleet.State.Migrations);
        byte[] going = [(byte)PlanState.Approved, (byte)PlanState.Scheduled, (byte)PlanState.Running];
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var waiting = await db.Plans.CountAsync(p => p.State == (byte)PlanState.Proposed, cancellation);
        var moves = await db.PlanMoves.CountAsync(
            m => m.MigrationId == 0 && m.Outcome == null && db.Plans.Any(p => p.Hash == m.PlanHash && going.Contains(p.State)), cancellation);
        plans = new PlanCounts(waiting, moves);
    }

    /// <summary>Tells that something has changed.</summary>
    public void RaiseChanged() => Changed?.Invoke();

    private bool IsReachable(FleetState state) =>
        state.AnsweredAt is { } at && realTime.GetUtcNow() - at <= TimeSpan.FromSeconds(fleetOptions.AliveSeconds);

    private async Task<List<NeedsYou>> NeedsAsync(CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var waiting = await db.Plans.AsNoTracking().Where(p => p.State == (byte)PlanState.Proposed).OrderByDescending(p => p.MadeAt).Take(5).ToListAsync(cancellation);
        var needs = waiting.ConvertAll(p => new NeedsYou(
            "plan", $"Plan {p.Hash[..4]} waits for approval", $"Made {p.MadeAt:yyyy-MM-dd HH:mm}", Urls.Plan(p.Hash), "Look at it", p.UsefulUntil));
        var failed = await db.Imports.AsNoTracking().OrderByDescending(i => i.Id).FirstOrDefaultAsync(cancellation);
        if (failed is { State: "failed" })
        {
            needs.Add(new NeedsYou("import", $"The import of {failed.FileName} failed", failed.Error ?? "", Urls.Import, "Look at it", null));
        }

        needs.AddRange(Needs.Of(fleet.State, intake.Live, scores.Newest, waiting.Count > 0));
        return needs;
    }

    private sealed record PlanCounts(int Waiting, int MovesWaiting);
}
