using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Forecasting.Models;

/// <summary>
/// Dynamic harmonic regression: a recursive ridge over Fourier terms of day and week, forgetting by halves in ten days, and its errors are
/// an <see cref="ArmaFit"/> of their own.
/// </summary>
/// <param name="transform">0 logarithmic, 1 linear.</param>
/// <param name="waves">Terms of day and week, <see cref="CreateWaves"/>; may be shared within a thread.</param>
internal sealed class HarmonicRegression(int transform, Waves waves) : IExpert
{
    private const int Daily = 8;
    private const int Weekly = 4;
    private const int Terms = 1 + (2 * (Daily + Weekly));
    private const int Packed = Terms * (Terms + 1) / 2;
    private const double HalfLifeDays = 10;

    /// <summary>What a term of the first harmonic is worth as prior, in observations; higher ones more, by the square of their order.</summary>
    private const double Prior = 2;

    // Memory: matrix, right side, coefficients, the fit of the errors, size of an error and its weight.
    private const int Cross = Packed;
    private const int Beta = Cross + Terms;
    private const int Errors = Beta + Terms;
    private const int Size = Errors + ArmaFit.Size;

    private readonly float[] x = new float[Terms];
    private readonly double[] none = new double[Terms];
    private readonly double[] beta = new double[Terms];
    private readonly double[] penalties = new double[Terms];
    private readonly ArmaFit fit = new();
    private readonly Halving halving = new(HalfLifeDays);
    private readonly Halving batch = new(HalfLifeDays, Cadence.Batch);

    /// <summary>The terms that the regression works with.</summary>
    public static Waves CreateWaves() => new(Daily, Weekly);

    /// <inheritdoc/>
    public string Name => transform == 0 ? "harmonic regression (log)" : "harmonic regression";

    /// <inheritdoc/>
    public string Switch => transform == 0 ? "harmonic-log" : "harmonic";

    /// <inheritdoc/>
    public bool Recallable => false;

    /// <inheritdoc/>
    public int MemorySize(Cadence cadence) => Size + 2;

    /// <inheritdoc/>
    public void Learn(Workspace work, SeriesState series, Span<float> memory, int i)
    {
        var z = work.Scales[transform].Z[i];
        var d = series.Cadence.Day;
        Fill(series.Cadence, series.First + i);
        var error = z - Ridge.Dot(memory[Beta..Errors], x);
        if (work.Known[i])
        {
            var forget = halving.Of(d);
            var usual = memory[Size + 1] > 12 ? memory[Size] / memory[Size + 1] : double.MaxValue;
            var weight = Math.Abs(error) <= 3 * usual ? 1 : 3 * usual / Math.Abs(error);
            Ridge.Add(memory[..Cross], memory[Cross..Beta], x, (float)weight, z);
            memory[Size] = (float)((memory[Size] * forget) + Math.Min(Math.Abs(error), 6 * usual));
            memory[Size + 1] = (float)((memory[Size + 1] * forget) + 1);
        }

        fit.Learn(memory[Errors..Size], error, work.Known[i], d);
        if (i % Cadence.Batch == Cadence.Batch - 1)
        {
            Solve(series, memory, i);
        }

        if (ArmaFit.IsDue(i, d))
        {
            fit.Solve(memory[Errors..Size], d);
        }
    }

    /// <inheritdoc/>
    public void Project(Workspace work, SeriesState series, ReadOnlySpan<float> memory, int t, ReadOnlySpan<int> horizons, Span<double> into)
    {
        fit.Begin(memory[Errors..Size]);
        double error = 0;
        for (int k = 0, h = 0; k < horizons.Length; k++)
        {
            for (; h < horizons[k]; h++)
            {
                error = fit.Next();
            }

            Fill(series.Cadence, series.First + t + h);
            into[k] = series.ToValue(transform, Ridge.Dot(memory[Beta..Errors], x) + error);
        }
    }

    private void Fill(Cadence cadence, long number)
    {
        x[0] = 1;
        waves.Fill(cadence, number, x.AsSpan(1));
    }

    private void Solve(SeriesState series, Span<float> memory, int i)
    {
        var d = series.Cadence.Day;
        Ridge.Decay(memory[..Cross], memory[Cross..Beta], (float)batch.Of(d));
        var days = Math.Min(HalfLifeDays, (double)(i + 1) / d);
        penalties[0] = 0.01;
        for (var k = 1; k < Terms; k++)
        {
            // Until a week has been seen its waves can hardly be told from a trend.
            var order = waves.Order(k - 1);
            penalties[k] = Prior * d / 24.0 * order * order * (k - 1 < 2 * Daily ? 1 : days < 7 ? 100 : 1);
        }

        if (Ridge.Solve(memory[..Cross], memory[Cross..Beta], penalties, none, beta))
        {
            for (var k = 0; k < Terms; k++)
            {
                memory[Beta + k] = (float)beta[k];
            }
        }
    }
}
