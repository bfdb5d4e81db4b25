using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Forecasting.Models;

/// <summary>
/// Damped Holt-Winters on logarithms, which is ETS with additive errors, damped trend and a daily season there: multiplicative in the values. Two settings run side by
/// side, and the one whose one-step errors were least of late speaks. In the first day there is no season yet and it is Holt's damped trend.
/// </summary>
internal sealed class HoltWinters : IExpert
{
    private const int Transform = 0;

    // Per setting: level, trend, decayed error, decayed count; then the season.
    private const int Head = 4;

    /// <summary>An error counts at most this many times its usual size: one spike does not bend tomorrow.</summary>
    private const double Clip = 4;

    private static readonly (double Level, double Trend, double Season)[] Settings = [(0.5, 0.05, 0.15), (0.1, 0.01, 0.2)];

    private readonly Halving halving = new(0.5);

    // A trend halves in an hour, or in a step where those are longer.
    private readonly Halving trends = new(1 / 24.0);

    /// <inheritdoc/>
    public string Name => "damped Holt-Winters";

    /// <inheritdoc/>
    public string Switch => "holt-winters";

    /// <inheritdoc/>
    public bool Recallable => false;

    /// <inheritdoc/>
    public int MemorySize(Cadence cadence) => Settings.Length * (Head + cadence.Day);

    /// <inheritdoc/>
    public void Learn(Workspace work, SeriesState series, Span<float> memory, int i)
    {
        var z = work.Scales[Transform].Z;
        var d = series.Cadence.Day;
        var slot = (int)((series.First + i) % d);
        var damping = d >= 24 ? trends.Of(d) : 0.5;
        var forget = halving.Of(d);
        for (var s = 0; s < Settings.Length; s++)
        {
            var (alpha, beta, gamma) = Settings[s];
            var own = memory.Slice(s * (Head + d), Head + d);
            var season = own[Head..];
            if (i == 0)
            {
                own[0] = z[0];
                continue;
            }

            var expected = own[0] + (damping * own[1]);
            if (!work.Known[i])
            {
                (own[0], own[1]) = ((float)expected, (float)(damping * own[1]));
                continue;
            }

            var error = z[i] - expected - season[slot];
            own[2] = (float)((own[2] * forget) + Math.Abs(error));
            own[3] = (float)((own[3] * forget) + 1);
            var usual = Clip * own[2] / own[3];
            var taken = own[3] > 8 ? Math.Clamp(error, -usual, usual) : error;
            own[0] = (float)(expected + (alpha * taken));
            own[1] = (float)((damping * own[1]) + (alpha * beta * taken));

            // The first days weigh alike: the season is their mean until there are more of them than gamma remembers.
            if (i >= d)
            {
                season[slot] += (float)(Math.Max(gamma, d / (double)(i + d)) * (1 - alpha) * taken);
            }
            else if (i == d - 1)
            {
                BeginSeason(work.Scales[Transform], own, series.Cadence, slot);
            }
        }
    }

    /// <inheritdoc/>
    public void Project(Workspace work, SeriesState series, ReadOnlySpan<float> memory, int t, ReadOnlySpan<int> horizons, Span<double> into)
    {
        var d = series.Cadence.Day;
        var best = 0;
        for (var s = 1; s < Settings.Length; s++)
        {
            best = Error(memory, s, d) < Error(memory, best, d) ? s : best;
        }

        var own = memory.Slice(best * (Head + d), Head + d);
        var damping = d >= 24 ? trends.Of(d) : 0.5;
        var slot = series.First + t;
        for (var k = 0; k < horizons.Length; k++)
        {
            var h = horizons[k];
            var trend = own[1] * damping * (1 - Math.Pow(damping, h)) / (1 - damping);
            into[k] = series.ToValue(Transform, own[0] + trend + own[Head + (int)((slot + h) % d)]);
        }
    }

    private static double Error(ReadOnlySpan<float> memory, int s, int d) =>
        memory[(s * (Head + d)) + 3] > 0 ? memory[(s * (Head + d)) + 2] / memory[(s * (Head + d)) + 3] : 0;

    // After one day: what each slot, smoothed, lay above the day's mean.
    private static void BeginSeason(Scale scale, Span<float> own, Cadence cadence, int slot)
    {
        var d = cadence.Day;
        var mean = scale.DayMean[d - 1];
        for (var k = 0; k < d; k++)
        {
            own[Head + ((slot + 1 + k) % d)] = scale.Smooth[Math.Min(k, d - 1 - cadence.SmoothHalf)] - mean;
        }

        own[0] -= own[Head + slot];
        own[1] = 0;
    }
}
