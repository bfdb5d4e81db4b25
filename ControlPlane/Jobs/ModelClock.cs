namespace ShardConsole.ControlPlane.Jobs;

/// <summary>
/// Model time: runs <see cref="Factor"/> times as fast as real time, from an anchor that is kept. Forecast steps, job intervals, windows,
/// retention and the calendar are model time. Safe for concurrent use.
/// </summary>
internal sealed class ModelClock(TimeProvider realTime, ModelClockAnchor anchor) : TimeProvider
{
    /// <summary>Model seconds per real second.</summary>
    public double Factor => anchor.Factor;

    /// <summary>The model moment from which this clock was last set going.</summary>
    public DateTimeOffset Start => anchor.Model;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>The model moment of a real one. Before the anchor it runs on backwards at the same pace.</summary>
    public DateTimeOffset ToModel(DateTimeOffset real) => anchor.ToModel(real);

    /// <summary>The model length of a real one.</summary>
    public TimeSpan ToModel(TimeSpan real) => real * anchor.Factor;

    /// <summary>The real length of a model one.</summary>
    public TimeSpan ToReal(TimeSpan model) => model / anchor.Factor;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => anchor.ToModel(realTime.GetUtcNow());

    /// <inheritdoc/>
    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    /// <summary>A timer whose times are model times.</summary>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        realTime.CreateTimer(callback, state, Scaled(dueTime), Scaled(period));

    private TimeSpan Scaled(TimeSpan model) => model == Timeout.InfiniteTimeSpan ? model : ToReal(model);
}
