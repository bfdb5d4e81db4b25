using Microsoft.Extensions.Logging.Abstractions;
using ShardConsole.ControlPlane.AccessLog;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.History;
using ShardConsole.ControlPlane.Patterns;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Unit.Fleet;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.AccessLog;

public sealed class PatternKeeperTests : IDisposable
{
    private static readonly PatternOptions Options = new();

    private readonly TestDatabase database = new();
    private readonly Microsoft.Extensions.Time.Testing.FakeTimeProvider real = TestClock.Real();
    private readonly FakeFleet fleet = new();
    private readonly HistoryStore history;
    private readonly LoadIntake intake;

    public PatternKeeperTests()
    {
        history = new HistoryStore(new FrameTable(database), new HistoryOptions(), TestClock.Model(real));
        fleet.Set(Reports.State());
        intake = new LoadIntake(fleet, history, database, new IntakeOptions(), TestClock.Model(real), real);
    }

    public void Dispose()
    {
        history.Dispose();
        database.Dispose();
    }

    [Fact]
    public async Task Samples_of_reports_become_links_clumps_and_chains_with_their_rates()
    {
        var keeper = new PatternKeeper(Options, intake);
        await intake.StartAsync(64, default);
        keeper.Begin(64, null, TestClock.Start);
        await intake.AcceptAsync(Reports.Report(Reports.N1, 1, TestClock.Start, Reports.Load(4, 300)), default);
        for (var i = 0; i < 50; i++)
        {
            keeper.Take(Sampled(i, (1, 4), (1, 6), (2, 8 + (i % 20)), (2, 40 + (i % 17)), (3, 63), (5, 20 + (i % 13)), (5, 33 + (i % 7)), (6, 12 + (i % 11)), (6, 45 + (i % 15))));
        }

        keeper.Look(keeper.Snapshot(), TestClock.Start);

        var clump = Assert.Single(keeper.ClumpViews());
        Assert.Equal([Id(4), Id(6)], clump.Segments);
        Assert.Equal(300 * 50 / 450.0, clump.PerSecond, 6);
        Assert.Equal([Id(4), Id(6)], Assert.Single(keeper.ChainViews(6)).Segments);
        Assert.Empty(keeper.ChainViews(63));
        Assert.Equal((Id(4), Id(6)), (Assert.Single(keeper.LinkViews(4)).One, keeper.Links().Single().Other));
        Assert.Equal((Id(6), 1.0), (keeper.Transitions(4).Single().To, keeper.Transitions(4).Single().Probability));
        Assert.Equal("key 4", keeper.HotKeys(4, 5).Single().Key);
        Assert.Equal([[Id(4), Id(6)]], keeper.ClumpsOfSegments());
        var summary = keeper.Summary();
        Assert.Equal((450.0, 1, 1, 1), (summary.Accesses, summary.Links, summary.Clumps, summary.Chains));
    }

    [Fact]
    public void A_chain_does_not_go_on_from_one_report_to_the_next()
    {
        var keeper = new PatternKeeper(Options, intake);
        keeper.Begin(64, null, TestClock.Start);
        keeper.Take(Sampled(1, (1, 4)));
        keeper.Take(Sampled(1, (1, 6)));

        Assert.Empty(keeper.Transitions(4));
    }

    [Fact]
    public void Counts_halve_in_the_half_life_however_often_that_is_looked_at()
    {
        var keeper = new PatternKeeper(Options, intake);
        keeper.Begin(64, null, TestClock.Start);
        for (var i = 0; i < 8; i++)
        {
            keeper.Take(Sampled(i, (1, 4)));
        }

        for (var minute = 1; minute <= 24 * 60; minute++)
        {
            keeper.DecayTo(TestClock.Start.AddMinutes(minute));
        }

        Assert.Equal(4, keeper.Summary().Accesses, 6);
    }

    [Fact]
    public async Task What_was_gathered_survives_a_restart()
    {
        await intake.StartAsync(64, default);
        var keeper = await RunAsync(async keeper =>
        {
            await intake.AcceptAsync(Reports.Report(Reports.N1, 1, TestClock.Start) with { Samples = Sampled(1, (1, 4), (1, 6)).Samples }, default);
            Assert.Equal(2, keeper.Summary().Accesses);
        });

        var again = await RunAsync(next => Task.CompletedTask);
        Assert.Equal(keeper.Snapshot(), again.Snapshot());
        Assert.Equal(Id(6), again.Transitions(4).Single().To);
    }

    [Fact]
    public async Task What_an_import_on_the_command_line_left_is_added_once()
    {
        await intake.StartAsync(64, default);
        var store = new PatternStore(database);
        for (var i = 0; i < 2; i++)
        {
            var left = new AccessSketch(64, Options);
            PatternKeeper.Take(left, TestClock.Start, 4, "cart", "ann");
            PatternKeeper.Take(left, TestClock.Start.AddMilliseconds(1), 6, "user", "ann");
            await store.LeaveAsync(left, TestClock.Start, default);
        }

        using (var db = database.CreateDbContext())
        {
            db.Patterns.Add(new PatternRow { Id = 9, At = TestClock.Start, Data = [1, 2, 3] });
            db.SaveChanges();
        }

        var keeper = await RunAsync(k =>
        {
            Assert.Equal((4, "cart"), (k.Summary().Accesses, k.HotKeys(4, 1).Single().Key));
            return Task.CompletedTask;
        });

        Assert.Equal(Id(6), keeper.Transitions(4).Single().To);
        var again = await RunAsync(_ => Task.CompletedTask);
        Assert.Equal(4, again.Summary().Accesses);
        using var after = database.CreateDbContext();
        Assert.Equal([PatternRow.Only, 9], after.Patterns.Select(p => p.Id).Order());
    }

    [Fact]
    public async Task Damaged_patterns_are_gathered_anew()
    {
        await intake.StartAsync(64, default);
        using (var db = database.CreateDbContext())
        {
            db.Patterns.Add(new PatternRow { Id = PatternRow.Only, At = TestClock.Start, Data = [1, 2, 3] });
            db.SaveChanges();
        }

        var keeper = await RunAsync(_ => Task.CompletedTask);
        Assert.Equal(0, keeper.Summary().Accesses);
    }

    private async Task<PatternKeeper> RunAsync(Func<PatternKeeper, Task> during)
    {
        var keeper = new PatternKeeper(Options, intake);
        using var driver = new PatternDriver(keeper, Options, intake, new PatternStore(database), TestClock.Model(real), real, NullLogger<PatternDriver>.Instance);
        await driver.StartAsync(default);
        await driver.Ready;
        await during(keeper);
        await driver.StopAsync(default);
        return keeper;
    }

    private static LoadReport Sampled(int second, params (int Connection, int Segment)[] accesses) =>
        Reports.Report(Reports.N1, second + 1, TestClock.Start) with
        {
            Samples = [.. accesses.Select((a, k) => new QuerySample((second * 1000) + k, "GET", Id(a.Segment), (ulong)a.Segment, a.Connection, $"key {a.Segment}"))],
        };

    private static SegmentId Id(int segment) => new((ushort)segment);
}
