namespace ShardConsole.ControlPlane.Forecasting.Models;

/// <summary>
/// ARMA(p, q) of a stationary series, p up to 4 and q up to 2, by the regression of Hannan and Rissanen on lags and past errors, kept as sums that forget; the order is the
/// one with the least AICc among those that are stationary and invertible. The memory holds: sums, coefficients, newest values, newest errors, size of an error, weight.
/// </summary>
internal sealed class ArmaFit
{
    private const int P = 4;
    private const int Q = 2;
    private const int Lags = P + Q;

    // Sums of products of lags, past errors and the value itself (last).
    private const int Packed = (Lags + 1) * (Lags + 2) / 2;
    private const int Factors = Packed;
    private const int Newest = Factors + Lags;
    private const int Usual = Newest + Lags;
    private const int Weight = Usual + 1;

    /// <summary>Numbers in a memory.</summary>
    public const int Size = Weight + 1;

    private const double HalfLifeDays = 7;

    /// <summary>Share of the newest values below which a forecast has died away.</summary>
    private const double Negligible = 1e-6;

    private readonly double[] x = new double[Lags + 1];
    private readonly double[] factors = new double[Lags];
    private readonly double[] values = new double[P];
    private readonly double[] errors = new double[Q];
    private readonly double[] best = new double[Lags];
    private readonly double[] found = new double[Lags];
    private readonly Streaming.Halving halving = new(HalfLifeDays);
    private double bound;
    private double least;
    private int quiet;

    /// <summary>Whether order and coefficients are chosen anew after index <paramref name="i"/>: with each batch in the first day, then four times a day at most.</summary>
    public static bool IsDue(int i, int d)
    {
        var every = i < d ? Streaming.Cadence.Batch : Math.Max(Streaming.Cadence.Batch, d / 4);
        return i % every == every - 1;
    }

    /// <summary>A new value; returns how far it lay from the one-step forecast.</summary>
    /// <param name="known">False: it was filled in, and nothing is learnt from it.</param>
    /// <param name="d">Steps in a day.</param>
    public double Learn(Span<float> memory, double value, bool known, int d)
    {
        double expected = 0;
        for (var k = 0; k < Lags; k++)
        {
            x[k] = memory[Newest + k];
            expected += memory[Factors + k] * x[k];
        }

        var error = known ? value - expected : 0;
        if (known)
        {
            var usual = memory[Weight] > 12 ? 4 * memory[Usual] / memory[Weight] : double.MaxValue;
            var weight = Math.Abs(error) <= usual ? 1 : usual / Math.Abs(error);
            var forget = halving.Of(d);
            x[Lags] = value;
            for (int i = 0, at = 0; i <= Lags; i++)
            {
                for (var j = 0; j <= i; j++, at++)
                {
                    memory[at] = (float)((memory[at] * forget) + (weight * x[i] * x[j]));
                }
            }

            memory[Usual] = (float)((memory[Usual] * forget) + Math.Min(Math.Abs(error), usual));
            memory[Weight] = (float)((memory[Weight] * forget) + 1);
        }

        memory.Slice(Newest, P - 1).CopyTo(memory[(Newest + 1)..]);
        memory.Slice(Newest + P, Q - 1).CopyTo(memory[(Newest + P + 1)..]);
        memory[Newest] = (float)value;
        memory[Newest + P] = (float)error;
        return error;
    }

    /// <summary>Chooses order and coefficients anew.</summary>
    public void Solve(Span<float> memory, int d)
    {
        var n = memory[Weight];
        var total = memory[Packed - 1];
        if (n < Lags + 4 || total <= 0)
        {
            return;
        }

        var smallest = double.MaxValue;
        Array.Clear(best);
        for (var p = 0; p <= P; p++)
        {
            for (var q = 0; q <= Q; q++)
            {
                if (!TryFit(memory, p, q, out var rest))
                {
                    continue;
                }

                var k = p + q + 1;
                var criterion = (n * Math.Log(Math.Max(rest, 1e-9 * total) / n)) + (2 * k) + (2.0 * k * (k + 1) / Math.Max(1, n - k - 1));
                if (criterion < smallest)
                {
                    smallest = criterion;
                    found.CopyTo(best, 0);
                }
            }
        }

        for (var k = 0; k < Lags; k++)
        {
            memory[Factors + k] = (float)best[k];
        }
    }

