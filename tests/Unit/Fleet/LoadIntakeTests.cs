using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.History;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Fleet;

public sealed class LoadIntakeTests : IDisposable
{
    private static readonly DateTimeOffset Start = TestClock.Start;

    private readonly TestDatabase database = new();
    private readonly Microsoft.Extensions.Time.Testing.FakeTimeProvider real = TestClock.Real();
    private readonly FakeFleet fleet = new();
    private readonly List<HistoryStore> stores = [];

    public void Dispose()
    {
        stores.ForEach(s => s.Dispose());
        database.Dispose();
    }

    [Fact]
    public async Task A_report_becomes_rates_of_all_segments_that_its_node_leads()
    {
        var (intake, history) = await StartAsync();

        var answer = await intake.AcceptAsync(Reports.Report(Reports.N1, 1, Start, Reports.Load(4, 30, 10, 2000)), default);

        Assert.Equal(new IntakeAnswer(IntakeVerdict.Taken), answer);
        var reads = await ReadAsync(history, LoadMetric.Reads);
        Assert.Equal((30f, 0f), (reads[4], reads[2]));
        Assert.True(float.IsNaN(reads[1]), "Node 2 has not reported: its segments are a gap.");
        Assert.Equal(2f, (await ReadAsync(history, LoadMetric.Cpu))[4]);
        Assert.Equal(0f, (await ReadAsync(history, LoadMetric.FollowerCpu))[1]);
        Assert.Equal(10f, (await ReadAsync(history, LoadMetric.Keys))[4]);
    }

    [Fact]
    public async Task A_report_that_comes_twice_changes_nothing_the_second_time()
    {
        var (intake, history) = await StartAsync();
        var report = Reports.Report(Reports.N1, 1, Start, Reports.Load(4, 30));
        await intake.AcceptAsync(report, default);

        var again = await intake.AcceptAsync(report, default);

        Assert.Equal(new IntakeAnswer(IntakeVerdict.Taken, Repeated: true), again);
        Assert.Equal(30f, (await ReadAsync(history, LoadMetric.Reads))[4]);
    }

    [Fact]
    public async Task A_report_that_comes_twice_over_a_restart_changes_nothing_either()
    {
        var report = Reports.Report(Reports.N1, 1, Start, Reports.Load(4, 30));
        var (first, _) = await StartAsync();
        await first.AcceptAsync(report, default);
        await first.FlushAsync(default);
        real.Advance(TimeSpan.FromSeconds(2));

        var (second, history) = await StartAsync();

        Assert.True((await second.AcceptAsync(report, default)).Repeated);
        Assert.Equal(30f, (await ReadAsync(history, LoadMetric.Reads))[4], 0.05);
        Assert.True(second.Live!.Levels.TryGet(4, out var keys, out _));
        Assert.Equal(10, keys);
    }

    [Fact]
    public async Task The_same_sequence_of_another_boot_is_another_report()
    {
        var (intake, _) = await StartAsync();
        var report = Reports.Report(Reports.N1, 1, Start, Reports.Load(4, 30));
        await intake.AcceptAsync(report, default);

        Assert.False((await intake.AcceptAsync(report with { Boot = 6 }, default)).Repeated);
    }

    [Fact]
    public async Task A_foreign_cluster_or_node_is_refused_by_name()
    {
        var (intake, history) = await StartAsync();
        var report = Reports.Report(Reports.N1, 1, Start, Reports.Load(4, 30));

        var cluster = await intake.AcceptAsync(report with { ClusterId = "c-2" }, default);
        var node = await intake.AcceptAsync(report with { Node = new NodeId(0x99) }, default);

        Assert.Equal((IntakeVerdict.Foreign, IntakeVerdict.Foreign), (cluster.Verdict, node.Verdict));
        Assert.Contains("c-2", cluster.Detail, StringComparison.Ordinal);
        Assert.Contains("0000000000000099", node.Detail, StringComparison.Ordinal);
        Assert.True(float.IsNaN((await ReadAsync(history, LoadMetric.Reads))[4]));
    }

