using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Forecasting.Models;

/// <summary>
/// Recursive ridge regression on newest values, levels and the profiles of day and week, one per horizon of the grid; in between the coefficients are linear in ln h.
/// It is drawn to coefficients that were learnt over many series, forgets by halves in <see cref="StreamOptions.RidgeDays"/>, and gives wild values less weight (Huber).
/// </summary>
/// <param name="transform">0 logarithmic, 1 linear.</param>
internal sealed class ProfileRegression(int transform, StreamOptions options) : IExpert
{
    private const int Row = Ridge.Row;

    private readonly float[] features = new float[Row];
    private readonly float[] rows = new float[Cadence.Batch * Row];
    private readonly float[] weights = new float[Cadence.Batch];
    private readonly float[] inForce = new float[Row];
    private readonly Halving forgetting = new(options.RidgeDays, Cadence.Batch);
    private readonly Halving sizes = new(0.5, Cadence.Batch);
    private Cadence? prepared;
    private double[] priors = [];
    private float[] expectations = [];

    /// <inheritdoc/>
    public string Name => transform == 0 ? "profile regression (log)" : "profile regression";

    /// <inheritdoc/>
    public string Switch => transform == 0 ? "regression-log" : "regression";

    /// <inheritdoc/>
    public bool Recallable => false;

    /// <summary>None: its numbers are kept by the series in arrays of their own, since the coefficients are of double precision.</summary>
    public int MemorySize(Cadence cadence) => 0;

    /// <inheritdoc/>
    public void Learn(Workspace work, SeriesState series, Span<float> memory, int i)
    {
        var number = series.First + i;
        if (number < series.LearnFrom || (number - series.LearnFrom) % Cadence.Batch != Cadence.Batch - 1)
        {
            return;
        }

        var cadence = series.Cadence;
        if (!ReferenceEquals(prepared, cadence))
        {
            Prepare(cadence);
        }

        for (var g = 0; g < cadence.Grid.Length; g++)
        {
            LearnBatch(work.Scales[transform], work.Known, series, g, i);
        }
    }

    /// <inheritdoc/>
    public void Project(Workspace work, SeriesState series, ReadOnlySpan<float> memory, int t, ReadOnlySpan<int> horizons, Span<double> into)
    {
        var scale = work.Scales[transform];
        var grid = series.Cadence.Grid.Length;
        Features.FillOrigin(scale, series.Cadence, t, features);
        for (var k = 0; k < horizons.Length; k++)
        {
            Features.FillTarget(scale, series.Cadence, t, horizons[k], features);
            var (low, share) = series.Cadence.Locate(horizons[k]);
            var beta = series.Beta.AsSpan(((transform * grid) + low) * Features.Count);
            double z = scale.DayMean[t];
            for (var f = 0; f < Features.Count; f++)
            {
                z += features[f] * (share > 0 ? ((1 - share) * beta[f]) + (share * beta[Features.Count + f]) : beta[f]);
            }

            into[k] = series.ToValue(transform, z);
        }
    }

    private void LearnBatch(Scale scale, bool[] known, SeriesState series, int g, int i)
    {
        var cadence = series.Cadence;
        var h = cadence.Grid[g];
        var at = (transform * cadence.Grid.Length) + g;
        var gram = series.Gram.AsSpan(at * SeriesState.Packed, SeriesState.Packed);
        var cross = series.Cross.AsSpan(at * Features.Count, Features.Count);
        var beta = series.Beta.AsSpan(at * Features.Count, Features.Count);
        var prior = priors.AsSpan(g * Features.Count, Features.Count);
        var expectation = expectations.AsSpan(g * Row, Row);
        for (var k = 0; k < Features.Count; k++)
        {
            inForce[k] = (float)beta[k];
        }

        var (a, total, count) = (series.Huber[at], 0.0, 0);
        for (var target = Math.Max(h, i - Cadence.Batch + 1); target <= i; target++)
        {
            var t = target - h;
            if (!known[target] || series.First + t < series.LearnFrom)
            {
                continue;
            }

            var x = rows.AsSpan(count * Row, Row);
            x[Row - 2] = 0;
            Features.FillOrigin(scale, cadence, t, x);
            Features.FillTarget(scale, cadence, t, h, x);
            var goal = scale.Z[target] - scale.DayMean[t];
            double r = Math.Abs(goal - Ridge.Dot(inForce, x));
            x[Row - 2] = goal - Ridge.Dot(expectation, x);
            weights[count++] = r <= 2 * a ? 1 : (float)(2 * a / r);
            total += Math.Min(r, 6 * a);
        }

        Ridge.AddBatch(gram, cross, (float)forgetting.Of(cadence.Day), rows, weights.AsSpan(0, count));
        if (count == 0)
        {
            return;
        }

        var slow = sizes.Of(cadence.Day);
        series.Huber[at] = Math.Max(1e-4, (slow * a) + ((1 - slow) * total / count));
        var full = options.RidgeDays * cadence.Day / Math.Log(2);
        var ridge = (options.Ridge * Math.Max(Ridge.Trace(gram, Features.Count) / Features.Count / full, 1e-4)) + 1e-8;
        Ridge.Solve(gram, cross, ridge, prior, beta);
    }

    private void Prepare(Cadence cadence)
    {
        prepared = cadence;
        priors = new double[cadence.Grid.Length * Features.Count];
        expectations = new float[cadence.Grid.Length * Row];
        for (var g = 0; g < cadence.Grid.Length; g++)
        {
            var prior = priors.AsSpan(g * Features.Count, Features.Count);
            Prior.At(cadence, transform, cadence.Grid[g], prior);
            for (var k = 0; k < Features.Count; k++)
            {
                expectations[(g * Row) + k] = (float)prior[k];
            }
        }
    }
}
