namespace ShardConsole.ControlPlane.Scoring;

/// <summary>Operations of a segment in some stretch of time.</summary>
/// <param name="Kib">Bytes in and out, KiB.</param>
internal readonly record struct Operations(double Reads, double Writes, double Kib);

/// <summary>What operations of one segment cost, CPU microseconds.</summary>
/// <param name="Read">Of a read.</param>
/// <param name="Write">Of a write.</param>
/// <param name="Kib">Of a KiB in or out.</param>
/// <param name="Factor">How many times as dear as on its node its operations are; part of the others already.</param>
internal readonly record struct OperationPrices(double Read, double Write, double Kib, double Factor)
{
    /// <summary>What operations cost together.</summary>
    public double Of(Operations operations) => (Read * operations.Reads) + (Write * operations.Writes) + (Kib * operations.Kib);
}

/// <summary>
/// Learns what reads, writes and bytes cost from measured CPU: a robust regression (Huber weights) over all segments of all nodes that forgets, and per segment a factor that is drawn to 1
/// while little was seen of it. Constant time and two numbers per segment. Deterministic; not safe for concurrent use.
/// </summary>
/// <param name="segments">Number of segments.</param>
internal sealed class CostModel(int segments)
{
    private const int Terms = 3;

    /// <summary>Assumed until measured, µs: a read, a write, a KiB.</summary>
    private static readonly double[] Assumed = [20, 60, 1];

    /// <summary>What is kept of all that was seen with each observation: half is forgotten after about 7000, some minutes of a busy node.</summary>
    private const double Keep = 0.9999;

    /// <summary>What is kept of a segment's own with each of its observations: half is forgotten after about 140.</summary>
    private const double KeepOwn = 0.995;

    /// <summary>CPU that the node's prices weigh against a segment's own, µs: a few thousand operations.</summary>
    private const double Shrinkage = 100_000;

    /// <summary>Weight of the assumed prices, observations of a hundred operations.</summary>
    private const double Prior = 2;

    private const double Clip = 2;

    private readonly double[,] gram = new double[Terms, Terms];
    private readonly double[] cross = new double[Terms];
    private readonly double[] prices = [.. Assumed];
    private readonly double[] spent = new double[segments];
    private readonly double[] expected = new double[segments];
    private double usual;
    private double weight;
    private int unsolved;

    /// <summary>Takes what a segment did and what it cost.</summary>
    /// <param name="cpuMicros">Measured CPU, µs, at least 0.</param>
    public void Add(int segment, Operations operations, double cpuMicros)
    {
        double[] x = [operations.Reads, operations.Writes, operations.Kib];
        var count = operations.Reads + operations.Writes;
        if (!(count > 0))
        {
            return;
        }

        // Errors grow with the root of what is done: divided by it, busy and quiet segments are judged alike.
        var root = Math.Sqrt(count);
        var fitted = Price(x);
        var error = Math.Abs(cpuMicros - fitted) / root;
        var limit = weight > 20 ? Clip * usual / weight : double.MaxValue;
        var trust = error <= limit ? 1 : limit / error;
        usual = (Keep * usual) + Math.Min(error, 2 * limit);
        weight = (Keep * weight) + 1;
        for (var i = 0; i < Terms; i++)
        {
            for (var j = 0; j < Terms; j++)
            {
                gram[i, j] = (Keep * gram[i, j]) + (trust * x[i] * x[j] / count);
            }

            cross[i] = (Keep * cross[i]) + (trust * x[i] * cpuMicros / count);
        }

        spent[segment] = (KeepOwn * spent[segment]) + fitted + (trust * (cpuMicros - fitted));
        expected[segment] = (KeepOwn * expected[segment]) + fitted;
        if (++unsolved >= 64)
        {
            Solve();
        }
    }

    /// <summary>The prices of a segment as they stand, each at least 0.</summary>
    public OperationPrices Of(int segment)
    {
        Solve();
        var factor = (spent[segment] + Shrinkage) / (expected[segment] + Shrinkage);
        return new OperationPrices(prices[0] * factor, prices[1] * factor, prices[2] * factor, factor);
    }

    private double Price(double[] x) => (prices[0] * x[0]) + (prices[1] * x[1]) + (prices[2] * x[2]);

    // Least squares drawn to the assumed prices; one that comes out below 0 is 0 and the others are found anew without it.
    private void Solve()
    {
        if (unsolved == 0)
        {
            return;
        }

        unsolved = 0;
        var free = Enumerable.Range(0, Terms).ToList();
        while (free.Count > 0)
        {
            var solution = Solve(free);
            var below = free.Where((_, k) => solution[k] < 0).ToList();
            Array.Clear(prices);
            for (var k = 0; k < free.Count; k++)
            {
                prices[free[k]] = Math.Max(0, solution[k]);
            }

            if (below.Count == 0)
            {
                return;
            }

            free = [.. free.Except(below)];
        }
    }

    // Elimination without pivots: the prior keeps the matrix positive definite.
    private double[] Solve(List<int> free)
    {
        var n = free.Count;
        var a = new double[n, n + 1];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                a[i, j] = gram[free[i], free[j]] + (i == j ? Prior * 100 : 0);
            }

            a[i, n] = cross[free[i]] + (Prior * 100 * Assumed[free[i]]);
        }

        for (var p = 0; p < n; p++)
        {
            for (var i = p + 1; i < n; i++)
            {
                var factor = a[i, p] / a[p, p];
                for (var j = p; j <= n; j++)
                {
                    a[i, j] -= factor * a[p, j];
                }
            }
        }

        var solution = new double[n];
        for (var i = n - 1; i >= 0; i--)
        {
            var rest = a[i, n];
            for (var j = i + 1; j < n; j++)
            {
                rest -= a[i, j] * solution[j];
            }

            solution[i] = rest / a[i, i];
        }

        return solution;
    }
}