    [Fact]
    public async Task Before_the_cluster_is_known_a_report_is_to_come_again()
    {
        using var history = new HistoryStore(new FrameTable(database), new HistoryOptions(), TestClock.Model(real));
        var intake = new LoadIntake(fleet, history, database, new IntakeOptions(), TestClock.Model(real), real);

        var answer = await intake.AcceptAsync(Reports.Report(Reports.N1, 1, Start), default);

        Assert.Equal(IntakeVerdict.NotReady, answer.Verdict);
    }

    [Fact]
    public void Rubbish_is_named()
    {
        var report = Reports.Report(Reports.N1, 1, Start);
        var now = Start.ToUnixTimeMilliseconds();
        string?[] problems =
        [
            ReportCheck.Problem(report, 64, now),
            ReportCheck.Problem(report with { Sequence = 0 }, 64, now),
            ReportCheck.Problem(report with { BucketMs = 0 }, 64, now),
            ReportCheck.Problem(report with { BucketUnixMs = now + 61_000 }, 64, now),
            ReportCheck.Problem(report with { Segments = [Reports.Load(64, 1)] }, 64, now),
            ReportCheck.Problem(report with { Segments = [Reports.Load(1, -1)] }, 64, now),
            ReportCheck.Problem(report with { Segments = default }, 64, now),
            ReportCheck.Problem(report with { Status = null! }, 64, now),
        ];

        Assert.Null(problems[0]);
        Assert.Equal(
            ["sequence", "bucketMs", "bucketUnixMs", "segment", "segment", "segments", "status"],
            problems.Skip(1).Select(p => p!.Split(' ')[0]));
    }

    [Fact]
    public async Task At_a_fast_clock_a_second_of_counts_is_kept_as_what_the_node_felt()
    {
        fleet.Set(Reports.State());
        var clock = TestClock.Model(real, 144);
        var history = new HistoryStore(new FrameTable(database), new HistoryOptions(), clock);
        stores.Add(history);
        var intake = new LoadIntake(fleet, history, database, new IntakeOptions(), clock, real);
        await intake.StartAsync(64, default);

        await intake.AcceptAsync(Reports.Report(Reports.N1, 1, Start.AddSeconds(1), Reports.Load(4, 30)), default);

        var matrix = await history.ReadAsync(LoadMetric.Reads, Start, Start.AddMinutes(5), TimeSpan.FromMinutes(5), default);
        Assert.Equal(30f, matrix.Values[0][4]);
    }

    [Fact]
    public async Task Hot_keys_come_from_the_samples()
    {
        var (intake, _) = await StartAsync();
        var report = Reports.Report(Reports.N1, 1, Start) with
        {
            Samples = [.. new[] { "a", "b", "a", "a" }.Select(k => new QuerySample(1, "GET", new SegmentId(4), 1, 1, k))],
        };

        await intake.AcceptAsync(report, default);

        Assert.Equal([new HotKey("a", 0.75, 3), new HotKey("b", 0.25, 1)], intake.Live!.HotKeys(new SegmentId(4), 5));
    }

    private static async Task<float[]> ReadAsync(HistoryStore history, LoadMetric metric) =>
        (await history.ReadAsync(metric, Start, Start.AddSeconds(10), TimeSpan.FromSeconds(10), default)).Values[0];

    private async Task<(LoadIntake Intake, HistoryStore History)> StartAsync()
    {
        fleet.Set(Reports.State());
        var clock = TestClock.Model(real);
        var history = new HistoryStore(new FrameTable(database), new HistoryOptions(), clock);
        stores.Add(history);
        var intake = new LoadIntake(fleet, history, database, new IntakeOptions(), clock, real);
        await intake.StartAsync(64, default);
        return (intake, history);
    }
}