    /// <summary>Begins a forecast from the newest value.</summary>
    public void Begin(ReadOnlySpan<float> memory)
    {
        (bound, quiet) = (0, 0);
        for (var k = 0; k < Lags; k++)
        {
            factors[k] = memory[Factors + k];
            if (k < P)
            {
                values[k] = memory[Newest + k];
                bound = Math.Max(bound, Math.Abs(values[k]));
            }
            else
            {
                errors[k - P] = memory[Newest + k];
            }
        }

        least = Negligible * bound;
    }

    /// <summary>The forecast of the next step. It stays as near as the newest values were.</summary>
    public double Next()
    {
        if (quiet >= Lags)
        {
            return 0;
        }

        // Written out: a forecast of a day is hundreds of these.
        var (f, v, e) = (factors, values, errors);
        var next = (f[0] * v[0]) + (f[1] * v[1]) + (f[2] * v[2]) + (f[3] * v[3]) + (f[P] * e[0]) + (f[P + 1] * e[1]);
        next = Math.Clamp(next, -bound, bound);
        quiet = Math.Abs(next) <= least ? quiet + 1 : 0;
        (v[3], v[2], v[1], v[0]) = (v[2], v[1], v[0], next);
        (e[1], e[0]) = (e[0], 0);
        return next;
    }

    // Least squares on the first p lags and q errors; found holds the coefficients, rest what is left of the sum of squares.
    private bool TryFit(ReadOnlySpan<float> memory, int p, int q, out double rest)
    {
        Array.Clear(found);
        rest = memory[Packed - 1];
        var n = p + q;
        if (n == 0)
        {
            return true;
        }

        Span<int> chosen = stackalloc int[n];
        for (var k = 0; k < n; k++)
        {
            chosen[k] = k < p ? k : P + k - p;
        }

        Span<float> gram = stackalloc float[n * (n + 1) / 2];
        Span<float> cross = stackalloc float[n];
        Span<double> zero = stackalloc double[n];
        Span<double> solution = stackalloc double[n];
        zero.Clear();
        var at = 0;
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                gram[at++] = memory[(chosen[i] * (chosen[i] + 1) / 2) + chosen[j]];
            }

            cross[i] = memory[(Lags * (Lags + 1) / 2) + chosen[i]];
        }

        if (!Streaming.Ridge.Solve(gram, cross, (1e-4 * rest) + 1e-9, zero, solution))
        {
            return false;
        }

        for (var k = 0; k < n; k++)
        {
            found[chosen[k]] = solution[k];
            rest -= solution[k] * cross[k];
        }

        return Stable(found.AsSpan(0, P), 1) && Stable(found.AsSpan(P, Q), -1);
    }

    // Whether a polynomial 1 - s·f1 B - s·f2 B² … has its roots outside the unit circle: all reflections of the step-down recursion are inside.
    private static bool Stable(ReadOnlySpan<double> polynomial, int sign)
    {
        Span<double> now = stackalloc double[polynomial.Length];
        Span<double> next = stackalloc double[polynomial.Length];
        for (var k = 0; k < now.Length; k++)
        {
            now[k] = sign * polynomial[k];
        }

        for (var m = now.Length - 1; m >= 0; m--)
        {
            var reflection = now[m];
            if (Math.Abs(reflection) >= 0.9999)
            {
                return false;
            }

            for (var k = 0; k < m; k++)
            {
                next[k] = (now[k] + (reflection * now[m - 1 - k])) / (1 - (reflection * reflection));
            }

            next[..m].CopyTo(now);
        }

        return true;
    }
}
