using ShardConsole.ControlPlane.Forecasting.Combining;
using ShardConsole.ControlPlane.Forecasting.Models;
using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Forecasting;

/// <summary>How good the forecasts that were really issued were, one horizon ahead, over the last days (decayed), all segments asked about together.</summary>
/// <param name="LeadMinutes">How far ahead.</param>
/// <param name="MeanError">Mean absolute error of the combination, metric's unit.</param>
/// <param name="YardstickError">The same of repeating yesterday, over the same segments.</param>
/// <param name="Skill">1 − MeanError ÷ YardstickError; NaN while nothing can be compared.</param>
/// <param name="Weights">Per expert: its mean weight in the combination now, by <see cref="Experts.Names"/>; they sum to 1. Empty while nothing can be compared.</param>
/// <param name="ExpertSkills">Per expert: its own skill over the segments where it was judged.</param>
/// <param name="Coverage">Of the bands that promise <see cref="BandCoverage.Promised"/>; NaN unknown.</param>
internal sealed record HorizonQuality(
    int LeadMinutes, double MeanError, double YardstickError, double Skill, IReadOnlyDictionary<string, double> Weights, IReadOnlyDictionary<string, double> ExpertSkills, IReadOnlyList<double> Coverage)
{
    /// <summary>Sums a grid horizon over the segments.</summary>
    public static HorizonQuality Of(int leadMinutes, int g, IReadOnlyList<SeriesState> states, StreamOptions options)
    {
        double own = 0, yardstick = 0;
        var compared = 0;
        var (weigher, weights, sums) = (new ExpertWeights(options), new double[Experts.Count], new double[Experts.Count]);
        var (errors, yardsticks) = (new double[Experts.Count], new double[Experts.Count]);
        foreach (var state in states)
        {
            var at = g * Experts.Judged;
            if (state.ErrorCount[at + Experts.Combined] < 1 || state.ErrorCount[at + Experts.Yesterday] < 1)
            {
                continue;
            }

            compared++;
            var naive = Mean(state, at + Experts.Yesterday);
            own += Mean(state, at + Experts.Combined);
            yardstick += naive;
            weigher.Fill(state, g, weights);
            for (var e = 0; e < Experts.Count; e++)
            {
                sums[e] += weights[e];
                if (state.ErrorCount[at + e] >= 1)
                {
                    errors[e] += Mean(state, at + e);
                    yardsticks[e] += naive;
                }
            }
        }

        var all = Enumerable.Range(0, Experts.Count).ToArray();
        return new HorizonQuality(
            leadMinutes, own / Math.Max(1, compared), yardstick / Math.Max(1, compared), yardstick > 0 ? 1 - (own / yardstick) : double.NaN,
            all.Where(e => sums[e] > 0).ToDictionary(e => Experts.Names[e], e => sums[e] / compared),
            all.Where(e => yardsticks[e] > 0).ToDictionary(e => Experts.Names[e], e => 1 - (errors[e] / yardsticks[e])),
            BandCoverage.Of(g, states));
    }

    private static double Mean(SeriesState state, int at) => state.ErrorSum[at] / state.ErrorCount[at];
}
