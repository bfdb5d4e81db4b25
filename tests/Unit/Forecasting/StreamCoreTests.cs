using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.Unit.Forecasting;

public sealed class StreamCoreTests
{
    private const int Day = Histories.Day;

    [Fact]
    public void A_saved_and_restored_fleet_goes_on_bit_for_bit()
    {
        float[][] history = [Histories.Of(9 * Day, t => Histories.Daily(t), 0.3, 1), Histories.Of(5 * Day, t => 30, 0.9, 2), new float[10]];
        var fleet = Fit(history);
        var restored = Restore(fleet);
        var columns = Enumerable.Range(0, 40).Select(t => new[] { 100f + t, t % 7 == 0 ? float.NaN : 20, 0 }).ToList();

        fleet.Advance(columns, CancellationToken.None);
        restored.Advance(columns, CancellationToken.None);

        Assert.Equal(Bytes(fleet), Bytes(restored));
        Assert.Equal(fleet.Forecast(CancellationToken.None)[0].Q90, restored.Forecast(CancellationToken.None)[0].Q90);
    }

    [Fact]
    public void The_order_of_the_segments_changes_nothing()
    {
        float[] a = Histories.Of(6 * Day, t => Histories.Daily(t), 0.3, 1), b = Histories.Of(6 * Day, t => 30, 0.9, 2);

        var (there, back) = (Histories.Forecast(a, b).Frame, Histories.Forecast(b, a).Frame);

        Assert.Equal(there.Mean.Select(c => (c[0], c[1])), back.Mean.Select(c => (c[1], c[0])));
    }

    [Fact]
    public void What_comes_changes_no_error_of_an_earlier_moment()
    {
        var history = Histories.Of(6 * Day, t => Histories.Daily(t), 0.3, 3);
        var core = new StreamCore(new StreamOptions());
        var other = State(history[..^5]);
        core.Fit(other);
        var before = other.Residuals.ToArray();
        foreach (var value in new float[] { 9999, 9999, 9999, 9999, 9999 })
        {
            core.Append(other, value);
        }

        // Errors of the last five moments differ, no older one does.
        var differing = Enumerable.Range(0, before.Length).Count(i => !before[i].Equals(other.Residuals[i]));
        Assert.InRange(differing, 1, 5 * other.Cadence.Grid.Length);
    }

    [Fact]
    public void Impossible_values_are_refused_and_counted_and_gaps_stay_gaps()
    {
        var state = State([5, -1, float.PositiveInfinity, float.NaN, 7]);

        Assert.Equal((2L, 3L, 5), (state.Refused, state.Gaps, state.Length));
        Assert.Equal([false, true, true, true, false], state.Values.Take(5).Select(float.IsNegative));
    }

    [Fact]
    public void A_series_takes_less_than_96_kibibytes()
    {
        var state = State(Histories.Of(40 * Day, t => Histories.Daily(t)));

        Assert.InRange(state.SizeBytes, 1, 96 * 1024);
        Assert.InRange(state.Length, 28 * Day, 29 * Day);
    }

    [Fact]
    public void One_wild_value_does_not_bend_tomorrow()
    {
        var history = Histories.Of(8 * Day, _ => 100, 0.1, 4);
        history[^40] = 100_000;

        Assert.All(Histories.Forecast(history).Frame.Q50, c => Assert.InRange(c[0], 70, 140));
    }

    [Fact]
    public void A_series_of_some_hours_is_not_believed_to_reach_many_times_what_it_ever_was()
    {
        // Hours of nothing, then a request now and then: the first of them came out of nothing.
        var random = new Random(7);
        float[][] history = [.. Enumerable.Range(0, 40).Select(_ => Enumerable.Range(0, 78).Select(t => t > 30 && random.NextDouble() < 0.3 ? 1f : 0f).ToArray())];

        var frame = Histories.Forecast(history).Frame;

        Assert.All(frame.Q90.Concat(frame.Mean), column => Assert.All(column, value => Assert.InRange(value, 0, 2)));
    }

    [Fact]
    public void Errors_too_large_for_the_form_they_are_kept_in_spoil_no_quantile()
    {
        // Next to nothing, and now and then some billions.
        var state = new SeriesState(Cadence.Of(300, Day));
        foreach (var value in Histories.Of(3 * Day, t => t % 97 == 0 ? 4e12 : 1e-3))
        {
            SeriesIntake.Push(state, value);
        }

        var (core, path) = (new StreamCore(new StreamOptions()), new ForecastPath(12));
        core.Fit(state);
        core.Forecast(state, path);

        Assert.All(Enumerable.Range(1, 12), h => Assert.True(double.IsFinite(path.Mean[h - 1]) && double.IsFinite(path.Sd[h - 1]) && double.IsFinite(path.Quantile(h, 6))));
    }

    [Fact]
    public void A_rise_seen_once_in_a_first_morning_is_not_expected_again()
    {
        // Seven hours of a steep rise, then three on the level of 1000 that it reached. Believed whole, the rise would go on to 1800.
        var state = new SeriesState(Cadence.Of(300, Day));
        foreach (var value in Histories.Of(120, t => 100 + (900 * Math.Min(1, t / 84.0)), noise: 0.05))
        {
            SeriesIntake.Push(state, value);
        }

        var (core, path) = (new StreamCore(new StreamOptions()), new ForecastPath(48));
        core.Fit(state);
        core.Forecast(state, path);

        Assert.InRange(path.Quantile(48, 4), 900, 1600);
    }

    [Fact]
    public void A_young_series_is_learnt_anew_as_it_grows_wherever_its_count_of_moments_begins()
    {
        var core = new StreamCore(new StreamOptions());
        var (zero, calendar) = (State([]), State([], first: 212_000_000));
        var fits = new HashSet<long>();
        foreach (var value in Histories.Of(60, _ => 30, 0.5, 5))
        {
            core.Append(zero, value);
            core.Append(calendar, value);
            fits.Add(zero.FittedAt);
            Assert.Equal(zero.FittedAt, calendar.FittedAt - calendar.First);
        }

        Assert.InRange(fits.Count, 5, 20);
    }

    [Fact]
    public void Ridge_solves_a_known_system()
    {
        // [[4, 2], [2, 3]] x = [10, 9] has x = [1.5, 2]; the prior is added.
        var beta = new double[2];

        Assert.True(Ridge.Solve([4, 2, 3], [10, 9], 0, [1, 1], beta));
        Assert.Equal([2.5, 3.0], beta.Select(b => Math.Round(b, 9)));
        Assert.False(Ridge.Solve([1, 2, 1], [1, 1], 0, [0, 0], beta));
    }

    private static FleetForecaster Fit(float[][] history) =>
        FleetForecaster.Fit(new ForecastInput(default, Histories.Now, history, []), new StreamOptions(), CancellationToken.None);

    private static FleetForecaster Restore(FleetForecaster fleet) =>
        FleetForecaster.Read(new BinaryReader(new MemoryStream(Bytes(fleet))), new StreamOptions())!;

    private static byte[] Bytes(FleetForecaster fleet)
    {
        var stream = new MemoryStream();
        fleet.Write(new BinaryWriter(stream));
        return stream.ToArray();
    }

    private static SeriesState State(float[] values, long first = 0)
    {
        var state = new SeriesState(Cadence.Of(300, Day)) { First = first };
        foreach (var value in values)
        {
            SeriesIntake.Push(state, value);
        }

        return state;
    }
}
