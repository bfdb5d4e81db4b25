using System.Globalization;
using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Callers;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Api.Operations;
using ShardConsole.ControlPlane.Api.Requests;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.ControlPlane.Security;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Api.Endpoints;

/// <summary>Measured and forecast load.</summary>
internal static class LoadEndpoints
{
    private const int MaxSteps = 1 << 20;
    private const string NoHistory = "There is no history yet: nothing was reported or imported. Send load, or import a query log.";
    private static readonly TimeSpan Resolution = TimeSpan.FromSeconds(10);

    /// <summary>Maps GET load, GET and POST forecasts.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/load", LoadAsync).WithTags("load").WithName("GetLoad").WithSummary("Measured load of segments over time")
            .WithDescription(
                "metric: cpu (mcore), reads, writes, bytesIn, bytesOut, followerCpu (mcore), keys, dataBytes; rates a second. from, to: ISO 8601 or Unix seconds, model time; "
                + "the last hour where left out. step: seconds, a multiple of 10; where left out, as fine as the limit on columns allows. segments: numbers or ranges, \"3,17,40-44\"; "
                + "all where left out. values[column][segment]; null is a gap, never a zero.")
            .Produces<LoadMatrix>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        api.MapGet("/forecasts", Forecast).WithTags("forecasts").WithName("GetForecast").WithSummary("The newest forecast of all segments, or of one")
            .WithDescription("metric: cpu, reads, writes, bytesIn, bytesOut, followerCpu. Twelve steps of 5 min, then 23 of 1 h; arrays are [step][segment].")
            .Produces<ForecastFrame>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/forecasts/quality", QualityAsync).WithTags("forecasts").WithName("GetForecastQuality").WithSummary("Forecasts of the last days against what came, per segment and for the fleet")
            .WithDescription("metric: as of the forecast. days: 1 (where left out) to 28. For 1 h and 24 h ahead: mase (error over that of repeating yesterday), pinball90 over the same, "
                + "coverage of q10 to q90, skill (1 - mase). Null: nothing to compare. limit and cursor: segments page by page, the first one of the page is firstSegment; all where both are left out. The header Link names the next page.")
            .Produces<QualityReport>().ProducesValidationProblem();
        HorizonEndpoints.Map(api);
        BacktestEndpoints.Map(api);
        api.MapPost("/forecasts", RunAsync).RequireAuthorization(Roles.Operator).WithTags("forecasts").WithName("RunForecast")
            .WithSummary("Makes a forecast now, or waits for the one that is being made").WithDescription(AsyncAnswer.Words)
            .Produces<ForecastMade>().Produces<OperationView>(StatusCodes.Status202Accepted).ProducesProblem(StatusCodes.Status409Conflict);
    }

    /// <summary>Measured load. Values[column][k] belongs to Segments[k]; NaN is a gap.</summary>
    internal sealed record LoadMatrix(
        LoadMetric Metric, IReadOnlyList<SegmentId> Segments, IReadOnlyList<DateTimeOffset> Starts, IReadOnlyList<double> SpanSeconds, IReadOnlyList<float[]> Values);

    /// <summary>When the newest forecast was made, model time.</summary>
    internal sealed record ForecastMade(DateTimeOffset? MadeAt, long MergedTurns);

    private static async Task<IResult> LoadAsync(
        string? metric, string? from, string? to, int? step, string? segments, IHistoryReader history, IClusterQueries queries, ApiOptions options,
        CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var what = check.Word("metric", metric, LoadMetric.Cpu);
        var end = check.Time("to", to, queries.Summary().Now);
        var start = check.Time("from", from, end.AddHours(-1));
        var seconds = check.Number("step", step, FinestStep(end - start, options.MaxColumns), 10, 86_400);
        if (seconds % (int)Resolution.TotalSeconds != 0)
        {
            check.Add("step", $"{seconds} is no multiple of 10 s.");
        }

        if (start >= end)
        {
            check.Add("from", $"{start:O} is not before {end:O}.");
        }
        else if ((end - start).TotalSeconds / Math.Max(1, seconds) > options.MaxColumns)
        {
            check.Add("step", $"{(end - start).TotalSeconds / Math.Max(1, seconds):0} columns are more than {options.MaxColumns}; take a longer step or a shorter time.");
        }

        if (history.SegmentCount == 0 && check.Refusal is null)
        {
            return Refusals.Problem(StatusCodes.Status503ServiceUnavailable, "unavailable", "The shard map is not known yet: no node has answered. Try again in some seconds.");
        }

        var wanted = SegmentSet(segments, history.SegmentCount, check);
        if (check.Refusal is { } refusal)
        {
            return refusal;
        }

        var matrix = await history.ReadAsync(what, start, end, TimeSpan.FromSeconds(seconds), cancellation);
        return Results.Ok(new LoadMatrix(
            what, [.. wanted.Select(s => new SegmentId((ushort)s))], matrix.Starts, [.. matrix.Spans.Select(s => s.TotalSeconds)],
            segments is null ? matrix.Values : [.. matrix.Values.Select(column => wanted.Select(s => column[s]).ToArray())]));
    }

    private static IResult Forecast(string? metric, int? segment, IForecastReader forecasts)
    {
        var check = new RequestCheck();
        var what = check.Word("metric", metric, LoadMetric.Cpu);
        if (what is LoadMetric.Keys or LoadMetric.DataBytes)
        {
            check.Add("metric", $"\"{metric}\" is not forecast; use cpu, reads, writes, bytesIn, bytesOut or followerCpu.");
        }

        var frame = check.Refusal is null ? forecasts.Latest(what) : null;
        if (frame is not null && segment is { } number)
        {
            check.Number("segment", number, 0, 0, frame.Models.Count - 1);
        }

        if (check.Refusal is { } refusal)
        {
            return refusal;
        }

        return frame is null ? Refusals.NotFound("There is no forecast yet; POST /api/v1/forecasts makes one once there is history.")
            : Results.Ok(segment is { } only ? Of(frame, only) : frame);
    }

    private static async Task<IResult> RunAsync(
        IForecastTrigger trigger, IForecastReader forecasts, AuditTrail audit, OperationDesk operations, HttpContext http, CancellationToken cancellation)
    {
        if (AsyncAnswer.IsAskedFor(http))
        {
            var by = Caller.Of(http);
            return AsyncAnswer.Of(http, operations.Begin("forecast", "A forecast by hand", by, async stop =>
            {
                var done = await trigger.RunNowAsync(stop);
                await audit.AddAsync(by, "forecast-run", "forecast", done ? "by hand" : "no history yet", CancellationToken.None);
                return done ? new Outcome(null, "The forecast is made.", "/api/v1/forecasts") : new Outcome("no-history", NoHistory);
            }));
        }

        var made = await trigger.RunNowAsync(cancellation);
        await audit.AddAsync(Caller.Of(http), "forecast-run", "forecast", made ? "by hand" : "no history yet", cancellation);
        return made
            ? Results.Ok(new ForecastMade(forecasts.Latest(LoadMetric.Cpu)?.MadeAt, trigger.MergedTurns))
            : Refusals.Problem(StatusCodes.Status409Conflict, "no-history", NoHistory);
    }

    private static async Task<IResult> QualityAsync(
        string? metric, int? days, int? limit, string? cursor, HttpContext http, IQualityReader quality, IClusterQueries queries, ApiOptions options, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var what = check.Word("metric", metric, LoadMetric.Cpu);
        var count = check.Number("days", days, 1, 1, 28);
        var paging = Paging.ReadByPlace(check, limit, cursor, null, options.PageRows, options.MaxPageRows);
        if (what is LoadMetric.Keys or LoadMetric.DataBytes)
        {
            check.Add("metric", $"\"{metric}\" is not forecast; use cpu, reads, writes, bytesIn, bytesOut or followerCpu.");
        }

        if (check.Refusal is { } refusal)
        {
            return refusal;
        }

        // What is compared has come: the hour that runs is not over.
        var to = queries.Summary().Now.AddHours(-1);
        var report = await quality.QualityAsync(what, to.AddDays(-count), to, cancellation);
        if (limit is null && cursor is null)
        {
            return Results.Ok(report);
        }

        var (first, rows, all) = (paging.Offset, paging.Limit, report.Leads.Select(l => l.Segments.Count).DefaultIfEmpty(0).Max());
        Paging.Link(http, first + rows < all ? PageCursor.Of(PageCursor.ByPlace, first + rows, "") : null);
        return Results.Ok(report with { FirstSegment = first, Leads = [.. report.Leads.Select(l => l with { Segments = [.. l.Segments.Skip(first).Take(rows)] })] });
    }

    private static ForecastFrame Of(ForecastFrame frame, int segment)
    {
        IReadOnlyList<float[]> Only(IReadOnlyList<float[]> rows) => [.. rows.Select(r => new[] { r[segment] })];
        return frame with
        {
            Mean = Only(frame.Mean), Q10 = Only(frame.Q10), Q50 = Only(frame.Q50), Q90 = Only(frame.Q90), Models = [frame.Models[segment]], Errors = [frame.Errors[segment]],
        };
    }

    /// <summary>Seconds: the shortest multiple of 10 s that keeps within the limit on columns; never finer than 10 s.</summary>
    private static int FinestStep(TimeSpan span, int maxColumns)
    {
        var tens = Math.Ceiling(span.TotalSeconds / maxColumns / Resolution.TotalSeconds);
        return 10 * (int)Math.Clamp(tens, 1, 8640);
    }

    private static List<int> SegmentSet(string? text, int count, RequestCheck check)
    {
        if (text is null)
        {
            return [.. Enumerable.Range(0, count)];
        }

        var set = new SortedSet<int>();
        foreach (var part in text.Split(',', MaxSteps, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var ends = part.Split('-', 2);
            if (!int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                || !int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last) || first > last || last >= count)
            {
                check.Add("segments", $"\"{part}\" is no segment of 0..{count - 1} and no range of them.");
                break;
            }

            set.UnionWith(Enumerable.Range(first, last - first + 1));
        }

        return [.. set];
    }
}
