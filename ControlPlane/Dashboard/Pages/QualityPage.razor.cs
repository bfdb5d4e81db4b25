using Microsoft.AspNetCore.Components;
using MudBlazor;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Controls;
using ShardConsole.ControlPlane.Dashboard.Text;
using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Dashboard.Pages;

/// <summary>Can I trust the forecast? Kept forecasts against what came, for the fleet, a node or a shard.</summary>
public sealed partial class QualityPage
{
    private const int WeakRows = 8;
    private const int BacktestDays = 3;
    private const int BacktestEvery = 60;
    private static readonly string[] Ranges = ["24h", "7d"];
    private static readonly LoadMetric[] Metrics = [LoadMetric.Cpu, LoadMetric.Reads, LoadMetric.Writes, LoadMetric.BytesIn, LoadMetric.BytesOut];
    private static readonly string[] MetricNames = [.. Metrics.Select(m => m.Label())];

    private ForecastFrame? frame;
    private QualityView? view;
    private ChartModel? fan;
    private ChartModel? skillChart;
    private ChartModel? coverageChart;
    private ChartModel? weightChart;
    private HorizonReport? whole;
    private BacktestView? backtest;
    private bool running;

    /// <summary>"24h" or "7d".</summary>
    [SupplyParameterFromQuery(Name = "range")]
    public string? Range { get; set; }

    /// <summary>A shard or a node; null: the fleet.</summary>
    [SupplyParameterFromQuery(Name = "scope")]
    public string? Scope { get; set; }

    /// <summary>A <see cref="LoadMetric"/>; null: CPU.</summary>
    [SupplyParameterFromQuery(Name = "metric")]
    public string? MetricName { get; set; }

    [Inject]
    private IForecastReader Forecasts { get; set; } = null!;

    [Inject]
    private IHistoryReader Past { get; set; } = null!;

    [Inject]
    private IForecastTrigger Trigger { get; set; } = null!;

    [Inject]
    private IHorizonQueries Horizons { get; set; } = null!;

    [Inject]
    private IBacktestDesk Backtests { get; set; } = null!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    // It reads days of history: every ten seconds is soon enough for figures that move by the hour.
    private protected override TimeSpan Throttle => TimeSpan.FromSeconds(10);

    private LoadMetric Metric => Enum.TryParse<LoadMetric>(MetricName, true, out var metric) && Metrics.Contains(metric) ? metric : LoadMetric.Cpu;

    private string RangeWord => Range == "7d" ? "7d" : "24h";

    private string[] Scopes => ["Fleet", .. Nodes.Select(n => n.Name), .. Shards.Select(s => s.Id.ToString())];

    private string UnitWord => Metric == LoadMetric.Cpu ? "cores" : Metric.Unit();

    private double? History => Past.Oldest is { } oldest ? Math.Min(14, (Queries.Summary().Now - oldest).TotalDays) : null;

    private int Reactive => frame?.Errors.Count(e => e >= 1) ?? 0;

    private double Caught => Forecasts is History.ForecastStore store && store.LatestResult(LoadMetric.Cpu) is { } result
        ? result.Coverage.Where(float.IsFinite).Select(c => (double)c).DefaultIfEmpty(double.NaN).Average()
        : double.NaN;

    private IEnumerable<(string Name, int Count)> Models =>
        (frame?.Models ?? []).GroupBy(m => m).Select(g => (g.Key, g.Count())).OrderByDescending(g => g.Item2).ThenBy(g => g.Key, StringComparer.Ordinal).Take(8);

    private List<WeakRow> Weakest
    {
        get
        {
            if (frame is not { Q50.Count: > 0 } f)
            {
                return [];
            }

            var owners = Queries.Map().Owners;
            var rows = SegmentsOf(owners).Where(s => s < f.Errors.Length && float.IsFinite(f.Errors[s])).Select(s => new WeakRow(s, owners[s], 1 - f.Errors[s], f.Q50.Max(q => (double)q[s]), f.Models[s])).ToList();
            var floor = rows.Count == 0 ? 0 : rows.Average(r => r.Peak) / 2;
            return [.. rows.Where(r => r.Peak >= floor).OrderBy(r => r.Skill).ThenBy(r => r.Segment).Take(WeakRows)];
        }
    }

