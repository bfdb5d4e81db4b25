using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Cluster;
using ShardConsole.Unit.Planning;

namespace ShardConsole.Unit.Scoring;

public sealed class OutOfIntervalTests
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(20);

    // Shard 1 is forecast with 30 + 20 ± 5.1 mcore (95 %), shard 2 with 10.
    private static ScoreInput Input(params float[] measured) =>
        new ClusterCase { Spread = 0.1, Correlation = 0 }.With(1, 30, 20).With(2, 10).Input() with { Measured = new MeasuredLoad(measured, []), MeasuredOver = Short };

    [Fact]
    public void A_shard_outside_its_interval_follows_what_was_measured_and_comes_back_over_hours()
    {
        var board = Scorer.Run(Input(60, 40, 10), new ScoringOptions());

        Assert.Equal([new ShardId(1)], board.SurprisedShards);
        Assert.Equal((60f, 40f, 10f), (board.Field.Means(LoadRole.Lead, 0)[0], board.Field.Means(LoadRole.Lead, 1)[0], board.Field.Means(LoadRole.Lead, 2)[0]));

        // Step 12 begins an hour from now: half of the deviation is left.
        Assert.Equal(45, board.Field.Means(LoadRole.Lead, 0)[12], 1e-3);
        Assert.Equal(30, board.Field.Means(LoadRole.Lead, 0)[34], 0.01);
    }

    [Fact]
    public void A_load_that_is_gone_is_followed_too() =>
        Assert.Equal(0, Scorer.Run(Input(0, 0, 10), new ScoringOptions()).Field.Means(LoadRole.Lead, 0)[0]);

    [Theory]
    [InlineData(34, 20, 10)]
    [InlineData(60, -1, 10)]
    [InlineData(30, 20, 20)]
    public void Within_the_interval_or_below_a_twentieth_of_the_threshold_nothing_happens(float one, float two, float three)
    {
        // Not measured (-1) is taken as forecast; the case of 60 is then a surprise.
        var board = Scorer.Run(Input(one, two < 0 ? float.NaN : two, three), new ScoringOptions());

        Assert.Equal(two < 0 ? 1 : 0, board.SurprisedShards.Count);
        Assert.Equal(20, board.Field.Means(LoadRole.Lead, 1)[0]);
    }

    [Fact]
    public void A_measurement_of_long_or_unknown_stretch_is_not_compared()
    {
        Assert.Empty(Scorer.Run(Input(90, 90, 90) with { MeasuredOver = TimeSpan.FromMinutes(48) }, new ScoringOptions()).SurprisedShards);
        Assert.Empty(Scorer.Run(Input(90, 90, 90) with { MeasuredOver = null }, new ScoringOptions()).SurprisedShards);
        Assert.Empty(Scorer.Run(Input(90, 90, 90), new ScoringOptions(), null).SurprisedShards);
    }
}
