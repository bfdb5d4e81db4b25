using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.History;
using ShardConsole.ControlPlane.Import;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Cluster;
using StackExchange.Redis;

namespace ShardConsole.ControlPlane.Demo;

/// <summary>
/// Runs a demonstration: waits for the cluster, sends some load to learn what a request costs here, generates the history that such load would
/// have left, asks for a forecast, and goes on sending load.
/// </summary>
internal sealed partial class DemoDriver(
    DemoOptions options, IFleet fleet, LoadIntake intake, HistoryStore history, IDbContextFactory<ControlPlaneDb> databases, ModelClock clock,
    IForecastTrigger forecasts, ScoringOptions scoring, TimeProvider realTime, ILogger<DemoDriver> log) : BackgroundService
{
    private const string Label = "Generated history (demo)";

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var redis = await ConnectAsync(stoppingToken);
        await using var owned = redis;
        var segments = history.SegmentCount;
        var profile = new DemoProfile(segments, clock.Start, options.BaseOpsPerSecond, options.MaxBandOpsPerSecond / 2, options.Seed);
        var load = new DemoLoad(redis.GetDatabase(), new DemoKeys(segments), segments, options, clock, realTime);
        await load.FillAsync(stoppingToken);
        var running = load.RunAsync(() => Volatile.Read(ref profile), stoppingToken);
        await Task.Delay(TimeSpan.FromSeconds(options.CalibrateSeconds), realTime, stoppingToken);

        // The story begins here, however long the cluster took to come up: its first peak is five hours ahead.
        var origin = clock.GetUtcNow();
        var (heat, hot) = Heat(fleet.State.Map);
        var cost = intake.Live?.Cost ?? (OperationCost.DefaultRead, OperationCost.DefaultWrite, OperationCost.DefaultFollow);
        var perRequest = (cost.Read * (1 - options.WriteShare)) + (cost.Write * options.WriteShare);
        var baseOps = Math.Min(options.BaseOpsPerSecond, options.BaseMillicores * 1000 / perRequest);
        var bandOps = Math.Min(options.MaxBandOpsPerSecond, options.BandMillicores * 1000 / perRequest);
        var story = new DemoProfile(segments, origin, baseOps, bandOps, options.Seed, heat);
        Volatile.Write(ref profile, story);
        await BackfillAsync(story, cost, stoppingToken);
        Ready(log, options.Days, perRequest, bandOps);

        // One that runs may have begun before the history was there.
        await forecasts.RunNowAsync(stoppingToken);
        await forecasts.RunNowAsync(stoppingToken);
        Look(log, hot, scoring.ThresholdMillicores, FromPeak(origin));
        LookAt(log);
        await AdaptAsync(perRequest, scale => Volatile.Write(ref profile, new DemoProfile(
            segments, origin, baseOps * scale, Math.Min(options.MaxBandOpsPerSecond, bandOps * scale), options.Seed, heat)), stoppingToken);
        await running;
    }

    /// <summary>Follows what a request costs now (code gets faster as it warms up), so that the CPU stays that of the history.</summary>
    private async Task AdaptAsync(double perRequest, Action<double> scaled, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.AdaptSeconds), realTime);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            var requests = Total(LoadMetric.Reads) + Total(LoadMetric.Writes);
            var now = requests > 1 ? Total(LoadMetric.Cpu) * 1000 / requests : perRequest;
            scaled(Math.Clamp(perRequest / Math.Max(1, now), 0.2, 8));
        }
    }

    private double Total(LoadMetric metric) => intake.Live?.Now(metric).Where(v => !float.IsNaN(v)).Sum(v => (double)v) ?? 0;

    /// <summary>The band is mostly that of one shard in the first half of the day and of another in the second: the two with the most segments that different nodes lead.</summary>
    private (double[][] Heat, string Hot) Heat(ShardMap map)
    {
        var bySize = map.Shards.OrderByDescending(s => map.Owners.Count(o => o == s.Id)).ThenBy(s => s.Id).ToList();
        var (first, second) = (bySize[0], bySize.Find(s => s.PreferredLeader != bySize[0].PreferredLeader) ?? bySize[^1]);
        double[] Of(ShardId shard) => [.. map.Owners.Select(o => o == shard ? 1 : options.HeatElsewhere)];
        return ([Of(first.Id), Of(second.Id)], first.Id.ToString());
    }

    private double FromPeak(DateTimeOffset origin) => clock.ToReal(origin.AddHours(5) - clock.GetUtcNow()).TotalSeconds;

    private async Task<ConnectionMultiplexer> ConnectAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), realTime);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            var state = fleet.State;
            if (history.SegmentCount == 0 || intake.Live is null || state.Nodes.Count == 0 || !state.Nodes.All(n => n.IsServing))
            {
                continue;
            }

            var configuration = new ConfigurationOptions { AbortOnConnectFail = true, ClientName = "shardconsole-demo", AsyncTimeout = 5000, ConnectTimeout = 2000 };
            foreach (var node in state.Nodes)
            {
                configuration.EndPoints.Add(node.Member.Addresses.Host, node.Member.Addresses.ClientPort);
            }

            try
            {
                return await ConnectionMultiplexer.ConnectAsync(configuration);
            }
            catch (RedisConnectionException e)
            {
                NotYet(log, e.Message.Split('\n')[0]);
            }
        }

        throw new OperationCanceledException(stopping);
    }

    private async Task BackfillAsync(DemoProfile profile, (double Read, double Write, double Follow) cost, CancellationToken stopping)
    {
        var now = clock.GetUtcNow();
        var to = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero).AddHours(1);
        var from = to.AddDays(-options.Days);
        var source = await SourceAsync(from, now, stopping);

        // The hour that runs is generated too; what is measured wins over it as it comes.
        foreach (var rows in DemoHistory.Of(profile, from, to, history.SegmentCount, options, cost, source).Chunk(4))
        {
            await history.WriteSourceAsync([.. rows.SelectMany(r => r).Where(r => r.Start < now.ToUnixTimeSeconds())], stopping);
        }
    }

    /// <summary>The generated history is listed like an import, under its own name, and can be told apart in every frame.</summary>
    private async Task<long> SourceAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken stopping)
    {
        await using var db = await databases.CreateDbContextAsync(stopping);
        var row = await db.Imports.FirstOrDefaultAsync(i => i.FileName == Label, stopping);
        if (row is null)
        {
            row = new ImportLogRow { FileName = Label, State = ImportStore.Done, By = "demo", CreatedAt = to };
            db.Imports.Add(row);
        }

        (row.From, row.To) = (from, to);
        await db.SaveChangesAsync(stopping);
        return row.Id;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Demo: {Days} model days of history generated; a request costs {Micros:0} µs, the hot band peaks at {Ops:0} requests a second")]
    private static partial void Ready(ILogger logger, int days, double micros, double ops);

    [LoggerMessage(Level = LogLevel.Information, Message = "Demo: {Shard} is forecast to pass the sharding threshold of {Threshold:0} mcore; the peak is about {Seconds:0} s away")]
    private static partial void Look(ILogger logger, string shard, double threshold, double seconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Demo: look at Heatmap (what is right of now is forecast), approve the plan under Plans, and follow its moves under Migrations")]
    private static partial void LookAt(ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "Demo: the nodes do not serve yet ({Reason})")]
    private static partial void NotYet(ILogger logger, string reason);
}
