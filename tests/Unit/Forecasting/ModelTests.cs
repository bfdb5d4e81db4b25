using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.ControlPlane.Forecasting.Models;

namespace ShardConsole.Unit.Forecasting;

public sealed class ModelTests
{
    private const int Day = Histories.Day;

    public static TheoryData<int> Models => [.. Enumerable.Range(0, ModelCatalog.All.Count)];

    [Theory]
    [MemberData(nameof(Models))]
    public void No_model_sees_the_future(int index)
    {
        // The same values in another order behind the origin, so that what is known of the series as a whole stays: its range, and the median of every third
        // value, which sets the offset of logarithms (hence whole triples change places).
        const int origin = (9 * Day) + 17;
        var history = Histories.Of(11 * Day, t => Histories.Daily(t), noise: 0.5);
        var future = history[(origin + 1)..];
        Assert.Equal((0, 0), ((origin + 1) % 3, future.Length % 3));
        float[] other = [.. history[..(origin + 1)], .. future.Chunk(3).Reverse().SelectMany(triple => triple)];
        var (a, b) = (Fit(index, history), Fit(index, other));

        foreach (var horizon in new[] { 1, 2, 6, 12, 100, Day - 1, Day })
        {
            Assert.Equal(a.At(origin, horizon), b.At(origin, horizon));
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_constant_is_forecast_as_itself(int index)
    {
        var model = Fit(index, Histories.Of(16 * Day, _ => 42));

        Assert.Equal(42, model.At((16 * Day) - 1, 12), 0.01f);
    }

    [Theory]
    [InlineData("same time yesterday")]
    [InlineData("Holt-Winters")]
    [InlineData("day profile")]
    [InlineData("scaled day profile")]
    public void Seasonal_models_know_the_time_of_day(string name)
    {
        var index = ModelCatalog.All.ToList().FindIndex(m => m.Name == name);
        var model = Fit(index, Histories.Of(9 * Day, t => Histories.Daily(t)));

        for (var horizon = 12; horizon <= Day; horizon += 12)
        {
            Assert.InRange(model.At((8 * Day) + 50, horizon) / Histories.Daily((8 * Day) + 50 + horizon), 0.97, 1.03);
        }
    }

    [Fact]
    public void Seasonal_models_say_nothing_before_their_season_was_seen()
    {
        var week = Fit(ModelCatalog.All.ToList().FindIndex(m => m.Name == "same time last week"), Histories.Of(8 * Day, t => t));
        var holtWinters = Fit(ModelCatalog.All.ToList().FindIndex(m => m.Name == "Holt-Winters"), Histories.Of(Day - 1, t => 5));

        Assert.True(float.IsNaN(week.At((6 * Day) - 1, 12)));
        Assert.Equal((7 * Day) + 11 - (7 * Day), week.At((7 * Day) - 1, 12));
        Assert.True(float.IsNaN(holtWinters.At(Day - 2, 1)));
    }

    [Fact]
    public void One_burst_does_not_bend_Holt_Winters()
    {
        var calm = Histories.Of(10 * Day, t => Histories.Daily(t), noise: 0.05);
        var burst = (float[])calm.Clone();
        burst[(9 * Day) + 100] *= 20;
        var index = ModelCatalog.All.ToList().FindIndex(m => m.Name == "Holt-Winters");

        var (without, with) = (Fit(index, calm).At((10 * Day) - 1, 101), Fit(index, burst).At((10 * Day) - 1, 101));

        Assert.InRange(with / without, 0.9, 1.1);
    }

    [Fact]
    public void A_gap_keeps_the_last_value_for_an_hour_and_then_repeats_yesterday()
    {
        var history = Histories.Of(3 * Day, t => t);
        Array.Fill(history, float.NaN, 2 * Day, 20);

        var series = Series.Of(history, Day, history.Length)!;

        Assert.Equal((2 * Day) - 1, series.Values[(2 * Day) + 11]);
        Assert.Equal(Day + 12, series.Values[(2 * Day) + 12]);
        Assert.False(series.Known[(2 * Day) + 12]);
        Assert.True(series.Known[(2 * Day) + 20]);
    }

    [Fact]
    public void Hours_are_means_of_what_was_measured_aligned_to_the_end()
    {
        float[] history = [9, 9, 1, 2, 3, float.NaN, 6, float.NaN, float.NaN, float.NaN];

        Assert.Equal([2, 6], Series.Coarsen(history[2..^1], 3).Select(v => (int)v));
        Assert.True(float.IsNaN(Series.Coarsen(history, 3)[2]));
    }

    private static IFittedModel Fit(int index, float[] history) =>
        ModelCatalog.All[index].Fit(Series.Of(history, Day, history.Length)!);
}
