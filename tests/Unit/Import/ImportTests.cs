using System.Globalization;
using System.Text;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.History;
using ShardConsole.ControlPlane.Import;
using ShardConsole.Shared.Cluster;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Import;

public sealed class ImportTests : IDisposable
{
    private const int Segments = 64;
    private static readonly DateTimeOffset Now = TestClock.Start;
    private static readonly int SegmentOfK = SegmentId.OfSlot(Slot.Of("k"u8), Segments).Value;

    private readonly TestDatabase database = new();

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task Counts_of_a_log_become_rates_and_estimated_cpu()
    {
        // Two requests a second for a minute, one of them a write.
        var outcome = await ImportAsync(Log(Now.AddHours(-2), 61, _ => "SET,GET"), new ImportSettings(), 1);

        Assert.Equal((122L, 0L, null), (outcome.Rows, outcome.Rejected, outcome.Failure));
        Assert.Equal((Now.AddHours(-2), Now.AddHours(-2).AddSeconds(60)), (outcome.From!.Value, outcome.To!.Value));
        Assert.Equal(1, await ReadAsync(LoadMetric.Reads, Now.AddHours(-2)), 0.01);
        Assert.Equal(1, await ReadAsync(LoadMetric.Writes, Now.AddHours(-2)), 0.01);
        Assert.Equal((20 + 60) / 1000.0, await ReadAsync(LoadMetric.Cpu, Now.AddHours(-2)), 0.001);
        Assert.Equal(30 / 1000.0, await ReadAsync(LoadMetric.FollowerCpu, Now.AddHours(-2)), 0.001);
    }

    [Fact]
    public async Task Rates_are_those_that_would_be_felt_if_the_log_were_replayed_at_the_clocks_pace_and_amplified()
    {
        await ImportAsync(Log(Now.AddHours(-2), 61, _ => "GET"), new ImportSettings(Amplify: 3), 10);

        Assert.Equal(30, await ReadAsync(LoadMetric.Reads, Now.AddHours(-2)), 0.1);
    }

    [Fact]
    public async Task What_a_request_counts_for_is_spread_over_the_seconds_after_it()
    {
        await ImportAsync(Log(Now.AddHours(-2), 601, _ => "GET"), new ImportSettings(Amplify: 10, SpreadSeconds: 100), 1);

        Assert.Equal(10, await ReadAsync(LoadMetric.Reads, Now.AddHours(-2).AddSeconds(300)), 0.1);
        Assert.InRange(await ReadAsync(LoadMetric.Reads, Now.AddHours(-2)), 2, 5);
        Assert.InRange(await ReadAsync(LoadMetric.Reads, Now.AddHours(-2).AddSeconds(630)), 1, 9);
    }

    [Fact]
    public async Task Reads_turn_into_writes_as_a_replay_would_send_them()
    {
        await ImportAsync(Log(Now.AddHours(-2), 601, _ => "GET"), new ImportSettings(WriteShare: 0.5), 1);

        var (reads, writes) = (await ReadAsync(LoadMetric.Reads, Now.AddHours(-2), 600), await ReadAsync(LoadMetric.Writes, Now.AddHours(-2), 600));
        Assert.Equal(1, reads + writes, 0.01);
        Assert.InRange(writes, 0.4, 0.6);
    }

    [Fact]
    public async Task A_log_out_of_order_gives_the_same_frames()
    {
        var lines = Log(Now.AddHours(-2), 600, i => i % 3 == 0 ? "SET" : "GET");
        await ImportAsync(lines, new ImportSettings(), 1);
        var ordered = FramesOf(1);
        await ImportAsync([.. lines.Reverse()], new ImportSettings(), 1);

        Assert.Equal(ordered, FramesOf(1));
        Assert.NotEmpty(ordered);
    }

