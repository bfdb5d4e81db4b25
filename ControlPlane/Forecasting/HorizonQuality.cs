using ShardConsole.ControlPlane.Forecasting.Models;
using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Forecasting;

/// <summary>How good the forecasts that were really issued were, one horizon ahead, over the last days (decayed), all segments together.</summary>
/// <param name="Lead">How far ahead.</param>
/// <param name="MeanError">Mean absolute error of the combination, metric's unit.</param>
/// <param name="YardstickError">The same of repeating yesterday, over the same segments.</param>
/// <param name="Skill">1 − MeanError ÷ YardstickError; NaN while nothing can be compared.</param>
/// <param name="Weights">Per expert: share of the segments that it is best in, by <see cref="Experts.Names"/>.</param>
internal sealed record HorizonQuality(TimeSpan Lead, double MeanError, double YardstickError, double Skill, IReadOnlyDictionary<string, double> Weights)
{
    /// <summary>Sums a grid horizon over the segments.</summary>
    public static HorizonQuality Of(TimeSpan lead, int g, IReadOnlyList<SeriesState> states)
    {
        double own = 0, yardstick = 0;
        var compared = 0;
        var best = new int[Experts.Count];
        foreach (var state in states)
        {
            var at = g * Experts.Judged;
            if (state.ErrorCount[at + Experts.Combined] < 1 || state.ErrorCount[at + Experts.Yesterday] < 1)
            {
                continue;
            }

            compared++;
            own += state.ErrorSum[at + Experts.Combined] / state.ErrorCount[at + Experts.Combined];
            yardstick += state.ErrorSum[at + Experts.Yesterday] / state.ErrorCount[at + Experts.Yesterday];
            best[Best(state, at)]++;
        }

        var shares = Enumerable.Range(0, Experts.Count).Where(e => best[e] > 0).ToDictionary(e => Experts.Names[e], e => (double)best[e] / compared);
        return new HorizonQuality(lead, own / Math.Max(1, compared), yardstick / Math.Max(1, compared), yardstick > 0 ? 1 - (own / yardstick) : double.NaN, shares);
    }

    private static int Best(SeriesState state, int at)
    {
        var (best, least) = (Experts.Last, double.MaxValue);
        for (var e = 0; e < Experts.Count; e++)
        {
            var count = state.ErrorCount[at + e];
            if (count > 0 && state.ErrorSum[at + e] / count < least)
            {
                (best, least) = (e, state.ErrorSum[at + e] / count);
            }
        }

        return best;
    }
}
