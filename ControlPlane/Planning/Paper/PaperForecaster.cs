using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.ControlPlane.Forecasting.Streaming;
using ShardConsole.ControlPlane.Scoring;

namespace ShardConsole.ControlPlane.Planning.Paper;

/// <summary>
/// The product's forecaster beside a paper run: learns each step of five minutes when it is over and never sees a later one. Moments may only go forward.
/// </summary>
internal sealed class PaperForecaster
{
    private readonly PaperLoads loads;
    private readonly TimeSpan every;
    private readonly SeriesPools pools;
    private readonly FleetForecaster fleet;
    private readonly CancellationToken cancellation;
    private PaperForecast? newest;

    /// <summary>Learns what is over at <paramref name="from"/>.</summary>
    /// <param name="loads">Steps of five minutes; those before <paramref name="from"/> are the history.</param>
    /// <param name="every">Time between two forecasts, at least five minutes.</param>
    /// <param name="mostSeries">Segments above this number are forecast in pools, at least 2; see <see cref="SeriesPools"/>.</param>
    public PaperForecaster(PaperLoads loads, DateTimeOffset from, TimeSpan every, int mostSeries, CancellationToken cancellation)
    {
        if (loads.Step != ForecastInput.Bucket)
        {
            throw new ArgumentException($"The steps are {loads.Step.TotalMinutes} min; forecasts are made from steps of {ForecastInput.Bucket.TotalMinutes} min.");
        }

        (this.loads, this.every, this.cancellation) = (loads, every, cancellation);
        var past = Math.Clamp(loads.StepOf(from), 0, loads.Lead.Count);
        pools = new SeriesPools(loads, past, mostSeries);
        var columns = past == 0 ? [pools.Fold(Empty())] : loads.Lead.Take(past).Select(pools.Fold).ToArray();
        fleet = FleetForecaster.Fit(ForecastInput.FromColumns(LoadMetric.Cpu, loads.Start + (loads.Step * past), columns), new StreamOptions(), cancellation);
    }

    /// <summary>Last skill an hour ahead; NaN before the first forecast.</summary>
    public double Skill => newest?.Cpu.Skill.HourAhead ?? double.NaN;

    /// <summary>The newest forecast at a moment.</summary>
    public PaperForecast Of(DateTimeOffset now)
    {
        if (newest is { } made && now - made.Cpu.Frame.MadeAt < every)
        {
            return made;
        }

        var known = Math.Min(loads.StepOf(now), loads.Lead.Count);
        var learnt = loads.StepOf(fleet.End);
        if (known > learnt)
        {
            fleet.Advance([.. Enumerable.Range(learnt, known - learnt).Select(i => pools.Fold(i < 0 ? Empty() : loads.Lead[i]))], cancellation);
        }

        var day = Enumerable.Range(Math.Max(0, known - ForecastSteps.BucketsPerDay), Math.Min(known, ForecastSteps.BucketsPerDay)).ToArray();
        float[][] History(LoadRole role) => [.. Enumerable.Range(0, loads.Lead.Count == 0 ? 0 : loads.Lead[0].Length).Select(s => day.Select(i => (float)loads.Of(role, s, i)).ToArray())];
        var lead = History(LoadRole.Lead);
        var cpu = pools.Unfold(ForecastEngine.Run(fleet, LoadMetric.Cpu, [], new ForecastOptions(), cancellation), [.. lead.Select(h => h.Sum(v => (double)v))]);
        var follows = loads.Follow is not null || loads.FollowRatio > 0;
        newest = new PaperForecast(cpu, follows ? ForecastEngine.Derive(cpu, lead, LoadMetric.FollowerCpu, History(LoadRole.Follow)) : null);
        return newest.Value;
    }

    private float[] Empty()
    {
        var column = new float[loads.Lead.Count == 0 ? 0 : loads.Lead[0].Length];
        Array.Fill(column, float.NaN);
        return column;
    }
}
