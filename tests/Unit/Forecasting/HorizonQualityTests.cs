using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.Unit.Forecasting;

public sealed class HorizonQualityTests
{
    private const int Day = Histories.Day;

    [Fact]
    public void A_noisy_daily_series_is_forecast_better_than_by_repetition_and_its_bands_keep_their_promise()
    {
        var report = Fit(Histories.Of(12 * Day, t => Histories.Daily(t), 0.3, 1), Histories.Of(12 * Day, t => Histories.Daily(t), 0.3, 2)).Report(null)!;

        Assert.Equal(12, report.Horizons.Count);
        Assert.All(report.Horizons, h =>
        {
            Assert.InRange(h.Skill, 0.1, 0.9);
            Assert.Equal(1, h.Weights.Values.Sum(), 6);
            Assert.Equal(0, h.ExpertSkills["seasonal naive (day)"], 9);
            for (var b = 0; b < BandCoverage.Promised.Count; b++)
            {
                Assert.InRange(h.Coverage[b], BandCoverage.Promised[b] - 0.12, BandCoverage.Promised[b] + 0.12);
            }
        });
    }

    [Fact]
    public void A_segment_tells_its_own_seasons_refusals_and_gaps()
    {
        var odd = Histories.Of(3 * Day, t => 30, 0.5, 3);
        (odd[700], odd[710], odd[720]) = (-1, float.PositiveInfinity, float.NaN);
        var fleet = Fit(Histories.Of(15 * Day, t => Histories.Daily(t), 0.3, 1), odd);

        var (whole, one) = (fleet.Report(null)!, fleet.Report(1)!);

        Assert.Equal(("15 of 28 daily, 2 of 4 weekly seasons seen", "3 of 28 daily, 0 of 4 weekly seasons seen"), (whole.Seasons, one.Seasons));
        Assert.Equal((2, 3), (one.Refused, one.Gaps));
        Assert.Null(fleet.Report(2));
    }

    private static FleetForecaster Fit(params float[][] history) =>
        FleetForecaster.Fit(new ForecastInput(LoadMetric.Cpu, Histories.Now, history, []), new StreamOptions(), CancellationToken.None);
}
