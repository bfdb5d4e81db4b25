using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Forecasting;

public sealed class ForecastEngineTests
{
    private const int Day = Histories.Day;

    [Fact]
    public void A_noisy_day_pattern_is_forecast_better_than_by_repeating_yesterday()
    {
        var result = Histories.Forecast(Histories.Of(14 * Day, t => Histories.Daily(t), noise: 0.3));

        Assert.InRange(result.Skill.HourAhead, 0.15, 0.5);
        Assert.InRange(result.Skill.DayAhead, 0.1, 0.5);
        Assert.InRange(result.Frame.Errors[0], 0.5, 0.85);
        Assert.InRange(Histories.Error(result.Frame.Mean, Histories.Truth(14 * Day, t => Histories.Daily(t))), 0, 0.05);
        Assert.Equal(14, result.HistoryDays);
    }

    [Fact]
    public void The_frame_has_twelve_steps_of_five_minutes_then_hours()
    {
        var frame = Histories.Forecast(Histories.Of(Day, t => 5)).Frame;

        Assert.Equal((35, 35, 35, 35, 35, 35), (frame.Starts.Count, frame.Spans.Count, frame.Mean.Count, frame.Q10.Count, frame.Q50.Count, frame.Q90.Count));
        Assert.Equal(Histories.Now, frame.Starts[0]);
        Assert.Equal((Histories.Now.AddHours(1), TimeSpan.FromHours(1)), (frame.Starts[12], frame.Spans[12]));
        for (var k = 1; k < 35; k++)
        {
            Assert.Equal(frame.Starts[k - 1] + frame.Spans[k - 1], frame.Starts[k]);
        }

        Assert.Equal(Histories.Now.AddHours(24), frame.Starts[34] + frame.Spans[34]);
    }

    [Fact]
    public void After_a_level_shift_the_next_hours_follow_the_new_level()
    {
        double Shifted(int t) => t < (14 * Day) - 72 ? 100 : 300;

        var frame = Histories.Forecast(Histories.Of(14 * Day, Shifted, noise: 0.1)).Frame;

        for (var k = 0; k < 14; k++)
        {
            Assert.InRange(frame.Q50[k][0], 270, 330);
        }
    }

    [Fact]
    public void A_silent_series_costs_nothing_and_stays_silent()
    {
        var result = Histories.Forecast(new float[28 * Day]);

        Assert.Equal("zero", result.Frame.Models[0]);
        Assert.All(result.Frame.Q90, column => Assert.Equal(0, column[0]));
        Assert.All(result.Risk.Sd, column => Assert.Equal(0, column[0]));
    }

    [Fact]
    public void A_segment_without_history_has_no_forecast()
    {
        var result = Histories.Forecast([.. Enumerable.Repeat(float.NaN, Day)], Histories.Of(Day, t => 50));

        Assert.Equal("none", result.Frame.Models[0]);
        Assert.All(result.Frame.Mean, column => Assert.True(float.IsNaN(column[0]) && column[1] is > 49 and < 51));
    }

