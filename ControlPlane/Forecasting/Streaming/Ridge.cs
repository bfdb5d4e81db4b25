using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ShardConsole.ControlPlane.Forecasting.Streaming;

/// <summary>
/// Linear algebra of a small symmetric system, packed lower triangle row by row. Nothing is allocated. Vectors are of a fixed width and nothing is fused, so that every
/// machine finds the same bits.
/// </summary>
internal static class Ridge
{
    /// <summary>Numbers in a row of <see cref="AddBatch"/>: the features, the target behind them, zeros.</summary>
    public const int Row = 16;

    private const int Floats = 8;
    private const int Doubles = 4;

    /// <summary>A ← A + ω x xᵀ, b ← b + ω x r.</summary>
    public static void Add(Span<float> gram, Span<float> cross, ReadOnlySpan<float> x, float weight, float target)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(gram.Length, x.Length * (x.Length + 1) / 2);
        ref var a = ref MemoryMarshal.GetReference(gram);
        ref var values = ref MemoryMarshal.GetReference(x);
        var at = 0;
        for (var i = 0; i < x.Length; at += ++i)
        {
            var scaled = weight * x[i];
            if (scaled == 0)
            {
                continue;
            }

            var j = 0;
            for (var many = Vector256.Create(scaled); j + Floats <= i + 1; j += Floats)
            {
                var sum = Vector256.LoadUnsafe(ref a, (nuint)(at + j)) + (many * Vector256.LoadUnsafe(ref values, (nuint)j));
                sum.StoreUnsafe(ref a, (nuint)(at + j));
            }

            for (; j <= i; j++)
            {
                Unsafe.Add(ref a, at + j) += scaled * Unsafe.Add(ref values, j);
            }

            cross[i] += scaled * target;
        }
    }

    /// <summary>A ← λ A + Σ ω x xᵀ, b ← λ b + Σ ω x r over a batch of observations.</summary>
    /// <param name="keep">λ.</param>
    /// <param name="rows"><see cref="Row"/> numbers per observation: x, then r at place Row - 2.</param>
    /// <param name="weights">ω, one per observation.</param>
    public static void AddBatch(Span<float> gram, Span<float> cross, float keep, ReadOnlySpan<float> rows, ReadOnlySpan<float> weights)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(cross.Length, Row - 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows.Length, weights.Length * Row);
        ref var x = ref MemoryMarshal.GetReference(rows);
        Span<float> sums = stackalloc float[Row];
        ref var whole = ref MemoryMarshal.GetReference(sums);
        var at = 0;
        for (var i = 0; i < cross.Length; i++)
        {
            var (low, high) = (Vector256<float>.Zero, Vector256<float>.Zero);
            for (var k = 0; k < weights.Length; k++)
            {
                var scaled = Vector256.Create(weights[k] * Unsafe.Add(ref x, (k * Row) + i));
                low += scaled * Vector256.LoadUnsafe(ref x, (nuint)(k * Row));
                high += scaled * Vector256.LoadUnsafe(ref x, (nuint)((k * Row) + Floats));
            }

            low.StoreUnsafe(ref whole);
            high.StoreUnsafe(ref whole, Floats);
            for (var j = 0; j <= i; j++, at++)
            {
                gram[at] = (gram[at] * keep) + sums[j];
            }

            cross[i] = (cross[i] * keep) + sums[Row - 2];
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

    /// <summary>Σ a b.</summary>
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(b.Length, a.Length);
        ref var x = ref MemoryMarshal.GetReference(a);
        ref var y = ref MemoryMarshal.GetReference(b);
        var sums = Vector256<float>.Zero;
        var i = 0;
        for (; i + Floats <= a.Length; i += Floats)
        {
            sums += Vector256.LoadUnsafe(ref x, (nuint)i) * Vector256.LoadUnsafe(ref y, (nuint)i);
        }

        var half = sums.GetLower() + sums.GetUpper();
        var sum = (half[0] + half[1]) + (half[2] + half[3]);
        for (; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    /// <summary>beta ← prior + (A + ρI)⁻¹ b. False, and beta as it was, where the matrix is not positive definite.</summary>
    public static bool Solve(ReadOnlySpan<float> gram, ReadOnlySpan<float> cross, double ridge, ReadOnlySpan<double> prior, Span<double> beta)
    {
        Span<double> ridges = stackalloc double[cross.Length];
        ridges.Fill(ridge);
        return Solve(gram, cross, ridges, prior, beta);
    }

    /// <summary>The same with a penalty of its own for each coefficient.</summary>
    public static bool Solve(ReadOnlySpan<float> gram, ReadOnlySpan<float> cross, ReadOnlySpan<double> ridge, ReadOnlySpan<double> prior, Span<double> beta)
    {
        // Elimination of the upper triangle, whose rows lie in a piece, with b as one more column. What gathers below the diagonal is never read.
        var n = cross.Length;
        ArgumentOutOfRangeException.ThrowIfNotEqual(gram.Length, n * (n + 1) / 2);
        var stride = (n + Doubles) / Doubles * Doubles;
        Span<double> rows = stackalloc double[n * stride];
        for (int i = 0, from = 0; i < n; from += ++i)
        {
            for (var j = 0; j <= i; j++)
            {
                rows[(j * stride) + i] = gram[from + j];
            }

            rows[(i * stride) + i] += ridge[i];
            rows[(i * stride) + n] = cross[i];
        }

        ref var a = ref MemoryMarshal.GetReference(rows);
        for (var j = 0; j < n; j++)
        {
            var pivot = rows[(j * stride) + j];
            if (!(pivot > 0))
            {
                return false;
            }

            ref var above = ref Unsafe.Add(ref a, j * stride);
            var inverse = 1 / pivot;
            for (var i = j + 1; i < n; i++)
            {
                var factor = Vector256.Create(Unsafe.Add(ref above, i) * inverse);
                ref var row = ref Unsafe.Add(ref a, i * stride);
                for (var k = i / Doubles * Doubles; k < stride; k += Doubles)
                {
                    var rest = Vector256.LoadUnsafe(ref row, (nuint)k) - (factor * Vector256.LoadUnsafe(ref above, (nuint)k));
                    rest.StoreUnsafe(ref row, (nuint)k);
                }
            }
        }

        Span<double> y = stackalloc double[n];
        for (var i = n - 1; i >= 0; i--)
        {
            var rest = rows[(i * stride) + n];
            for (var k = i + 1; k < n; k++)
            {
                rest -= rows[(i * stride) + k] * y[k];
            }

            y[i] = rest / rows[(i * stride) + i];
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
