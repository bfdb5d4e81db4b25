using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Forecasting.Models;

/// <summary>
/// The profile of the last seven days, moved by how far the last hour lies from it; the move halves every sixth of a day. Within the second day there is no
/// level to compare with yet, and yesterday's shape is repeated as it was, smoothed.
/// </summary>
internal sealed class ProfileLevel : IExpert
{
    /// <inheritdoc/>
    public string Name => "profile with level";

    /// <inheritdoc/>
    public string Switch => "profile";

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
        var (linear, cadence) = (work.Scales[1], series.Cadence);
        var d = cadence.Day;
        var near = Math.Max(1, d / 24);
        var (centre, scale, newest) = (series.Centre[1], series.Scale[1], t - cadence.SmoothHalf);
        if (t - d - near < 0)
        {
            for (var k = 0; k < horizons.Length; k++)
            {
                var day = Slot(t, horizons[k], d);
                into[k] = day < 0 ? double.NaN : Math.Max(0, (linear.Smooth[Math.Max(0, Math.Min(day, newest))] * scale) + centre);
            }

            return;
        }

        double actual = 0, expected = 0;
        for (var j = 0; j < near; j++)
        {
            actual += work.Values[t - j];
            expected += linear.DayProfile(t - j - d, 0);
        }

        var deviation = (actual / near) - ((expected / near * scale) + centre);
        for (var k = 0; k < horizons.Length; k++)
        {
            var profile = linear.DayProfile(Math.Min(Slot(t, horizons[k], d), newest), 0);
            into[k] = Math.Max(0, (profile * scale) + centre + (Math.Pow(0.5, horizons[k] * 6.0 / d) * deviation));
        }
    }

    // The newest index that is a whole number of days before the target.
    private static int Slot(int t, int h, int d) => t + h - ((h + d - 1) / d * d);
}