    [Fact]
    public void Gaps_are_bridged()
    {
        var random = new Random(5);
        var history = Histories.Of(14 * Day, t => Histories.Daily(t), noise: 0.1);
        for (var t = 0; t < history.Length; t++)
        {
            // A fifth is missing here and there, all of day 9, and the last 40 minutes.
            if (random.Next(5) == 0 || t / Day == 9 || t >= history.Length - 8)
            {
                history[t] = float.NaN;
            }
        }

        var result = Histories.Forecast(history);

        Assert.InRange(Histories.Error(result.Frame.Mean, Histories.Truth(14 * Day, t => Histories.Daily(t))), 0, 0.06);
        Assert.True(result.Skill.HourAhead > 0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(12)]
    [InlineData(100)]
    public void After_minutes_the_level_goes_on_with_a_band_around_it(int buckets)
    {
        var result = Histories.Forecast(Histories.Of(buckets, t => 80, noise: 0.2));

        for (var k = 0; k < ForecastSteps.Count; k++)
        {
            var (q10, q50, q90) = (result.Frame.Q10[k][0], result.Frame.Q50[k][0], result.Frame.Q90[k][0]);
            Assert.InRange(q50, 60, 100);
            Assert.True(0 <= q10 && q10 < q50 && q50 < q90, $"step {k}: {q10} {q50} {q90}");
            Assert.True(result.Risk.Sd[k][0] > 0);
        }

        Assert.True(double.IsNaN(result.Skill.HourAhead));
        Assert.True(float.IsNaN(result.Frame.Errors[0]));
    }

    [Fact]
    public void After_one_day_the_next_follows_its_pattern()
    {
        var frame = Histories.Forecast(Histories.Of(Day, t => Histories.Daily(t), noise: 0.1)).Frame;

        Assert.InRange(Histories.Error(frame.Mean, Histories.Truth(Day, t => Histories.Daily(t))), 0, 0.12);
    }

    [Fact]
    public void After_one_day_and_a_few_hours_a_doubled_level_is_carried_into_the_pattern()
    {
        double Doubled(int t) => Histories.Daily(t) * (t < Day ? 1 : 2);

        var frame = Histories.Forecast(Histories.Of(Day + 60, Doubled, noise: 0.05)).Frame;

        // The next hour rises as yesterday's did, from twice the level.
        Assert.InRange(Histories.Error([.. frame.Mean.Take(12)], Histories.Truth(Day + 60, Doubled)[..12]), 0, 0.12);
    }

    [Fact]
    public void A_weekend_is_known_after_three_weeks()
    {
        double Weekly(int t) => Histories.Daily(t) * (t / Day % 7 >= 5 ? 0.3 : 1);

        // Ends on the evening before the first quiet day.
        var count = (26 * Day) - 12;
        var frame = Histories.Forecast(Histories.Of(count, Weekly, noise: 0.1)).Frame;

        Assert.InRange(Histories.Error(frame.Mean, Histories.Truth(count, Weekly)), 0, 0.15);
    }

    [Fact]
    public void A_thin_series_keeps_its_mean_though_its_median_is_zero()
    {
        var random = new Random(3);
        var history = Histories.Of(14 * Day, _ => random.Next(20) == 0 ? 10 : 0);

        var result = Histories.Forecast(history);

        // 10 in a twentieth of the buckets: mean 0.5, standard deviation 2.2.
        Assert.InRange(result.Frame.Mean.Take(12).Average(c => c[0]), 0.35, 0.65);
        Assert.InRange(result.Frame.Mean.Skip(12).Average(c => c[0]), 0.35, 1.0);
        Assert.All(result.Frame.Q50.Take(12), c => Assert.InRange(c[0], 0, 0.2));
        Assert.InRange(result.Risk.Sd.Take(12).Average(c => c[0]), 1, 4);
    }

    [Fact]
    public void Announced_events_multiply_their_steps_and_their_segments()
    {
        var history = new[] { Histories.Of(Day, _ => 50), Histories.Of(Day, _ => 50) };
        var sale = new AnnouncedEvent("sale", Histories.Now.AddHours(2), Histories.Now.AddHours(3.5), 3, [new SegmentId(1)]);

        var frame = ForecastEngine.Run(new ForecastInput(LoadMetric.Cpu, Histories.Now, history, [sale]), new ForecastOptions()).Frame;

        Assert.Equal([50, 50, 50], new[] { frame.Mean[12][1], frame.Mean[13][0], frame.Mean[15][1] }.Select(v => Math.Round(v)));
        Assert.Equal([150, 100, 150], new[] { frame.Mean[13][1], frame.Mean[14][1], frame.Q90[13][1] }.Select(v => Math.Round(v)));
    }

    [Fact]
    public void The_same_history_gives_the_same_forecast()
    {
        float[][] History() => [Histories.Of(9 * Day, t => Histories.Daily(t), 0.3, 1), Histories.Of(9 * Day, t => 30, 0.9, 2)];

        var (first, second) = (Histories.Forecast(History()), Histories.Forecast(History()));

        Assert.Equal(first.Frame.Q90, second.Frame.Q90);
        Assert.Equal(first.Risk.Loadings[0], second.Risk.Loadings[0]);
        Assert.Equal(first.Frame.Models, second.Frame.Models);
    }

    [Fact]
    public void Bands_catch_about_what_they_promise()
    {
        int inside = 0, all = 0;
        for (var seed = 1; seed <= 30; seed++)
        {
            var random = new Random(100 + seed);
            var whole = Histories.Of(9 * Day, t => Histories.Daily(t + (7 * seed)), noise: 0.4, seed);
            var frame = Histories.Forecast(whole[..(8 * Day)]).Frame;
            for (var k = 0; k < ForecastSteps.Fine; k++)
            {
                all++;
                inside += whole[(8 * Day) + k] >= frame.Q10[k][0] && whole[(8 * Day) + k] <= frame.Q90[k][0] ? 1 : 0;
            }
        }

        Assert.InRange((double)inside / all, 0.72, 0.9);
    }

    [Fact]
    public void Another_metric_follows_by_its_ratio()
    {
        var cpu = new[] { Histories.Of(2 * Day, t => Histories.Daily(t)), new float[2 * Day] };
        var reads = new[] { Histories.Of(2 * Day, t => 20 * Histories.Daily(t)), new float[2 * Day] };
        var driver = Histories.Forecast(cpu);

        var derived = ForecastEngine.Derive(driver, cpu, LoadMetric.Reads, reads);

        Assert.Equal(LoadMetric.Reads, derived.Frame.Metric);
        Assert.Equal(20 * driver.Frame.Q90[20][0], derived.Frame.Q90[20][0], 1.0);
        Assert.Equal(20 * driver.Risk.Loadings[0][20][0], derived.Risk.Loadings[0][20][0], 1.0);
        Assert.Equal(0, derived.Frame.Mean[5][1]);
    }

    [Fact]
    public void Columns_of_the_history_become_series_of_the_segments()
    {
        var input = ForecastInput.FromColumns(LoadMetric.Reads, Histories.Now, [[1, 2], [3, 4], [5, 6]]);

        Assert.Equal([[1, 3, 5], [2, 4, 6]], input.History);
    }

    [Fact]
    public void Options_outside_their_ranges_are_all_named()
    {
        Assert.Empty(new ForecastOptions().Problems());
        Assert.Equal(2, new ForecastOptions { HistoryDays = 40, MinimumScored = 0 }.Problems().Count);
    }
}
