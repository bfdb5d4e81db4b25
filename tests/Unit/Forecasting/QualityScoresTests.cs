using ShardConsole.ControlPlane.Forecasting.Quality;

namespace ShardConsole.Unit.Forecasting;

public sealed class QualityScoresTests
{
    [Fact]
    public void Errors_are_told_as_shares_of_the_yardsticks()
    {
        // Segment 0: errors 2 and 4 against 4 and 8 of yesterday; 12 lies inside 8..13, 20 above 13 by 7. Segment 1 is unknown once.
        ComparedColumn[] columns =
        [
            new([10, 5], [8, 4], [13, 6], [12, 5], [8, 6]),
            new([16, 5], [8, 4], [13, 6], [20, float.NaN], [12, 6]),
        ];

        var (fleet, segments) = QualityScores.Of(columns, 2);

        Assert.Equal((2, 0.5, 0.5, 0.5), (segments[0].Compared, segments[0].Mase, segments[0].Skill, segments[0].Coverage));
        Assert.Equal((1, 0.0, 1.0, 1.0), (segments[1].Compared, segments[1].Mase, segments[1].Skill, segments[1].Coverage));
        Assert.Equal((3, 6.0 / 13, 2.0 / 3), (fleet.Compared, fleet.Mase, fleet.Coverage));
        Assert.Equal((0.1 + 6.3) / 12, segments[0].Pinball90, 6);
    }

    [Fact]
    public void Without_anything_to_compare_nothing_is_claimed()
    {
        var (fleet, segments) = QualityScores.Of([], 1);

        Assert.Equal(0, fleet.Compared);
        Assert.True(double.IsNaN(fleet.Mase) && double.IsNaN(fleet.Skill) && double.IsNaN(segments[0].Coverage));
    }
}
