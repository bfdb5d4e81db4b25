using Microsoft.Extensions.Time.Testing;
using ShardConsole.ControlPlane.Jobs;

namespace ShardConsole.Unit.Support;

/// <summary>Real time that only the test moves, and model time over it.</summary>
internal static class TestClock
{
    /// <summary>A whole hour.</summary>
    public static readonly DateTimeOffset Start = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    public static FakeTimeProvider Real() => new(Start);

    public static ModelClock Model(FakeTimeProvider real, double factor = 1) => new(real, ModelClockAnchor.Fresh(Start, factor));
}
