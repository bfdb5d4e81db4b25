using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.ControlPlane.History;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.History;

public sealed class ForecastStoreTests : IDisposable
{
    private const int Segments = 3;

    private readonly TestDatabase database = new();

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task The_newest_forecast_is_whole_also_after_a_restart()
    {
        await new ForecastStore(database, new HistoryOptions()).SaveAsync([Result(TestClock.Start, 8)], default);
        var store = new ForecastStore(database, new HistoryOptions());
        Assert.Null(store.Latest(LoadMetric.Cpu));

        await store.LoadAsync(default);

        var frame = store.Latest(LoadMetric.Cpu)!;
        Assert.Equal(TestClock.Start, frame.MadeAt);
        Assert.Equal(ForecastSteps.Starts(TestClock.Start), frame.Starts);
        Assert.Equal(ForecastSteps.Spans(), frame.Spans);
        Assert.Equal(["a", "b", "a"], frame.Models);
        Assert.Equal([0.5f, float.NaN, 1], frame.Errors);
        Assert.Equal([8, 8, 8], frame.Mean[34]);
        Assert.Equal([4, 4, 4], frame.Q10[0]);
        Assert.Equal([16, 16, 16], frame.Q90[12]);
        Assert.Null(store.Latest(LoadMetric.Reads));
    }

    [Fact]
    public async Task Of_older_ones_what_they_said_an_hour_and_a_day_ahead_is_kept()
    {
        var store = new ForecastStore(database, new HistoryOptions());
        var told = 0;
        store.Changed += () => told++;
        for (var i = 0; i < 3; i++)
        {
            await store.SaveAsync([Result(TestClock.Start.AddMinutes(5 * i), 1 << i)], default);
        }

        var hour = await store.ForecastOfThePastAsync(LoadMetric.Cpu, TimeSpan.FromHours(1), TestClock.Start, TestClock.Start.AddHours(2), default);
        var day = await store.ForecastOfThePastAsync(LoadMetric.Cpu, TimeSpan.FromDays(1), TestClock.Start, TestClock.Start.AddDays(2), default);

        Assert.Equal([55, 60, 65], hour.Starts.Select(s => (s - TestClock.Start).TotalMinutes));
        Assert.Equal([1, 2, 4], hour.Values.Select(v => v[0]));
        Assert.Equal([23 * 60, (23 * 60) + 5, (23 * 60) + 10], day.Starts.Select(s => (s - TestClock.Start).TotalMinutes));
        Assert.Equal(3, told);
        await Assert.ThrowsAsync<ArgumentException>(() =>
            store.ForecastOfThePastAsync(LoadMetric.Cpu, TimeSpan.FromHours(2), TestClock.Start, TestClock.Start, default));
    }

    [Fact]
    public void A_damaged_forecast_is_none()
    {
        var data = ForecastCodec.Encode(Result(TestClock.Start, 1).Frame);

        Assert.NotNull(ForecastCodec.Decode(TestClock.Start, LoadMetric.Cpu, data));
        Assert.Null(ForecastCodec.Decode(TestClock.Start, LoadMetric.Cpu, data[..(data.Length / 2)]));
        Assert.Null(ForecastCodec.Decode(TestClock.Start, LoadMetric.Cpu, [7]));
    }

    private static ForecastResult Result(DateTimeOffset madeAt, float mean)
    {
        float[][] All(float value) => [.. Enumerable.Range(0, ForecastSteps.Count).Select(_ => Enumerable.Repeat(value, Segments).ToArray())];
        var frame = new ForecastFrame(
            madeAt, LoadMetric.Cpu, ForecastSteps.Starts(madeAt), ForecastSteps.Spans(), All(mean), All(mean / 2), All(mean), All(mean * 2), ["a", "b", "a"], [0.5f, float.NaN, 1]);
        return new ForecastResult(frame, new ForecastRisk(All(1), []), new ForecastSkill(0.1, 0.1), [0.8f, 0.8f, 0.8f], 14);
    }
}
