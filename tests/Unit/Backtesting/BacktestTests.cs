using Microsoft.Extensions.Logging.Abstractions;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Backtesting;
using ShardConsole.ControlPlane.Forecasting.Quality;
using ShardConsole.ControlPlane.Forecasting.Streaming;
using ShardConsole.Unit.Forecasting;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Backtesting;

public sealed class BacktestTests : IDisposable
{
    private const int Day = Histories.Day;

    private readonly TestDatabase database = new();

    public void Dispose() => database.Dispose();

    [Fact]
    public void Origins_roll_over_the_last_days_and_know_only_what_had_come()
    {
        // The last six hours double: who knew them beforehand would not err there.
        var columns = Columns(3 * Day, t => Histories.Daily(t) * (t >= (3 * Day) - 72 ? 2 : 1));

        var result = Run(columns, days: 1)!;

        Assert.Equal((24, 2, 2.0), (result.Origins, result.Segments, result.LearntDays));
        Assert.Equal((Histories.Now.AddDays(-1), Histories.Now), (result.From, result.To));
        Assert.Equal([5, 60, 480, 1440], result.Leads.Select(l => l.LeadMinutes));
        Assert.Equal([24 * 2, 24 * 2, 17 * 2, 2], result.Leads.Select(l => l.Scores.Compared));
        Assert.True(result.Leads[0].Scores.Mase < 0.7, $"{result.Leads[0].Scores.Mase}");
        Assert.True(result.Leads[2].Scores.Mase > 0.8, $"{result.Leads[2].Scores.Mase}");
    }

    [Fact]
    public void Noise_is_not_repeated_as_yesterday_repeats_it()
    {
        var result = Run(Columns(4 * Day, t => Histories.Daily(t), noise: 0.2), days: 2)!;

        Assert.All(result.Leads.Take(2), l => Assert.InRange(l.Scores.Mase, 0, 1.05));
        Assert.All(result.Leads, l => Assert.InRange(l.BetterSegments, 0, l.JudgedSegments));
        Assert.InRange(result.Leads[0].Scores.Coverage, 0.6, 1);
    }

    [Fact]
    public void Too_little_history_gives_no_result()
    {
        Assert.Null(Run(Columns(Day + 11, t => 1), days: 1));
        Assert.NotNull(Run(Columns(Day + 12, t => 1), days: 1));
    }

    [Theory]
    [InlineData(0, 60)]
    [InlineData(15, 60)]
    [InlineData(3, 7)]
    [InlineData(3, 1445)]
    public void A_wish_outside_the_limits_is_refused(int days, int every)
    {
        using var desk = Desk(new KnownHistory([]));

        Assert.Equal("invalid", desk.Start(LoadMetric.Cpu, days, every, Test).Code);
    }

    [Fact]
    public async Task The_result_is_kept_and_read_by_whoever_asks()
    {
        using var desk = Desk(new KnownHistory(Columns(2 * Day, t => Histories.Daily(t), noise: 0.1)));
        Assert.Null((await desk.ViewAsync(default)).Result);

        Assert.True(desk.Start(LoadMetric.Cpu, 1, 240, Test).Done);
        await desk.Ended;

        using var other = Desk(new KnownHistory([]));
        var view = await other.ViewAsync(default);
        Assert.Equal((false, null, "ann"), (view.Running, view.Failure, view.By));
        Assert.Equal((await desk.ViewAsync(default)).Result!.Leads, view.Result!.Leads);
        Assert.Equal(6, view.Result.Origins);
    }

    [Fact]
    public async Task One_runs_at_a_time_can_be_cancelled_and_a_short_history_says_so()
    {
        var slow = new KnownHistory([]) { Gate = new TaskCompletionSource() };
        using var desk = Desk(slow);
        Assert.Equal("conflict", desk.Cancel().Code);
        Assert.True(desk.Start(LoadMetric.Cpu, 1, 60, Test).Done);
        Assert.Equal("conflict", desk.Start(LoadMetric.Cpu, 1, 60, Test).Code);
        Assert.True((await desk.ViewAsync(default)).Running);
        Assert.True(desk.Cancel().Done);
        await desk.Ended;
        Assert.Equal("It was cancelled.", (await desk.ViewAsync(default)).Failure);

        slow.Gate = null;
        Assert.True(desk.Start(LoadMetric.Cpu, 1, 60, Test).Done);
        await desk.Ended;
        Assert.Equal(BacktestDesk.TooShort, (await desk.ViewAsync(default)).Failure);
    }

    private static Actor Test { get; } = new("ann", "test");

    private BacktestDesk Desk(IHistoryReader history) => new(new BacktestStore(database), history, TestClock.Model(TestClock.Real()), NullLogger<BacktestDesk>.Instance);

    private static BacktestResult? Run(IReadOnlyList<float[]> columns, int days) =>
        Backtest.Run(LoadMetric.Cpu, columns, Histories.Now, days, TimeSpan.FromHours(1), new StreamOptions(), _ => { }, default);

    private static List<float[]> Columns(int count, Func<int, double> value, double noise = 0.01)
    {
        var (one, other) = (Histories.Of(count, value, noise), Histories.Of(count, t => 3 * value(t), noise, seed: 2));
        return [.. Enumerable.Range(0, count).Select(t => new[] { one[t], other[t] })];
    }

    private sealed class KnownHistory(List<float[]> columns) : IHistoryReader
    {
        public TaskCompletionSource? Gate { get; set; }

        public int SegmentCount => 2;

        public DateTimeOffset? Oldest => TestClock.Start.AddDays(-2);

        public async Task<SegmentMatrix> ReadAsync(LoadMetric metric, DateTimeOffset from, DateTimeOffset to, TimeSpan step, CancellationToken cancellation)
        {
            if (Gate is { } gate)
            {
                await gate.Task.WaitAsync(cancellation);
            }

            return new SegmentMatrix([.. columns.Select((_, k) => to - (step * (columns.Count - k)))], [.. columns.Select(_ => step)], columns);
        }
    }
}
