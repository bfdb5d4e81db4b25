using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Forecasting.Models;

/// <summary>Everything stays as it is.</summary>
internal sealed class LastValue : IExpert
{
    /// <inheritdoc/>
    public string Name => "last value";

    /// <inheritdoc/>
    public string Switch => "last";

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
        into[..horizons.Length].Fill(work.Values[t]);
}