    private protected override async Task LoadAsync(CancellationToken cancellation)
    {
        TakeFleet();
        backtest = await Backtests.ViewAsync(cancellation);
        frame = Forecasts.Latest(Metric);
        if (frame is null)
        {
            return;
        }

        whole = await Horizons.HorizonsAsync(null, cancellation);
        (skillChart, coverageChart, weightChart) = (null, null, null);
        if (whole is { } learnt && learnt.Horizons.Any(h => double.IsFinite(h.Skill)))
        {
            var made = $"{frame.MadeAt.ToUnixTimeSeconds()}";
            (skillChart, coverageChart, weightChart) = (HorizonCharts.Skill(learnt, made), HorizonCharts.Coverage(learnt, made), HorizonCharts.Weights(learnt, made));
        }

        var week = RangeWord == "7d";
        var step = week ? TimeSpan.FromHours(1) : TimeSpan.FromMinutes(5);
        var now = Queries.Summary().Now;
        var to = new DateTimeOffset(now.Ticks - (now.Ticks % step.Ticks), TimeSpan.Zero);
        var from = to.AddDays(week ? -7 : -1);
        var segments = SegmentsOf(Queries.Map().Owners);
        var history = await Past.ReadAsync(Metric, from.AddDays(-1), to, step, cancellation);
        var hour = await Forecasts.ForecastOfThePastAsync(Metric, TimeSpan.FromHours(1), from, to, cancellation);
        var day = await Forecasts.ForecastOfThePastAsync(Metric, TimeSpan.FromHours(24), from, to, cancellation);
        view = QualityMath.Compare(history, hour, day, from, segments);
        var fleet = Scope is null && Metric == LoadMetric.Cpu ? (await Queries.OverviewAsync(cancellation)).Fleet : null;
        fan = MakeFan(frame, view, segments, fleet, now);
    }

    // Quantiles of segments do not add up: only the fleet's sum comes with a band, from the score that knows what the errors share.
    private ChartModel MakeFan(ForecastFrame made, QualityView v, List<int> segments, LoadSeries? fleet, DateTimeOffset now)
    {
        double[] Sums(IReadOnlyList<float[]> columns) => [.. columns.Select(c => segments.Where(s => float.IsFinite(c[s])).Sum(s => (double)c[s]))];
        var median = Sums(made.Mean);
        var scale = Metric == LoadMetric.Cpu ? 1000.0 : 1;
        var series = new LoadSeries(Metric.Unit(), v.Starts, v.Measured, fleet?.ForecastTimes ?? made.Starts, fleet?.Q10 ?? median, fleet?.Q50 ?? median, fleet?.Q90 ?? median);
        var key = $"{Scope}|{RangeWord}|{Metric}|{now.ToUnixTimeSeconds() / 60}|{made.MadeAt.ToUnixTimeSeconds()}";
        var model = ChartModels.Fan(series, now, key, $"Measured load of {Scope ?? "the fleet"}, what had been forecast a day before, and the forecast of the next day.", Metric == LoadMetric.Cpu ? "cores" : "count", scale);
        var times = ChartModels.Millis(v.Starts);
        ChartSeries Line(string name, double[] values, string color, bool dashed) => new(name, color, "line", times, [.. values.Select(x => ChartModels.Known(x / scale))], 1.3, dashed);
        return model with { Bands = fleet is null ? [] : model.Bands, Series = [.. model.Series, Line("forecast a day before", v.DayBefore, "text3", true), Line("forecast an hour before", v.HourBefore, "forecast", true)] };
    }

    private List<int> SegmentsOf(IReadOnlyList<ShardId> owners) =>
        [.. Enumerable.Range(0, owners.Count).Where(s => Scope is null || owners[s].ToString() == Scope || NameOf(LeaderOf(owners[s])) == Scope)];

    private async Task RunAsync()
    {
        running = true;
        var made = await Trigger.RunNowAsync(Gone);
        running = false;
        Snackbar.Add(made ? "Forecast made" : "There is no history to forecast from yet");
        await ReloadAsync();
    }

    private async Task StartBacktest()
    {
        Snackbar.Add(Backtests.Start(Metric, BacktestDays, BacktestEvery, UserName).Detail);
        await ReloadAsync();
    }

    private async Task CancelBacktest()
    {
        Snackbar.Add(Backtests.Cancel().Detail);
        await ReloadAsync();
    }

    private static string Ahead(int minutes) => minutes < 120 ? $"{minutes} min" : $"{minutes / 60} h";

    private string Amount(double value) => Metric == LoadMetric.Cpu ? Show.Score(value) : Show.Rate(value, Metric.Unit());

    private static LoadMetric MetricOf(string label) => Metrics.First(m => m.Label() == label);

    private static string Tone(double skill) => skill < 0 ? "warn" : "";

    private void Go(string name, string? value)
    {
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter(name, value), replace: true);
        _ = InvokeAsync(async () =>
        {
            await ReloadAsync();
            StateHasChanged();
        });
    }

    private sealed record WeakRow(int Segment, ShardId Shard, double Skill, double Peak, string Model);
}
