using ShardConsole.ControlPlane;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Jobs;

public sealed class ModelClockTests
{
    [Fact]
    public void Model_time_runs_at_the_factor_from_the_anchor_on()
    {
        var real = TestClock.Real();
        var clock = TestClock.Model(real, 144);

        real.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(TestClock.Start.AddDays(1), clock.GetUtcNow());
        Assert.Equal(TestClock.Start.AddSeconds(-144), clock.ToModel(TestClock.Start.AddSeconds(-1)));
        Assert.Equal(TimeSpan.FromSeconds(1), clock.ToReal(TimeSpan.FromSeconds(144)));
    }

    [Fact]
    public void A_timer_of_model_time_fires_after_its_share_of_real_time()
    {
        var real = TestClock.Real();
        var fired = 0;
        using var timer = TestClock.Model(real, 60).CreateTimer(_ => fired++, null, TimeSpan.FromMinutes(5), Timeout.InfiniteTimeSpan);

        real.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Equal(0, fired);
        real.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(1, fired);
    }

    [Fact]
    public void Another_pace_goes_on_from_the_moment_at_which_it_was_set()
    {
        var fast = ModelClockAnchor.Fresh(TestClock.Start, 60);

        var slow = fast.At(TestClock.Start.AddMinutes(1), 1);

        Assert.Equal(TestClock.Start.AddHours(1), slow.ToModel(TestClock.Start.AddMinutes(1)));
        Assert.Equal(TestClock.Start.AddHours(1).AddMinutes(1), slow.ToModel(TestClock.Start.AddMinutes(2)));
    }

    [Fact]
    public void A_restart_continues_the_kept_time_line()
    {
        using var database = new TestDatabase();
        var path = database.Folder.Path;
        var first = ModelClockAnchor.LoadOrCreate(path, TestClock.Start, 144);

        var second = ModelClockAnchor.LoadOrCreate(path, TestClock.Start.AddMinutes(5), 144);

        Assert.Equal(first, second);
        Assert.Equal(TestClock.Start.AddHours(12), second.ToModel(TestClock.Start.AddMinutes(5)));
    }

    [Fact]
    public void A_damaged_anchor_is_refused_with_the_file_named()
    {
        using var database = new TestDatabase();
        var file = Path.Combine(database.Folder.Path, "model-clock.json");
        File.WriteAllText(file, "{");

        var error = Assert.Throws<StartupException>(() => ModelClockAnchor.LoadOrCreate(database.Folder.Path, TestClock.Start, 1));

        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, 1, 15, 300, "0 */5 * * * *")]
    [InlineData(5, 144, 15, 15, "*/15 * * * * *")]
    [InlineData(5, 20, 5, 15, "*/15 * * * * *")]
    [InlineData(5, 7, 5, 60, "0 */1 * * * *")]
    [InlineData(7, 1, 15, 360, "0 */6 * * * *")]
    [InlineData(120, 1, 15, 7200, "0 0 */2 * * *")]
    [InlineData(1440, 1, 15, 86400, "0 0 0 * * *")]
    public void An_interval_of_model_time_becomes_a_schedule_of_real_time(double minutes, double factor, int least, int seconds, string cron)
    {
        Assert.Equal(seconds, JobSchedule.Seconds(minutes, factor, least));
        Assert.Equal(cron, JobSchedule.Cron(seconds));
    }
}
