using ShardConsole.ControlPlane.Forecasting.Combining;
using ShardConsole.ControlPlane.Forecasting.Models;

namespace ShardConsole.ControlPlane.Forecasting.Streaming;

/// <summary>
/// Forecasts one series after the other in constant time per step: experts behind one interface, combined by what each really predicted (aggregation by a high power
/// of the decayed error), with quantiles from the combination's own errors. Deterministic: the same values in the same order give the same bits. One instance per thread.
/// </summary>
internal sealed class StreamCore
{
    /// <summary>Days of forecasts that are judged in a fit: what the quantiles remember, and a day for the farthest horizon.</summary>
    private const int JudgedDays = 15;

    /// <summary>Times its largest value that a series younger than a day is believed to reach: its few errors at the farther horizons are of its first values, and say anything.</summary>
    private const double YoungReach = 2;

    /// <summary>Horizons that must fit into a young series for its bias to be believed at all.</summary>
    private const double DoubtedHorizons = 4;

    private readonly StreamOptions options;
    private readonly Workspace work = new();
    private readonly IExpert[] experts;
    private readonly ExpertWeights weigher;
    private readonly Judgement judgement;
    private readonly ErrorQuantiles errors;
    private readonly double[] forecasts = new double[Experts.Count];
    private readonly double[] weights = new double[Experts.Count];
    private ForecastPath? reused;
    private double[] projected = [];
    private int[] steps = [];

    public StreamCore(StreamOptions options)
    {
        this.options = options;
        experts = Experts.Create(options);
        weigher = new ExpertWeights(options);
        judgement = new Judgement(options, experts, weigher);
        errors = new ErrorQuantiles(options);
    }

    /// <summary>A path of this core to be filled and read; the next call with the same horizon returns the same one.</summary>
    public ForecastPath PathOf(int horizon) => reused is { } path && path.Horizon == horizon ? path : reused = new ForecastPath(horizon);

    /// <summary>The next value in time. NaN is a gap; what cannot be a load is refused, counted and becomes a gap.</summary>
    public void Append(SeriesState state, float value)
    {
        SeriesIntake.Push(state, value);
        if (state.Largest <= 0)
        {
            return;
        }

        var count = state.First + state.Length;
        // A quarter more than it was fitted to. Not of the moment, which may count from any origin.
        var next = state.FittedAt + Math.Clamp((state.FittedAt - state.First) / 4, 4, options.RefitDays * state.Cadence.Day);
        if (state.FittedAt == 0 || count >= next)
        {
            Fit(state);
            return;
        }

        if (state.FittedAt > 0)
        {
            work.Load(state);
            Step(state, state.Length - 1, state.First + state.Length > state.LearnFrom);
        }
    }

    /// <summary>Learns everything anew from the values that are kept, as if they had just come one by one.</summary>
    public void Fit(SeriesState state)
    {
        state.Reset();
        work.Unpack(state);
        Standardiser.Apply(work, state);
        work.Transform(state);
        foreach (var scale in work.Scales)
        {
            scale.FillProfiles(state.Length);
        }

        var n = state.Length;
        var d = state.Cadence.Day;
        var from = n > 3 * d ? d : Math.Max(4, n / 8);
        state.LearnFrom = state.First + from;
        state.FittedAt = state.First + n;
        // Errors that are older than those kept for the quantiles weigh nothing any more: what would have been forecast then is not asked.
        var judged = Math.Max(from, n - (JudgedDays * d));
        for (var i = 0; i < n; i++)
        {
            Step(state, i, i >= judged);
        }
    }

