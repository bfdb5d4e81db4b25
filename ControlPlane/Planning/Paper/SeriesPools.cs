using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.ControlPlane.Scoring;

namespace ShardConsole.ControlPlane.Planning.Paper;

/// <summary>
/// Which segments are forecast alone and which together: the heaviest alone, runs of light ones as one series whose forecast is shared out by what each brought in the last
/// day. A replay of weeks would take too long with a series for each segment. The own errors of those in a pool are taken to be independent and alike.
/// </summary>
internal sealed class SeriesPools
{
    private readonly int[] poolOf;
    private readonly int[] sizes;

    /// <param name="loads">By whose sums the segments are told apart.</param>
    /// <param name="until">Steps that count: those that are over.</param>
    /// <param name="most">Largest number of series, at least 2.</param>
    public SeriesPools(PaperLoads loads, int until, int most)
    {
        var segments = loads.Lead.Count == 0 ? 0 : loads.Lead[0].Length;
        poolOf = new int[segments];
        if (segments <= most)
        {
            poolOf = [.. Enumerable.Range(0, segments)];
            sizes = [.. poolOf.Select(_ => 1)];
            return;
        }

        var alone = Enumerable.Range(0, segments).OrderByDescending(s => Enumerable.Range(Math.Max(0, until - ForecastSteps.BucketsPerDay), Math.Min(until, ForecastSteps.BucketsPerDay))
            .Sum(i => loads.Of(LoadRole.Lead, s, i))).ThenBy(s => s).Take(most / 2).ToHashSet();
        var (pools, others) = (most - alone.Count, segments - alone.Count);
        var (next, seen) = (pools, 0);
        for (var s = 0; s < segments; s++)
        {
            poolOf[s] = alone.Contains(s) ? next++ : (int)((long)seen++ * pools / others);
        }

        sizes = new int[next];
        foreach (var pool in poolOf)
        {
            sizes[pool]++;
        }
    }

    /// <summary>Number of series.</summary>
    public int Count => sizes.Length;

    /// <summary>A column of segments as a column of series. A pool in which nothing was measured has a gap.</summary>
    public float[] Fold(float[] column)
    {
        var folded = new float[Count];
        Array.Fill(folded, float.NaN);
        for (var s = 0; s < column.Length; s++)
        {
            if (!float.IsNaN(column[s]))
            {
                folded[poolOf[s]] = float.IsNaN(folded[poolOf[s]]) ? column[s] : folded[poolOf[s]] + column[s];
            }
        }

        return folded;
    }

    /// <summary>The series' forecast as one of the segments.</summary>
    /// <param name="weights">What each segment brought lately.</param>
    public ForecastResult Unfold(ForecastResult made, double[] weights)
    {
        var totals = new double[Count];
        for (var s = 0; s < poolOf.Length; s++)
        {
            totals[poolOf[s]] += weights[s];
        }

        // A segment that brought nothing lately, in a pool that brought nothing: its even part.
        var shares = weights.Select((w, s) => totals[poolOf[s]] > 0 ? w / totals[poolOf[s]] : 1.0 / sizes[poolOf[s]]).ToArray();
        float[] Shared(float[] column) => [.. poolOf.Select((p, s) => (float)(column[p] * shares[s]))];
        IReadOnlyList<float[]> All(IReadOnlyList<float[]> columns) => [.. columns.Select(Shared)];
        var loadings = made.Risk.Loadings.Select(All).ToArray();
        var sd = made.Risk.Sd.Select((column, k) => poolOf.Select((p, s) =>
        {
            var common = made.Risk.Loadings.Sum(f => (double)f[k][p] * f[k][p]);
            var own = Math.Max(0, ((double)column[p] * column[p]) - common) * sizes[p];
            return (float)(shares[s] * Math.Sqrt(common + own));
        }).ToArray()).ToArray();
        var frame = made.Frame with
        {
            Mean = All(made.Frame.Mean), Q10 = All(made.Frame.Q10), Q50 = All(made.Frame.Q50), Q90 = All(made.Frame.Q90),
            Models = [.. poolOf.Select(p => made.Frame.Models[p])], Errors = [.. poolOf.Select(p => made.Frame.Errors[p])],
        };
        return made with { Frame = frame, Risk = new ForecastRisk(sd, loadings), Coverage = [.. poolOf.Select(p => made.Coverage[p])] };
    }
}