    [Fact]
    public void A_long_log_is_counted_in_coarser_buckets_and_loses_nothing()
    {
        var counts = new ImportCounts(Segments, new HistoryOptions());
        for (var hour = 0; hour < 24 * 5; hour++)
        {
            counts.Add(Now.AddHours(hour), 1, 2, 1);
        }

        Assert.Equal(HistoryTier.FiveMinutes, counts.Tier);
        Assert.Equal((240, 120), (counts.Buckets.Sum(b => b.Counts.Reads[1]), counts.Buckets.Sum(b => b.Counts.Writes[1])));
        Assert.All(counts.Buckets, b => Assert.Equal(0, b.Start % 300));
    }

    [Fact]
    public void A_log_of_years_takes_bounded_room()
    {
        var counts = new ImportCounts(Segments, new HistoryOptions { FiveMinutesDays = 15 });
        for (var day = 0; day < 3000; day++)
        {
            for (var hour = 0; hour < 24; hour += 4)
            {
                counts.Add(Now.AddDays(day).AddHours(hour), 1, 1, 0);
            }
        }

        Assert.InRange(counts.Buckets.Count(), 15 * 6, (15 * 288) + 2);
    }

    [Theory]
    [InlineData(nameof(ImportShift.None), -400, 0, 0)]
    [InlineData(nameof(ImportShift.Auto), -3, 0, 0)]
    [InlineData(nameof(ImportShift.Auto), -400, 400, 0)]
    [InlineData(nameof(ImportShift.EndNow), -3, 3, 0)]
    public void Times_of_a_log_are_put_where_they_are_of_use(string shift, int daysAgo, int days, int seconds)
    {
        var counts = new ImportCounts(Segments, new HistoryOptions());
        counts.Add(Now.AddDays(daysAgo).AddHours(-1), 0, 1, 0);
        counts.Add(Now.AddDays(daysAgo), 0, 1, 0);

        Assert.Equal(new TimeSpan(days, 0, 0, seconds), ImportFrames.Shift(counts, Enum.Parse<ImportShift>(shift), Now, TimeSpan.FromDays(42)));
    }

    [Theory]
    [InlineData("", "The file is empty.")]
    [InlineData("<html>\n</html>\n", "No line of the file is timestamp,key,op")]
    public async Task A_file_that_is_no_log_leaves_nothing_behind(string text, string failure)
    {
        var path = Path.Combine(database.Folder.Path, "log.csv");
        await File.WriteAllTextAsync(path, text);

        var outcome = await RunAsync(path, new ImportSettings(), 1);

        Assert.StartsWith(failure, outcome.Failure, StringComparison.Ordinal);
        Assert.Empty(FramesOf(1));
    }

    [Fact]
    public async Task An_import_over_what_was_measured_marks_its_frames_so_and_a_second_try_replaces_them()
    {
        var settings = new ImportSettings(OverMeasured: true);
        await ImportAsync(Log(Now.AddHours(-2), 61, _ => "GET"), settings, 1);
        var frames = FramesOf(-1).Count();
        await ImportAsync(Log(Now.AddHours(-2), 61, _ => "GET"), settings, 1);

        Assert.NotEqual(0, frames);
        Assert.Equal((frames, 0), (FramesOf(-1).Count(), FramesOf(1).Count()));
        Assert.Equal((-7, 7), (settings.SourceOf(7), new ImportSettings().SourceOf(7)));
    }

    [Fact]
    public async Task An_import_waits_its_turn_can_be_cancelled_and_is_not_claimed_twice()
    {
        var store = new ImportStore(database);
        var first = await store.AddAsync("a.csv", ImportStore.Running, new ImportSettings(), 1, "ann", Now, default);
        await store.StoredAsync(first.Id, "1.log", 5, default);
        var second = await store.AddAsync("b.csv", ImportStore.Waiting, new ImportSettings(), 1, "ann", Now, default);

        Assert.Equal(first.Id, (await store.ClaimAsync(default))!.Id);
        Assert.True(await store.CancelWaitingAsync(second.Id, default));
        Assert.Null(await store.ClaimAsync(default));
        Assert.False(await store.CancelWaitingAsync(second.Id, default));
        await store.RestoreAsync(default);
        Assert.Equal(["b.csv cancelled", "a.csv waiting"], store.List(10).Select(r => $"{r.FileName} {r.State}"));
    }

