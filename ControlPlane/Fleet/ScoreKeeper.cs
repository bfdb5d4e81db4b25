using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.History;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.ControlPlane.Settings;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>
/// Keeps the newest scores: as the cluster stands, and as it would be after the newest plan that waits or runs. Safe for concurrent use;
/// only the cluster's watch refreshes it.
/// </summary>
internal sealed class ScoreKeeper(
    IFleet fleet, LoadIntake intake, ForecastStore forecasts, SettingsStore settings, IDbContextFactory<ControlPlaneDb> databases, ModelClock clock)
{
    /// <summary>However slow forecasts come, none is planned by that is older than this, model minutes.</summary>
    private const double MostMinutes = 360;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private volatile ScoreBoard? newest;
    private volatile ScoreBoard? afterPlan;
    private volatile ScoreBoard? outlook;
    private DateTimeOffset? seen;
    private double achievedMinutes;

    /// <summary>The newest scores; null until the cluster was measured.</summary>
    public ScoreBoard? Newest => newest;

    /// <summary>
    /// What the newest forecast says, as far as it reaches, even where it is too old or too poor to plan by: for showing, not for deciding. The same as
    /// <see cref="Newest"/> where that is predicted, or where there is no forecast of the time ahead.
    /// </summary>
    public ScoreBoard? Outlook => outlook;

    /// <summary>The same after the newest plan that is proposed, approved, scheduled or running; null where there is none.</summary>
    public ScoreBoard? AfterPlan => afterPlan;

    /// <summary>Raised when load over a limit is measured that the forecast does not see. Handlers must not block.</summary>
    public event Action? Surprised;

    /// <summary>The limits that scores are judged by.</summary>
    public ScoringOptions Options => settings.Now.Scoring;

    /// <summary>Scores made now from the present map and load; null until the cluster was measured.</summary>
    public ScoreBoard? Score() => Score(fleet.State.Map);

    /// <summary>The same under other limits, for asking what they would change.</summary>
    public ScoreBoard? Score(ScoringOptions limits) => Score(fleet.State.Map, limits: limits);

    /// <summary>Makes the scores anew.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        var map = fleet.State.Map;
        ObservePace();
        var before = newest?.Unforeseen;
        newest = Score(map);
        if (before is null && newest?.Unforeseen is not null)
        {
            Surprised?.Invoke();
        }

        outlook = newest is { Reactive: not null } ? Score(map, show: true) ?? newest : newest;
        var plan = await NewestPlanAsync(cancellation);
        afterPlan = plan is null ? null : Score(After(map, plan), show: true);
    }

    /// <summary>
    /// How old a forecast really gets before the next one comes. On a slow or busy machine that is more than the schedule says, and a limit that no
    /// forecast can keep would make planning reactive for ever.
    /// </summary>
    private void ObservePace()
    {
        if (forecasts.Latest(LoadMetric.Cpu)?.MadeAt is not { } made || seen == made)
        {
            return;
        }

        var now = clock.GetUtcNow();
        achievedMinutes = Math.Min(MostMinutes, 1.25 * ((now - (seen ?? made)).TotalMinutes + (now - made).TotalMinutes));
        seen = made;
    }

    private static ShardMap After(ShardMap map, Plan plan)
    {
        foreach (var transfer in plan.Transfers)
        {
            if (map.Find(transfer.Shard) is { } shard && shard.Replicas.Contains(transfer.To))
            {
                map = map.Apply(new ReplicasChanged(shard.Id, shard.Replicas, transfer.To));
            }
        }

        foreach (var move in plan.Moves)
        {
            if (move.Segment.Value < map.SegmentCount && map.Find(move.To) is not null)
            {
                map = map.Apply(new SegmentMoved(move.Segment, move.To, move.Reason));
            }
        }

        return map;
    }

    private ScoreBoard? Score(ShardMap map, bool show = false, ScoringOptions? limits = null)
    {
        var options = limits ?? settings.Now.Scoring;
        if (intake.Live is not { } live || map.SegmentCount != live.Segments)
        {
            return null;
        }

        var members = fleet.State.Nodes.Select(n => new MemberLoad(n.Member, n.IsServing, live.UseOf(n.Id))).ToList();
        var measured = new MeasuredLoad(live.Now(LoadMetric.Cpu), live.Now(LoadMetric.FollowerCpu));
        return Scorer.Run(
            new ScoreInput(clock.GetUtcNow(), map, members, measured, forecasts.LatestResult(LoadMetric.Cpu), forecasts.LatestResult(LoadMetric.FollowerCpu))
            {
                MeasuredOver = clock.ToModel(TimeSpan.FromSeconds(live.Seconds)),
            },
            options, show ? null : Math.Max(options.ForecastMaxAgeMinutes, achievedMinutes));
    }

    private async Task<Plan?> NewestPlanAsync(CancellationToken cancellation)
    {
        byte[] open = [(byte)PlanState.Proposed, (byte)PlanState.Approved, (byte)PlanState.Scheduled, (byte)PlanState.Running];
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var body = await db.Plans.Where(p => open.Contains(p.State)).OrderByDescending(p => p.MadeAt).Select(p => p.Body).FirstOrDefaultAsync(cancellation);
        return body is null ? null : JsonSerializer.Deserialize<Plan>(body, Json);
    }
}
