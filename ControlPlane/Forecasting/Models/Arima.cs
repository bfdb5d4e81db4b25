using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Forecasting.Models;

/// <summary>
/// ARIMA with forgetting. Three ways to make the series stationary run side by side: first differences, and differences from the mean of the same slots
/// of the last days or weeks (what a seasonal moving average of order 1 expands to). Each is an <see cref="ArmaFit"/>; the one whose errors one step and half a day
/// ahead were least of late speaks.
/// </summary>
/// <param name="transform">0 logarithmic, 1 linear.</param>
internal sealed class Arima(int transform) : IExpert
{
    private const int Days = 5;
    private const int Weeks = 4;
    private const int Ways = 3;

    // Per way, behind the fit: decayed error one step ahead, half a day ahead, their weight.
    private const int Size = ArmaFit.Size + 3;

    private readonly ArmaFit fit = new();
    private readonly Halving halving = new(1);

    /// <inheritdoc/>
    public string Name => transform == 0 ? "ARIMA (log)" : "ARIMA";

    /// <inheritdoc/>
    public string Switch => transform == 0 ? "arima" : "arima-linear";

    /// <inheritdoc/>
    public bool Recallable => false;

    /// <inheritdoc/>
    public int MemorySize(Cadence cadence) => Ways * Size;

    /// <inheritdoc/>
    public void Learn(Workspace work, SeriesState series, Span<float> memory, int i)
    {
        var scale = work.Scales[transform];
        var d = series.Cadence.Day;
        var forget = halving.Of(d);
        for (var way = 0; way < Ways; way++)
        {
            if (i < First(way, d))
            {
                continue;
            }

            var own = memory.Slice(way * Size, Size);
            var expected = Stationary(scale, way, d, i);
            var error = fit.Learn(own, scale.Z[i] - expected, work.Known[i], d);
            if (work.Known[i])
            {
                var far = way > 0 ? scale.Z[i] - expected : i >= d / 2 ? scale.Z[i] - scale.Z[i - (d / 2)] : 0;
                var tally = own[ArmaFit.Size..];
                tally[0] = (float)((forget * tally[0]) + Math.Abs(error));
                tally[1] = (float)((forget * tally[1]) + Math.Abs(far));
                tally[2] = (float)((forget * tally[2]) + 1);
            }

            if (ArmaFit.IsDue(i, d))
            {
                fit.Solve(own, d);
            }
        }
    }

    /// <inheritdoc/>
    public void Project(Workspace work, SeriesState series, ReadOnlySpan<float> memory, int t, ReadOnlySpan<int> horizons, Span<double> into)
    {
        var scale = work.Scales[transform];
        var d = series.Cadence.Day;
        var best = -1;
        for (var way = 0; way < Ways; way++)
        {
            if (t >= First(way, d) + Cadence.Batch && (best < 0 || Error(memory, way) < Error(memory, best)))
            {
                best = way;
            }
        }

        if (best < 0)
        {
            into[..horizons.Length].Fill(double.NaN);
            return;
        }

        fit.Begin(memory.Slice(best * Size, Size));
        double sum = 0, next = 0;
        for (int k = 0, h = 0; k < horizons.Length; k++)
        {
            for (; h < horizons[k]; h++)
            {
                next = fit.Next();
                sum += next;
            }

            var z = best == 0 ? scale.Z[t] + sum : Season(scale, best, d, t + h - (((h - 1) / Length(best, d)) * Length(best, d))) + next;
            into[k] = series.ToValue(transform, z);
        }
    }

    private static int Length(int way, int d) => way == 1 ? d : 7 * d;

    private static int First(int way, int d) => way == 0 ? 1 : Length(way, d);

    private static double Error(ReadOnlySpan<float> memory, int way)
    {
        var tally = memory.Slice((way * Size) + ArmaFit.Size, 3);
        return tally[2] > 0 ? (tally[0] + tally[1]) / tally[2] : double.MaxValue;
    }

    private static double Stationary(Scale scale, int way, int d, int i) => way == 0 ? scale.Z[i - 1] : Season(scale, way, d, i);

    // Mean of the same slots in the seasons before index i.
    private static double Season(Scale scale, int way, int d, int i) => Features.Mean(scale.Z, i - Length(way, d), Length(way, d), way == 1 ? Days : Weeks);
}