    [Fact]
    public async Task How_far_an_import_came_is_kept_whole()
    {
        var store = new ImportStore(database);
        var row = await store.AddAsync("a.csv", ImportStore.Running, new ImportSettings(), 9, "ann", Now, default);

        await store.UpdateAsync(row.Id, ImportStore.Done, new ImportProgress(9, 9, 7, 2, ["line 1: bad", "line 2: bad"], Now, Now.AddHours(1), null), default);

        var kept = store.List(1).Single();
        Assert.Equal(["line 1: bad", "line 2: bad"], kept.FirstRejected);
        Assert.Equal(new ImportRow(row.Id, "a.csv", "done", 9, 9, 7, 2, kept.FirstRejected, Now, Now.AddHours(1), null, Now), kept);
    }

    [Fact]
    public async Task Accesses_are_gathered_for_their_patterns_by_client()
    {
        var path = Path.Combine(database.Folder.Path, "clients.csv");
        await File.WriteAllTextAsync(path, "timestamp,key,op,client\n1704164645,{a},GET,x\n1704164645,{b},GET,y\n1704164645,{c},GET,x\n");
        var sketch = new ShardConsole.ControlPlane.Patterns.AccessSketch(Segments, new());

        await ImportRunner.RunAsync(
            new ImportTask(path, new ImportSettings(), 1, Segments, 1, Now, (20, 60, 30)) { Patterns = sketch }, new FrameTable(database), new HistoryOptions(), _ => { }, default);

        int SegmentOf(string tag) => ShardConsole.Shared.Cluster.SegmentId.OfSlot(ShardConsole.Shared.Cluster.Slot.Of(Encoding.UTF8.GetBytes(tag)), Segments).Value;
        Assert.Equal(3, sketch.Total);
        Assert.Equal([SegmentOf("{a}"), SegmentOf("{c}")], Assert.Single(sketch.Chains()).Segments);
    }

    private static string[] Log(DateTimeOffset from, int seconds, Func<int, string> ops) =>
        [.. Enumerable.Range(0, seconds).SelectMany(i => ops(i).Split(',').Select(op =>
            string.Create(CultureInfo.InvariantCulture, $"{from.AddSeconds(i).ToUnixTimeSeconds()},k,{op}")))];

    private async Task<ImportProgress> ImportAsync(string[] lines, ImportSettings settings, double factor)
    {
        var path = Path.Combine(database.Folder.Path, "log.csv");
        await File.WriteAllTextAsync(path, string.Join('\n', lines), Encoding.UTF8);
        return await RunAsync(path, settings, factor);
    }

    private Task<ImportProgress> RunAsync(string path, ImportSettings settings, double factor) => ImportRunner.RunAsync(
        new ImportTask(path, settings, 1, Segments, factor, Now, (20, 60, 30)), new FrameTable(database), new HistoryOptions(), _ => { }, default);

    private List<string> FramesOf(long source)
    {
        using var db = database.CreateDbContext();
        return [.. db.Frames.Where(f => f.Source == source).AsEnumerable().Select(f => $"{f.Tier} {f.Metric} {f.Start} {Convert.ToHexString(f.Data)}").Order(StringComparer.Ordinal)];
    }

    private async Task<double> ReadAsync(LoadMetric metric, DateTimeOffset from, int seconds = 60)
    {
        using var store = new HistoryStore(new FrameTable(database), new HistoryOptions(), TestClock.Model(TestClock.Real()));
        await store.StartAsync(Segments, default);
        var matrix = await store.ReadAsync(metric, from, from.AddSeconds(seconds), TimeSpan.FromSeconds(seconds), default);
        return matrix.Values[0][SegmentOfK];
    }
}
