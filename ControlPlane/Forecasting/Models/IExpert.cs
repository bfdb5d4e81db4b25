using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Forecasting.Models;

/// <summary>
/// One way to forecast a series. It is told every value once, in order, and takes constant time for it; what it remembers of a series are plain numbers that the
/// series keeps for it. One instance serves many series of one thread, so it holds nothing of a series between two calls.
/// </summary>
internal interface IExpert
{
    /// <summary>Shown to people.</summary>
    string Name { get; }

    /// <summary>What the command line calls it.</summary>
    string Switch { get; }

    /// <summary>Whether its forecast from any past moment follows from the values alone, so that it need not be remembered until it can be judged.</summary>
    bool Recallable { get; }

    /// <summary>Numbers that it remembers of a series.</summary>
    int MemorySize(Cadence cadence);

    /// <summary>The value at index <paramref name="i"/> has become known. The memory is all zeros before the first one after a fit.</summary>
    void Learn(Workspace work, SeriesState series, Span<float> memory, int i);

    /// <summary>Forecasts from index <paramref name="t"/>, whose value was the last one learnt, for t + each of the horizons; NaN where it cannot tell. Never below 0.</summary>
    /// <param name="horizons">Steps ahead, ascending, at least 1.</param>
    void Project(Workspace work, SeriesState series, ReadOnlySpan<float> memory, int t, ReadOnlySpan<int> horizons, Span<double> into);
}