    /// <summary>The forecast of the steps 1..horizon after the newest value.</summary>
    /// <param name="state">Fitted, with at least one value.</param>
    /// <param name="path">Where it goes; its length decides the horizon.</param>
    /// <param name="fleet">What a series younger than a day borrows; null: nothing.</param>
    public void Forecast(SeriesState state, ForecastPath path, FleetShape? fleet = null)
    {
        work.Load(state);
        var cadence = state.Cadence;
        var (grid, levels) = (cadence.Grid.Length, ForecastPath.Levels.Length);
        Span<double> quantiles = stackalloc double[grid * levels];
        Span<double> spreads = stackalloc double[grid];
        Span<double> shifts = stackalloc double[grid];
        Span<double> gridWeights = stackalloc double[grid * Experts.Count];
        for (var g = 0; g < grid; g++)
        {
            spreads[g] = errors.Fill(work, state, g, quantiles.Slice(g * levels, levels), out shifts[g]);
            Doubt(state, g, quantiles.Slice(g * levels, levels), ref shifts[g]);
            weigher.Fill(state, g, weights);
            path.Best[g] = weights.AsSpan().IndexOf(weights.Max());
            weights.CopyTo(gridWeights[(g * Experts.Count)..]);
        }

        fleet?.Draw(state, quantiles, spreads);
        Project(state, path.Horizon);
        var reach = state.Length < cadence.Day ? YoungReach * state.Largest : double.MaxValue;
        for (var h = 1; h <= path.Horizon; h++)
        {
            var (low, share) = cadence.Locate(h);
            var high = share > 0 ? low + 1 : low;
            for (var e = 0; e < Experts.Count; e++)
            {
                forecasts[e] = projected[(e * path.Horizon) + h - 1];
                weights[e] = ((1 - share) * gridWeights[(low * Experts.Count) + e]) + (share * gridWeights[(high * Experts.Count) + e]);
            }

            var f = Math.Min(reach, ExpertWeights.Combine(weights, forecasts));
            var root = Math.Sqrt(f + state.Offset);
            path.Mean[h - 1] = Math.Clamp(f + (root * (((1 - share) * shifts[low]) + (share * shifts[high]))), 0, reach);
            path.Sd[h - 1] = Math.Min(reach, root * (((1 - share) * spreads[low]) + (share * spreads[high])));
            double previous = 0;
            for (var q = 0; q < levels; q++)
            {
                var r = ((1 - share) * quantiles[(low * levels) + q]) + (share * quantiles[(high * levels) + q]);
                previous = Math.Max(previous, Math.Min(reach, f + (r * root)));
                path.Set(h, q, previous);
                if (q == ForecastPath.Median)
                {
                    path.Point[h - 1] = Math.Clamp(f + (0.5 * r * root), 0, reach);
                }
            }
        }

        fleet?.Bend(state, path);
    }

    /// <summary>Quantiles ([grid][level]) and spread per horizon of the grid of what a fitted series' forecasts have erred by, in units of √(forecast + c).</summary>
    public void Errors(SeriesState state, Span<double> quantiles, Span<double> spreads)
    {
        work.Load(state);
        var levels = ForecastPath.Levels.Length;
        for (var g = 0; g < spreads.Length; g++)
        {
            spreads[g] = errors.Fill(work, state, g, quantiles.Slice(g * levels, levels), out _);
        }
    }

    // A rise or fall that a series has seen once, in a part of its first day, is no habit of its forecasts: of their bias only that share is believed which is a share of a day,
    // the less the fewer horizons fit into what it has.
    private static void Doubt(SeriesState state, int g, Span<double> quantiles, ref double shift)
    {
        var (n, d) = ((double)state.Length, (double)state.Cadence.Day);
        if (n >= d)
        {
            return;
        }

        var doubted = (1 - (n / d)) * Math.Min(1, DoubtedHorizons * state.Cadence.Grid[g] / n) * quantiles[ForecastPath.Median];
        shift -= doubted;
        foreach (ref var quantile in quantiles)
        {
            quantile -= doubted;
        }
    }

    // What happens when the value at index i has become known.
    private void Step(SeriesState state, int i, bool judged)
    {
        for (var transform = 0; transform < SeriesState.Transforms; transform++)
        {
            var z = work.Scales[transform].Z[i];
            state.Low[transform] = Math.Min(state.Low[transform], z);
            state.High[transform] = Math.Max(state.High[transform], z);
        }

        if (judged && work.Known[i])
        {
            judgement.Judge(work, state, i);
        }

        for (var e = 0; e < experts.Length; e++)
        {
            experts[e].Learn(work, state, state.MemoryOf(e), i);
        }

        if (judged)
        {
            judgement.Issue(work, state, i);
        }
    }

    // All experts' forecasts of the steps 1..horizon, [expert][step].
    private void Project(SeriesState state, int horizon)
    {
        if (steps.Length != horizon)
        {
            steps = [.. Enumerable.Range(1, horizon)];
            projected = new double[Experts.Count * horizon];
        }

        for (var e = 0; e < experts.Length; e++)
        {
            experts[e].Project(work, state, state.MemoryOf(e), state.Length - 1, steps, projected.AsSpan(e * horizon, horizon));
        }
    }
}
