using ShardConsole.ControlPlane.Planning;
using ShardConsole.ControlPlane.Planning.Paper;
using ShardConsole.ControlPlane.Scoring;

namespace ShardConsole.Unit.Planning.Paper;

/// <summary>Forecasts beside a paper run: from the past only, and shared out where segments are pooled.</summary>
public sealed class PaperForecasterTests
{
    private const int Day = 288;

    [Fact]
    public void A_forecast_knows_nothing_of_what_comes_after_it()
    {
        var loads = Waves(6, 5 * Day);
        var changed = loads with { Lead = [.. loads.Lead.Select((c, i) => i < 4 * Day ? c : [.. c.Select(v => 3 * v)])] };
        var at = loads.Start.AddDays(4);
        PaperForecast Made(PaperLoads all)
        {
            var forecaster = new PaperForecaster(all, all.Start.AddDays(3), TimeSpan.FromMinutes(60), 64, default);
            forecaster.Of(at.AddHours(-2));
            return forecaster.Of(at);
        }

        Assert.Equal(Made(loads).Cpu.Frame.Mean, Made(changed).Cpu.Frame.Mean);
        Assert.Equal(at, Made(loads).Cpu.Frame.MadeAt);
    }

    [Fact]
    public void A_forecast_is_kept_until_the_next_is_due()
    {
        var forecaster = new PaperForecaster(Waves(3, 3 * Day), PaperCase.Start.AddDays(2), TimeSpan.FromMinutes(60), 64, default);

        var first = forecaster.Of(PaperCase.Start.AddDays(2));

        Assert.Same(first.Cpu, forecaster.Of(PaperCase.Start.AddDays(2).AddMinutes(55)).Cpu);
        Assert.NotSame(first.Cpu, forecaster.Of(PaperCase.Start.AddDays(2).AddMinutes(60)).Cpu);
    }

    [Fact]
    public void Pools_hold_the_sum_and_the_heaviest_stand_alone()
    {
        var loads = Waves(20, 2 * Day);
        var pools = new SeriesPools(loads, 2 * Day, 8);

        Assert.Equal(8, pools.Count);
        var column = loads.Lead[100];
        var folded = pools.Fold(column);
        Assert.Equal(column.Sum(), folded.Sum(), 0.01);
        var heaviest = Enumerable.Range(0, 20).OrderByDescending(s => loads.Lead.Skip(Day).Sum(c => c[s])).Take(4);
        Assert.All(heaviest, s => Assert.Contains(column[s], folded));
    }

    [Fact]
    public void A_pooled_forecast_adds_up_to_that_of_its_series()
    {
        var loads = Waves(20, 4 * Day);
        var at = loads.Start.AddDays(3);
        double Total(int series) => new PaperForecaster(loads, at, TimeSpan.FromMinutes(60), series, default).Of(at).Cpu.Frame.Mean[6].Sum();

        var actual = loads.Lead[(3 * Day) + 6].Sum();
        Assert.InRange(Total(8), 0.9 * actual, 1.1 * actual);
        Assert.InRange(Total(64), 0.9 * actual, 1.1 * actual);
    }

    [Fact]
    public void A_daily_peak_that_was_seen_is_planned_for_before_it_comes()
    {
        // n1's three segments double for four hours each day; n2 has room for one of them.
        var loads = new PaperLoads(PaperCase.Start, TimeSpan.FromMinutes(5), [.. Enumerable.Range(0, 5 * Day).Select(i => i % Day is >= 120 and < 168 ? new float[] { 300, 300, 300, 100 } : [150, 150, 150, 100])], null, 0);
        var cluster = PaperCase.Cluster(2, [1, 1, 1, 2]);
        var scoring = new ScoringOptions { ThresholdMillicores = 1e6, ForecastMaxAgeMinutes = 75 };
        var from = loads.Start.AddDays(4);
        PaperResult Run(IPaperPolicy policy) => new PaperRun(cluster, loads, policy, new PaperOptions { CopyMillisecondsPerMegabyte = 0 }, from, loads.End).Finish();
        var forecaster = new PaperForecaster(loads, from, TimeSpan.FromMinutes(60), 64, default);

        var none = Run(new NoMovesPolicy());
        var reactive = Run(PlannedPolicy.Reactive(scoring, new PlanningOptions()));
        var planned = Run(new PlannedPolicy(scoring, new PlanningOptions(), 300, m => forecaster.Of(m.Now)));

        Assert.Equal(240, none.OverloadNodeMinutes, 6);
        Assert.InRange(reactive.OverloadNodeMinutes, 1, 10);
        Assert.Equal(0, planned.OverloadNodeMinutes);
        Assert.True(planned.Moves[0].EndedAt <= from.AddHours(10));
    }

    private static PaperLoads Waves(int segments, int steps) => new(
        PaperCase.Start, TimeSpan.FromMinutes(5),
        [.. Enumerable.Range(0, steps).Select(i => Enumerable.Range(0, segments).Select(s => (float)((10 + (3 * s)) * (1 + (0.5 * Math.Sin((2 * Math.PI * i / Day) + s))))).ToArray())], null, 0.2);
}
