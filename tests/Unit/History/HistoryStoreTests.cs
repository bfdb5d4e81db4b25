using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.History;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.History;

public sealed class HistoryStoreTests : IDisposable
{
    private const int Segments = 64;
    private static readonly DateTimeOffset Start = TestClock.Start;

    private readonly TestDatabase database = new();
    private readonly Microsoft.Extensions.Time.Testing.FakeTimeProvider real = TestClock.Real();

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task Reports_of_seconds_become_the_mean_of_their_tick()
    {
        using var store = await StoreAsync();
        for (var second = 0; second < 10; second++)
        {
            await store.RecordAsync(Slice(Start.AddSeconds(second), 1, (3, second)), default);
        }

        var matrix = await store.ReadAsync(LoadMetric.Reads, Start, Start.AddSeconds(10), TimeSpan.FromSeconds(10), default);

        Assert.Equal([Start], matrix.Starts);
        Assert.Equal(4.5f, matrix.Values[0][3]);
    }

    [Fact]
    public async Task A_tick_without_a_report_is_a_gap_and_no_zero_in_every_tier()
    {
        using var store = await StoreAsync();
        await store.RecordAsync(Slice(Start, 10, (0, 6)), default);
        await store.RecordAsync(Slice(Start.AddSeconds(20), 10, (0, 12)), default);

        var ticks = await store.ReadAsync(LoadMetric.Reads, Start, Start.AddSeconds(30), TimeSpan.FromSeconds(10), default);
        var minute = await store.ReadAsync(LoadMetric.Reads, Start, Start.AddMinutes(1), TimeSpan.FromMinutes(1), default);

        Assert.Equal([6, float.NaN, 12], ticks.Values.Select(v => v[0]));
        Assert.Equal(9, minute.Values[0][0]);
        Assert.True(float.IsNaN(minute.Values[0][1]));
    }

    [Fact]
    public async Task All_tiers_agree_after_a_restart()
    {
        using (var store = await StoreAsync())
        {
            for (var tick = 0; tick < 90; tick++)
            {
                await store.RecordAsync(Slice(Start.AddSeconds(10 * tick), 10, (1, tick % 6)), default);
            }

            await store.FlushAsync(() => [], default);
        }

        using var again = await StoreAsync();
        foreach (var step in new[] { 60, 300, 900 })
        {
            var matrix = await again.ReadAsync(LoadMetric.Reads, Start, Start.AddMinutes(15), TimeSpan.FromSeconds(step), default);
            Assert.All(matrix.Values, v => Assert.Equal(2.5f, v[1], 0.002));
            Assert.Equal(900 / step, matrix.Values.Count);
        }

        Assert.Equal(Start, again.Oldest);
    }

    [Fact]
    public async Task A_report_that_comes_after_its_frame_was_written_and_forgotten_is_added_to_it()
    {
        using var store = await StoreAsync();
        await store.RecordAsync(Slice(Start, 5, (0, 10)), default);
        real.Advance(TimeSpan.FromHours(5));
        await store.FlushAsync(() => [], default);
        await store.RecordAsync(Slice(Start.AddSeconds(5), 5, (0, 20)), default);
        await store.FlushAsync(() => [], default);

        using var again = await StoreAsync();
        var matrix = await again.ReadAsync(LoadMetric.Reads, Start, Start.AddSeconds(10), TimeSpan.FromSeconds(10), default);

        Assert.Equal(15, matrix.Values[0][0], 0.01);
    }

    [Fact]
    public async Task A_coarse_frame_does_not_paint_over_the_gap_of_a_finer_one()
    {
        using var store = await StoreAsync();
        await store.RecordAsync(Slice(Start, 10, (0, 6)), default);

        var matrix = await store.ReadAsync(LoadMetric.Reads, Start, Start.AddSeconds(30), TimeSpan.FromSeconds(10), default);

        Assert.Equal([6, float.NaN, float.NaN], matrix.Values.Select(v => v[0]));
    }

    [Fact]
    public async Task Where_ticks_are_no_longer_kept_the_minute_answers()
    {
        using var store = await StoreAsync();
        await store.RecordAsync(Slice(Start, 60, (0, 6)), default);
        await store.FlushAsync(() => [], default);
        real.Advance(TimeSpan.FromHours(7));
        await store.FlushAsync(() => [], default);
        await store.TrimAsync(default);

        var matrix = await store.ReadAsync(LoadMetric.Reads, Start, Start.AddMinutes(1), TimeSpan.FromSeconds(10), default);

        Assert.All(matrix.Values, v => Assert.Equal(6, v[0], 0.01));
        using var db = database.CreateDbContext();
        Assert.DoesNotContain(db.Frames, f => f.Tier == (byte)HistoryTier.TenSeconds);
    }

