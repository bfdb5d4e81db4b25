using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Forecasting.Models;

/// <summary>
/// The Theta method on logarithms: the daily profile taken off, a simple exponential smoothing whose constant is the one with the least one-step errors of late,
/// half the slope of a (forgetting) straight line as its drift, and the profile put on again.
/// </summary>
internal sealed class Theta : IExpert
{
    private const int Transform = 0;

    /// <summary>Half-life of the straight line, days.</summary>
    private const double LineDays = 7;

    // Per constant: level, decayed error. Then the line: weight, time, value, time², time × value (time counted back from now, in days).
    private const int Line = 2 * 6;

    private static readonly double[] Constants = [0.05, 0.12, 0.25, 0.45, 0.7, 0.95];

    private readonly Halving slow = new(LineDays);
    private readonly Halving fast = new(0.5);

    /// <inheritdoc/>
    public string Name => "Theta";

    /// <inheritdoc/>
    public string Switch => "theta";

    /// <inheritdoc/>
    public bool Recallable => false;

    /// <inheritdoc/>
    public int MemorySize(Cadence cadence) => Line + 5;

    /// <inheritdoc/>
    public void Learn(Workspace work, SeriesState series, Span<float> memory, int i)
    {
        var scale = work.Scales[Transform];
        var d = series.Cadence.Day;
        var profile = ProfileAt(scale, i - d, scale.DayMean[i]);
        var flat = scale.Z[i] - profile;
        var line = memory[Line..];
        var step = 1.0 / d;
        var keep = slow.Of(d);

        // Time runs back from now: one step makes every earlier time one step more negative.
        line[4] = (float)(keep * (line[4] - (step * line[2])));
        line[3] = (float)(keep * (line[3] - (2 * step * line[1]) + (step * step * line[0])));
        line[1] = (float)(keep * (line[1] - (step * line[0])));
        line[2] = (float)((keep * line[2]) + flat);
        line[0] = (float)((keep * line[0]) + 1);
        if (!work.Known[i])
        {
            return;
        }

        var forget = fast.Of(d);
        for (var c = 0; c < Constants.Length; c++)
        {
            var error = flat - memory[2 * c];
            memory[(2 * c) + 1] = (float)((forget * memory[(2 * c) + 1]) + (i == 0 ? 0 : Math.Abs(error)));
            memory[2 * c] += (float)((i == 0 ? 1 : Constants[c]) * error);
        }
    }

    /// <inheritdoc/>
    public void Project(Workspace work, SeriesState series, ReadOnlySpan<float> memory, int t, ReadOnlySpan<int> horizons, Span<double> into)
    {
        var scale = work.Scales[Transform];
        var d = series.Cadence.Day;
        var best = 0;
        for (var c = 1; c < Constants.Length; c++)
        {
            best = memory[(2 * c) + 1] < memory[(2 * best) + 1] ? c : best;
        }

        var drift = 0.5 * Slope(memory[Line..]);
        for (var k = 0; k < horizons.Length; k++)
        {
            var at = t + horizons[k] - ((horizons[k] + d - 1) / d * d);
            var profile = ProfileAt(scale, Math.Min(at, t - series.Cadence.SmoothHalf), scale.DayMean[t]);
            var ahead = (horizons[k] - 1 + (1 / Constants[best])) / d;
            into[k] = series.ToValue(Transform, memory[2 * best] + (drift * ahead) + profile);
        }
    }

    private static double ProfileAt(Scale scale, int newest, double level) => scale.DayProfile(newest, level) - level;

    // Per day; 0 while the line is too short to have one.
    private static double Slope(ReadOnlySpan<float> line)
    {
        var spread = line[0] > 0 ? line[3] - ((double)line[1] * line[1] / line[0]) : 0;
        return spread > 0.05 * line[0] ? (line[4] - ((double)line[1] * line[2] / line[0])) / spread : 0;
    }
}
