using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Forecasting.Models;

/// <summary>Repeats the last season: the same slot of the newest day, or of the newest week, that is known.</summary>
/// <param name="days">Days in the season, 1 or 7.</param>
internal sealed class Repetition(int days, string name, string commandSwitch) : IExpert
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public string Switch => commandSwitch;

    /// <inheritdoc/>
    public bool Recallable => true;

    /// <inheritdoc/>
    public int MemorySize(Cadence cadence) => 0;

    /// <inheritdoc/>
    public void Learn(Workspace work, SeriesState series, Span<float> memory, int i)
    {
    }

    /// <inheritdoc/>
    public void Project(Workspace work, SeriesState series, ReadOnlySpan<float> memory, int t, ReadOnlySpan<int> horizons, Span<double> into)
    {
        var season = days * series.Cadence.Day;
        for (var k = 0; k < horizons.Length; k++)
        {
            var at = t + horizons[k] - ((horizons[k] + season - 1) / season * season);
            into[k] = at >= 0 ? work.Values[at] : double.NaN;
        }
    }
}
