using Microsoft.Extensions.Time.Testing;
using ShardConsole.ControlPlane.Replay;

namespace ShardConsole.Unit.Replay;

public sealed class ClusterSilenceTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public void It_is_over_when_nothing_was_answered_for_longer_than_the_limit()
    {
        using var silence = new ClusterSilence(30, time);
        time.Advance(TimeSpan.FromSeconds(30));
        silence.NotAnswered();
        Assert.False(silence.IsOver.IsCancellationRequested);
        time.Advance(TimeSpan.FromSeconds(1));
        silence.NotAnswered();
        Assert.True(silence.IsOver.IsCancellationRequested);
    }

    [Fact]
    public void One_answer_begins_the_time_anew()
    {
        using var silence = new ClusterSilence(30, time);
        time.Advance(TimeSpan.FromSeconds(29));
        silence.Answered();
        time.Advance(TimeSpan.FromSeconds(29));
        silence.NotAnswered();
        Assert.False(silence.IsOver.IsCancellationRequested);
    }

    [Fact]
    public void Time_alone_ends_nothing_while_nobody_asks()
    {
        using var silence = new ClusterSilence(30, time);
        time.Advance(TimeSpan.FromHours(1));
        Assert.False(silence.IsOver.IsCancellationRequested);
    }
}
