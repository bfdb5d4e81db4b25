using Microsoft.Extensions.Logging.Abstractions;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.Unit.Fleet;

public sealed class ModelRetentionTests
{
    private static readonly FleetState Known = FleetState.Unknown with { ClusterId = "c" };

    [Theory]
    [InlineData(1, 600)]
    [InlineData(96, 7)]
    [InlineData(600, 1)]
    [InlineData(100_000, 1)]
    [InlineData(0.5, 600)]
    public void Retention_is_ten_minutes_of_model_time_and_never_longer_than_that_in_real_time(double factor, int seconds) =>
        Assert.Equal(MigrationLimits.Default with { RetainSeconds = seconds }, ModelRetention.LimitsAt(Clock(factor)));

    [Fact]
    public async Task A_cluster_with_the_default_limits_gets_them_as_soon_as_it_is_known_and_takes_them()
    {
        var fleet = new FakeFleet { NextLimitsAnswer = new MetaAnswer(false, 0, "unavailable", "no leader") };
        using var retention = new ModelRetention(fleet, Clock(96), NullLogger<ModelRetention>.Instance);
        await retention.StartAsync(TestContext.Current.CancellationToken);
        Assert.Empty(fleet.Limits);
        fleet.Set(Known);
        while (!retention.ExecuteTask!.IsCompleted)
        {
            fleet.Set(Known);
            await Task.Yield();
        }

        await retention.ExecuteTask;
        Assert.Equal([7, 7], fleet.Limits.Select(l => l.RetainSeconds));
    }

    [Theory]
    [InlineData(96, 60)]
    [InlineData(1, 600)]
    public async Task Limits_that_somebody_changed_stand_and_so_do_those_of_real_time(double factor, int retain)
    {
        var fleet = new FakeFleet();
        fleet.Set(Known with { Limits = MigrationLimits.Default with { RetainSeconds = retain } });
        using var retention = new ModelRetention(fleet, Clock(factor), NullLogger<ModelRetention>.Instance);
        await retention.StartAsync(TestContext.Current.CancellationToken);
        await retention.ExecuteTask!;
        Assert.Empty(fleet.Limits);
    }

    private static ModelClock Clock(double factor) => new(TimeProvider.System, ModelClockAnchor.Fresh(DateTimeOffset.UnixEpoch, factor));
}
