namespace ShardConsole.ControlPlane.Forecasting.Streaming;

/// <summary>Linear algebra of a small symmetric system, packed lower triangle row by row. Nothing is allocated.</summary>
internal static class Ridge
{
    /// <summary>A ← A + ω x xᵀ, b ← b + ω x r.</summary>
    public static void Add(Span<float> gram, Span<float> cross, ReadOnlySpan<double> x, double weight, double target)
    {
        var at = 0;
        for (var i = 0; i < x.Length; i++)
        {
            var scaled = weight * x[i];
            for (var j = 0; j <= i; j++)
            {
                gram[at++] += (float)(scaled * x[j]);
            }

            cross[i] += (float)(scaled * target);
        }
    }

    /// <summary>Multiplies A and b.</summary>
    public static void Decay(Span<float> gram, Span<float> cross, float factor)
    {
        for (var i = 0; i < gram.Length; i++)
        {
            gram[i] *= factor;
        }

        for (var i = 0; i < cross.Length; i++)
        {
            cross[i] *= factor;
        }
    }

    /// <summary>beta ← prior + (A + ρI)⁻¹ b, by Cholesky. False, and beta as it was, where the matrix is not positive definite.</summary>
    public static bool Solve(ReadOnlySpan<float> gram, ReadOnlySpan<float> cross, double ridge, ReadOnlySpan<double> prior, Span<double> beta)
    {
        Span<double> ridges = stackalloc double[cross.Length];
        ridges.Fill(ridge);
        return Solve(gram, cross, ridges, prior, beta);
    }

    /// <summary>The same with a penalty of its own for each coefficient.</summary>
    public static bool Solve(ReadOnlySpan<float> gram, ReadOnlySpan<float> cross, ReadOnlySpan<double> ridge, ReadOnlySpan<double> prior, Span<double> beta)
    {
        var n = cross.Length;
        Span<double> factor = stackalloc double[gram.Length];
        Span<double> y = stackalloc double[n];
        for (var i = 0; i < n; i++)
        {
            var row = i * (i + 1) / 2;
            for (var j = 0; j <= i; j++)
            {
                var other = j * (j + 1) / 2;
                double sum = gram[row + j] + (i == j ? ridge[i] : 0);
                for (var k = 0; k < j; k++)
                {
                    sum -= factor[row + k] * factor[other + k];
                }

                if (i == j && !(sum > 0))
                {
                    return false;
                }

                factor[row + j] = i == j ? Math.Sqrt(sum) : sum / factor[other + j];
            }

            double rest = cross[i];
            for (var k = 0; k < i; k++)
            {
                rest -= factor[row + k] * y[k];
            }

            y[i] = rest / factor[row + i];
        }

        for (var i = n - 1; i >= 0; i--)
        {
            var rest = y[i];
            for (var k = i + 1; k < n; k++)
            {
                rest -= factor[(k * (k + 1) / 2) + i] * y[k];
            }

            y[i] = rest / factor[(i * (i + 1) / 2) + i];
        }

        for (var i = 0; i < n; i++)
        {
            beta[i] = prior[i] + y[i];
        }

        return true;
    }

    /// <summary>Trace of a packed matrix.</summary>
    public static double Trace(ReadOnlySpan<float> gram, int n)
    {
        double trace = 0;
        for (var i = 0; i < n; i++)
        {
            trace += gram[(i * (i + 1) / 2) + i];
        }

        return trace;
    }
}
