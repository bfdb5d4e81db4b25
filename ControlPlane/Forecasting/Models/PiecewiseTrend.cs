using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Forecasting.Models;

/// <summary>
/// Prophet's model: a trend in straight pieces with change points over the first four fifths of the history, Fourier terms of day (order 4) and week (order 3), its
/// coefficients the most probable ones under normal priors and a Laplace prior on the changes of slope. The normal equations grow with each value; they are solved
/// four times a day. The trend goes on with its last slope.
/// </summary>
internal sealed class PiecewiseTrend : IExpert
{
    private const int Transform = 1;
    private const int Daily = 4;
    private const int Weekly = 3;
    private const int Changes = 20;
    private const int Base = 2;
    private const int Terms = Base + (2 * (Daily + Weekly)) + Changes;
    private const int FirstChange = Terms - Changes;
    private const int Packed = Terms * (Terms + 1) / 2;
    private const int Cross = Packed;
    private const int Beta = Cross + Terms;

    // Behind the coefficients: sum of squares, weight, length of the time axis in steps.
    private const int Tally = Beta + Terms;

    /// <summary>Share of the history that change points may lie in.</summary>
    private const double ChangeRange = 0.8;

    /// <summary>Prior scale of a change of slope, in ranges of the values per history.</summary>
    private const double ChangeScale = 0.05;

    /// <summary>Rounds of reweighting by which the Laplace prior is met.</summary>
    private const int Rounds = 4;

    // Where change points lie on the time axis.
    private static readonly float[] Places = [.. Enumerable.Range(1, Changes).Select(c => (float)(ChangeRange * c / (Changes + 1)))];

    private readonly Waves waves = new(Daily, Weekly);
    private readonly float[] x = new float[Terms];
    private readonly double[] none = new double[Terms];
    private readonly double[] beta = new double[Terms];
    private readonly double[] penalties = new double[Terms];

    /// <inheritdoc/>
    public string Name => "piecewise trend and seasons (Prophet)";

    /// <inheritdoc/>
    public string Switch => "prophet";

    /// <inheritdoc/>
    public bool Recallable => false;

    /// <inheritdoc/>
    public int MemorySize(Cadence cadence) => Tally + 3;

    /// <inheritdoc/>
    public void Learn(Workspace work, SeriesState series, Span<float> memory, int i)
    {
        var d = series.Cadence.Day;
        if (i == 0)
        {
            memory[Tally + 2] = Math.Max(series.Length, 2);
        }

        // A third of fine steps tells as much of trend and low harmonics.
        if (work.Known[i] && (d < 96 || i % 3 == 0))
        {
            var z = work.Scales[Transform].Z[i];
            Fill(series, memory, i);
            Ridge.Add(memory[..Cross], memory[Cross..Beta], x, 1, z);
            memory[Tally] += z * z;
            memory[Tally + 1]++;
        }

        var every = Math.Max(1, Math.Min(d / 4, (i + 1) / 4));
        if (i % every == every - 1)
        {
            Solve(series, memory);
        }
    }

    /// <inheritdoc/>
    public void Project(Workspace work, SeriesState series, ReadOnlySpan<float> memory, int t, ReadOnlySpan<int> horizons, Span<double> into)
    {
        for (var k = 0; k < horizons.Length; k++)
        {
            if (memory[Tally + 1] < 3)
            {
                into[k] = double.NaN;
                continue;
            }

            Fill(series, memory, t + horizons[k]);
            into[k] = series.ToValue(Transform, Ridge.Dot(memory.Slice(Beta, Terms), x));
        }
    }

    // The time axis runs from 0 at the fit's first value to 1 at its last; changes lie on it, and those ahead are not there yet.
    private void Fill(SeriesState series, ReadOnlySpan<float> memory, int i)
    {
        var learnt = series.FittedAt - (long)memory[Tally + 2];
        var time = (float)((series.First + i - learnt) / (double)memory[Tally + 2]);
        x[0] = 1;
        x[1] = time;
        waves.Fill(series.Cadence, series.First + i, x.AsSpan(Base));
        for (var c = 0; c < Changes; c++)
        {
            x[FirstChange + c] = Math.Max(0, time - Places[c]);
        }
    }

    private void Solve(SeriesState series, Span<float> memory)
    {
        var n = memory[Tally + 1];
        if (n < 3)
        {
            return;
        }

        var range = Math.Max(1e-3, series.High[Transform] - series.Low[Transform]);
        var days = n * (series.Cadence.Day < 96 ? 1.0 : 3) / series.Cadence.Day;
        var noise = Math.Max(1e-4 * memory[Tally] / n, 1e-8);
        for (var c = 0; c < Terms; c++)
        {
            beta[c] = memory[Beta + c];
        }

        for (var round = 0; round < Rounds; round++)
        {
            if (round > 0)
            {
                noise = Math.Max(Noise(memory, n), 1e-8);
            }

            for (var c = 0; c < Terms; c++)
            {
                // As Prophet does, a season is left out until two of it have been seen.
                var season = c < Base ? 0 : c < Base + (2 * Daily) ? 2 : 14;
                var spread = c < Base ? 5 * range : 10 * range;
                penalties[c] = c >= FirstChange
                    ? noise / (ChangeScale * range * Math.Max(Math.Abs(beta[c]), 1e-3 * range))
                    : days < season ? 1e12 : noise / (spread * spread);
            }

            if (!Ridge.Solve(memory[..Cross], memory[Cross..Beta], penalties, none, beta))
            {
                return;
            }
        }

        for (var c = 0; c < Terms; c++)
        {
            memory[Beta + c] = (float)beta[c];
        }
    }

    // Mean square of what the coefficients leave: (yy - 2 βb + βAβ) / n.
    private double Noise(ReadOnlySpan<float> memory, double n)
    {
        double sum = memory[Tally];
        var at = 0;
        for (var i = 0; i < Terms; i++)
        {
            sum -= 2 * beta[i] * memory[Cross + i];
            for (var j = 0; j <= i; j++)
            {
                sum += (i == j ? 1 : 2) * beta[i] * beta[j] * memory[at++];
            }
        }

        return sum / n;
    }
}
