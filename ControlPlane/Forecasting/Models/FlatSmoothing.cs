using System.Globalization;
using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Forecasting.Models;

/// <summary>The exponential mean of the values, without season or trend.</summary>
/// <param name="level">Which of <see cref="Workspace.Alphas"/>.</param>
internal sealed class FlatSmoothing(int level) : IExpert
{
    /// <inheritdoc/>
    public string Name => $"smoothing {Workspace.Alphas[level].ToString(CultureInfo.InvariantCulture)}";

    /// <inheritdoc/>
    public string Switch => $"smoothing-{Workspace.Alphas[level].ToString(CultureInfo.InvariantCulture)}";

    /// <inheritdoc/>
    public bool Recallable => true;

    /// <inheritdoc/>
    public int MemorySize(Cadence cadence) => 0;

    /// <inheritdoc/>
    public void Learn(Workspace work, SeriesState series, Span<float> memory, int i)
    {
    }

    /// <inheritdoc/>
    public void Project(Workspace work, SeriesState series, ReadOnlySpan<float> memory, int t, ReadOnlySpan<int> horizons, Span<double> into) =>
        into[..horizons.Length].Fill(work.Levels[level][t]);
}
