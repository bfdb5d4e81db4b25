using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.Unit.Forecasting;

public sealed class FleetShapeTests
{
    private const int Day = Histories.Day;
    private const int Afternoon = 9 * 12;
    private static readonly Cadence FiveMinutes = Cadence.Of(300, Day);

    [Fact]
    public void A_segment_born_at_night_rises_with_the_fleets_morning()
    {
        // Six hours old, and the fleet's load triples in the nine hours that follow.
        var (fleet, born) = Fleet(age: Day / 4);
        var truth = Histories.Daily((8 * Day) + (Day / 4) + Afternoon - 1);
        double Error(FleetShape? shape) => Math.Abs(Forecast(born, shape).Mean[Afternoon - 1] - truth) / truth;

        var shape = FleetShape.Of([.. fleet, born], new StreamCore(new StreamOptions()));
        Assert.True(Error(shape) < 0.6 * Error(null), $"{Error(shape)} with the fleet, {Error(null)} alone");
        Assert.True(Error(shape) < 0.35, $"{Error(shape)}");
    }

    [Fact]
    public void What_is_borrowed_shrinks_to_nothing_with_a_day()
    {
        double Change(int age)
        {
            var (fleet, young) = Fleet(age);
            var shape = FleetShape.Of([.. fleet, young, Fleet(age: 12).Young], new StreamCore(new StreamOptions()));
            var alone = Forecast(young, null).Mean.ToArray();
            return Forecast(young, shape).Mean.Zip(alone, (a, b) => Math.Abs(Math.Log(a / b))).Average();
        }

        Assert.Equal(0, Change(Day));
        Assert.InRange(Change(Day - 6), 1e-6, 0.1);
    }

    [Fact]
    public void A_fleet_without_a_young_segment_lends_nothing() =>
        Assert.Null(FleetShape.Of(Fleet(age: Day).Grown, new StreamCore(new StreamOptions())));

    [Fact]
    public void Errors_of_a_young_segment_grow_as_the_fleets_do()
    {
        // Half a day of noise each; one of them saw a burst of an hour that all its farther errors are made of.
        var states = Enumerable.Range(1, 20).Select(seed => State(Histories.Of(Day / 2, t => 100 * (seed == 1 && t is >= 96 and < 108 ? 12 : 1), noise: 0.3, seed))).ToArray();
        var shape = FleetShape.Of(states, new StreamCore(new StreamOptions()));

        double Width(FleetShape? with) => Forecast(states[0], with).Quantile(Afternoon, 5) - Forecast(states[0], with).Quantile(Afternoon, ForecastPath.Median);
        Assert.True(Width(shape) < 0.9 * Width(null), $"{Width(shape)} with the fleet, {Width(null)} alone");
    }

    [Fact]
    public void The_order_of_segments_changes_nothing()
    {
        var (fleet, young) = Fleet(age: Day / 2);
        float[] Means(params SeriesState[] states) => [.. Forecast(young, FleetShape.Of(states, new StreamCore(new StreamOptions()))).Mean.Select(m => (float)m)];

        Assert.Equal(Means([.. fleet, young]), Means([young, .. fleet.Reverse()]));
    }

    private static (SeriesState[] Grown, SeriesState Young) Fleet(int age)
    {
        var end = (8 * Day) + age;
        var grown = Enumerable.Range(1, 4).Select(seed => State(Histories.Of(end, t => 5 * Histories.Daily(t), noise: 0.1, seed))).ToArray();
        var young = State(Histories.Of(age, t => Histories.Daily((8 * Day) + t), noise: 0.1, seed: 9), first: 8 * Day);
        return (grown, young);
    }

    private static SeriesState State(float[] values, long first = 0)
    {
        var state = new SeriesState(FiveMinutes) { First = first };
        foreach (var value in values)
        {
            SeriesIntake.Push(state, value);
        }

        new StreamCore(new StreamOptions()).Fit(state);
        return state;
    }

    private static ForecastPath Forecast(SeriesState state, FleetShape? shape)
    {
        var path = new ForecastPath(Day);
        new StreamCore(new StreamOptions()).Forecast(state, path, shape);
        return path;
    }
}