    [Fact]
    public async Task At_a_fast_clock_one_real_second_spreads_over_its_model_time_and_stays_a_rate_per_real_second()
    {
        using var store = await StoreAsync(144);
        await store.RecordAsync(Slice(Start.AddSeconds(200), 144, (0, 70)), default);

        Assert.Equal(HistoryTier.FiveMinutes, store.Finest);
        var matrix = await store.ReadAsync(LoadMetric.Reads, Start, Start.AddMinutes(10), TimeSpan.FromMinutes(5), default);
        Assert.Equal([70, 70], matrix.Values.Select(v => v[0]));
    }

    [Fact]
    public async Task What_was_measured_wins_over_what_was_imported_segment_by_segment()
    {
        using var store = await StoreAsync();
        var imported = new MetricFrame(Segments);
        imported.Add(0, 100, 60, covers: true);
        imported.Add(1, 50, 60, covers: true);
        await store.WriteSourceAsync([Row(7, imported), Row(8, imported)], default);
        await store.RecordAsync(Slice(Start, 60, (0, 6)), default);

        var both = await store.ReadAsync(LoadMetric.Reads, Start, Start.AddMinutes(1), TimeSpan.FromMinutes(1), default);
        Assert.Equal([6, 100, float.NaN], both.Values[0][..3]);

        await store.RemoveSourceAsync(8, default);
        var one = await store.ReadAsync(LoadMetric.Reads, Start, Start.AddMinutes(1), TimeSpan.FromMinutes(1), default);
        Assert.Equal([6, 50, float.NaN], one.Values[0][..3]);
    }

    [Fact]
    public async Task An_import_that_stands_over_what_was_measured_hides_it_until_it_is_taken_back()
    {
        using var store = await StoreAsync();
        var imported = new MetricFrame(Segments);
        imported.Add(0, 100, 60, covers: true);
        await store.WriteSourceAsync([Row(-7, imported), Row(-8, imported), Row(9, imported)], default);
        await store.RecordAsync(Slice(Start, 60, (0, 6), (1, 12)), default);

        var over = await store.ReadAsync(LoadMetric.Reads, Start, Start.AddMinutes(1), TimeSpan.FromMinutes(1), default);
        Assert.Equal([200, 12, float.NaN], over.Values[0][..3]);

        await store.RemoveSourceAsync(-7, default);
        await store.RemoveSourceAsync(-8, default);
        var measured = await store.ReadAsync(LoadMetric.Reads, Start, Start.AddMinutes(1), TimeSpan.FromMinutes(1), default);
        Assert.Equal([6, 12, float.NaN], measured.Values[0][..3]);
    }

    [Fact]
    public async Task Two_leaders_in_one_bucket_add_up_but_followers_are_averaged()
    {
        using var store = await StoreAsync();
        for (var node = 0; node < 2; node++)
        {
            var slice = new LoadSlice(Start, Start.AddSeconds(10), Segments);
            slice.Add(LoadMetric.Cpu, 0, 5, covers: true);
            slice.Add(LoadMetric.FollowerCpu, 0, 4, covers: true);
            await store.RecordAsync(slice, default);
        }

        var cpu = await store.ReadAsync(LoadMetric.Cpu, Start, Start.AddSeconds(10), TimeSpan.FromSeconds(10), default);
        var follower = await store.ReadAsync(LoadMetric.FollowerCpu, Start, Start.AddSeconds(10), TimeSpan.FromSeconds(10), default);

        Assert.Equal((10f, 4f), (cpu.Values[0][0], follower.Values[0][0]));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(0)]
    public async Task A_step_that_is_no_multiple_of_ten_seconds_is_refused(int seconds)
    {
        using var store = await StoreAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => store.ReadAsync(LoadMetric.Cpu, Start, Start.AddHours(1), TimeSpan.FromSeconds(seconds), default));
    }

    [Fact]
    public async Task More_columns_than_the_limit_are_refused()
    {
        using var store = await StoreAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => store.ReadAsync(LoadMetric.Cpu, Start.AddDays(-30), Start, TimeSpan.FromSeconds(10), default));
    }

    private static FrameRow Row(long source, MetricFrame frame) => new()
    {
        Tier = (byte)HistoryTier.Minute, Metric = (byte)LoadMetric.Reads, Start = Start.ToUnixTimeSeconds(), Source = source, Data = frame.Encode(),
    };

    private static LoadSlice Slice(DateTimeOffset from, double seconds, params (int Segment, double Rate)[] rates)
    {
        var slice = new LoadSlice(from, from.AddSeconds(seconds), Segments);
        foreach (var (segment, rate) in rates)
        {
            slice.Add(LoadMetric.Reads, segment, rate, covers: true);
        }

        return slice;
    }

    private async Task<HistoryStore> StoreAsync(double factor = 1)
    {
        var store = new HistoryStore(new FrameTable(database), new HistoryOptions(), TestClock.Model(real, factor));
        await store.StartAsync(Segments, default);
        return store;
    }
}
