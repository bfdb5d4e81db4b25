using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Forecasting.Quality;

/// <summary>How good forecasts of one lead would have been, over the fleet.</summary>
/// <param name="LeadMinutes">From the moment of the forecast to the end of the step that was compared.</param>
/// <param name="Scores">Over all segments and origins.</param>
/// <param name="BetterSegments">Segments that were forecast better than by repeating yesterday, of <paramref name="JudgedSegments"/>.</param>
internal sealed record BacktestLead(int LeadMinutes, QualityScores Scores, int BetterSegments, int JudgedSegments);

/// <summary>What a backtest found.</summary>
/// <param name="From">The first origin.</param>
/// <param name="To">End of the history.</param>
/// <param name="Origins">Moments from which was forecast.</param>
/// <param name="LearntDays">Days of history before the first origin.</param>
internal sealed record BacktestResult(LoadMetric Metric, DateTimeOffset From, DateTimeOffset To, int Origins, int Segments, double LearntDays, IReadOnlyList<BacktestLead> Leads);

/// <summary>
/// Forecasts the past with rolling origins: at each origin only what had come by then is known, learnt step by step as the running product learns it. Compared are the next
/// 5 minutes, the last 5 of an hour, and the last hours of a third of a day and of a day, with what came and with repeating the day before.
/// </summary>
internal static class Backtest
{
    /// <summary>Days of history that there must be before the first origin: less has no yesterday to compare with.</summary>
    public const int LeastDays = 1;

    // Steps of the forecast that are compared.
    private static readonly int[] Steps = [0, ForecastSteps.Fine - 1, ForecastSteps.Fine + 6, ForecastSteps.Count - 1];

    /// <summary>Runs it.</summary>
    /// <param name="columns">[time][segment], 5 minutes each, oldest first; NaN = gap.</param>
    /// <param name="end">End of the last one.</param>
    /// <param name="days">Days at the end over which origins roll; fewer where the history is shorter.</param>
    /// <param name="every">Time between two origins, a multiple of 5 minutes.</param>
    /// <param name="progress">Called with 0..1.</param>
    /// <returns>Null where there is too little history: a day, and an hour after it.</returns>
    public static BacktestResult? Run(
        LoadMetric metric, IReadOnlyList<float[]> columns, DateTimeOffset end, int days, TimeSpan every, StreamOptions options, Action<double> progress, CancellationToken cancellation)
    {
        var first = Math.Max(columns.Count - (days * ForecastSteps.BucketsPerDay), LeastDays * ForecastSteps.BucketsPerDay);
        if (first + ForecastSteps.Fine > columns.Count)
        {
            return null;
        }

        var pace = Math.Max(1, (int)(every / ForecastInput.Bucket));
        var fleet = FleetForecaster.Fit(ForecastInput.FromColumns(metric, Time(first), [.. columns.Take(first)]), options, cancellation);
        var compared = Steps.Select(_ => new List<ComparedColumn>()).ToArray();
        var origins = 0;
        for (var at = first; at < columns.Count; at += pace)
        {
            cancellation.ThrowIfCancellationRequested();
            progress((double)(at - first) / (columns.Count - first));
            Compare(fleet.Forecast(cancellation), columns, at, compared);
            origins++;
            fleet.Advance([.. columns.Skip(at).Take(pace)], cancellation);
        }

        progress(1);
        var segments = columns[^1].Length;
        return new BacktestResult(
            metric, Time(first), end, origins, segments, (double)first / ForecastSteps.BucketsPerDay, [.. Steps.Select((step, i) => Lead(step, compared[i], segments))]);

        DateTimeOffset Time(int column) => end - (ForecastInput.Bucket * (columns.Count - column));
    }

    private static void Compare(SegmentForecast[] forecast, IReadOnlyList<float[]> columns, int at, List<ComparedColumn>[] compared)
    {
        for (var i = 0; i < Steps.Length; i++)
        {
            var (from, to) = Span(Steps[i]);
            if (at + to <= columns.Count)
            {
                float[] Of(Func<SegmentForecast, double[]> values) => [.. forecast.Select(f => (float)values(f)[Steps[i]])];
                compared[i].Add(new ComparedColumn(
                    Of(f => f.Mean), Of(f => f.Q10), Of(f => f.Q90), Mean(columns, at + from, at + to), Mean(columns, at + from - ForecastSteps.BucketsPerDay, at + to - ForecastSteps.BucketsPerDay)));
            }
        }
    }

    private static BacktestLead Lead(int step, List<ComparedColumn> columns, int segments)
    {
        var (fleet, each) = QualityScores.Of(columns, segments);
        var judged = each.Where(s => double.IsFinite(s.Mase)).ToList();
        return new BacktestLead(Span(step).To * (int)ForecastInput.Bucket.TotalMinutes, fleet, judged.Count(s => s.Mase < 1), judged.Count);
    }

    // Buckets after the origin that a step covers.
    private static (int From, int To) Span(int step) =>
        step < ForecastSteps.Fine ? (step, step + 1) : (ForecastSteps.Fine * (step - ForecastSteps.Fine + 1), ForecastSteps.Fine * (step - ForecastSteps.Fine + 2));

    // Over what was measured of [from, to); NaN where nothing was.
    private static float[] Mean(IReadOnlyList<float[]> columns, int from, int to)
    {
        var (sums, counts) = (new double[columns[^1].Length], new int[columns[^1].Length]);
        for (var t = from; t < to; t++)
        {
            for (var s = 0; s < sums.Length; s++)
            {
                var value = columns[t][s];
                sums[s] += float.IsNaN(value) ? 0 : value;
                counts[s] += float.IsNaN(value) ? 0 : 1;
            }
        }

        return [.. sums.Select((sum, s) => counts[s] > 0 ? (float)(sum / counts[s]) : float.NaN)];
    }
}
