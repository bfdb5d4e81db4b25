using ShardConsole.ControlPlane;
using ShardConsole.ControlPlane.Demo;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Fleet.Simulated;
using ShardConsole.ControlPlane.Fleet.Simulated.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Fleet.Simulated;

public sealed class SimulatedFleetTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("simulated").FullName;
    private readonly SimulatedFleet fleet = new(new SimulatedOptions { Nodes = 6, Segments = 64 }, MigrationLimits.Default, TestClock.Real());

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Every_report_can_be_taken_and_each_segment_has_one_leader_and_its_followers()
    {
        fleet.Begin(null);
        var load = new SimulatedLoad(fleet.Options, new DemoProfile(64, TestClock.Start, 10_000, 5000, 1), fleet.Members, [.. fleet.SegmentBytes]);
        var now = TestClock.Start.ToUnixTimeMilliseconds();

        var reports = load.Reports(fleet.State.ClusterId, fleet.State.Map, [], false, TestClock.Start, now, 1000, 7, 1).ToArray();

        Assert.Equal(6, reports.Length);
        Assert.All(reports, r => Assert.Null(ReportCheck.Problem(r, 64, now)));
        var all = reports.SelectMany(r => r.Segments).GroupBy(s => s.Segment).ToArray();
        Assert.Equal(64, all.Length);
        Assert.All(all, g => Assert.Equal((1, 2), (g.Count(s => s.Keys >= 0), g.Count(s => s.Keys < 0))));
        foreach (var report in reports)
        {
            Assert.Equal(40 + (report.Segments.Sum(s => s.CpuMicros + s.FollowerCpuMicros) / 1000.0), report.Status.Use.CpuMillicores, 1.0);
            fleet.Reported(report);
        }

        fleet.Advance(0.5);
        Assert.All(fleet.State.Map.Shards, s => Assert.Equal(s.PreferredLeader, fleet.State.LeaderOf(s.Id)));
        Assert.All(fleet.State.Nodes, n => Assert.True(n.Use.CpuMillicores > 40));
    }

    [Fact]
    public async Task A_restart_goes_on_with_map_limits_and_halt()
    {
        fleet.Begin(null);
        var segment = new SegmentId(5);
        var from = fleet.State.Map.OwnerOf(segment);
        var to = fleet.State.Map.Shards.First(s => s.Id != from).Id;
        var id = (await fleet.StartMoveAsync(new StartMigration("p", 1, segment, from, to, "ann", ""), default)).MigrationId;
        for (var second = 0; second < 1000 && fleet.State.Map.OwnerOf(segment) == from; second++)
        {
            fleet.Advance(1);
        }

        await fleet.SetLimitsAsync(MigrationLimits.Default with { MaxConcurrentMoves = 7 }, default);
        await fleet.SetHaltAsync(new SetHalt(true, "ann", ""), default);
        fleet.Keep().Save(folder);
        var again = new SimulatedFleet(fleet.Options, MigrationLimits.Default, TestClock.Real());
        again.Begin(SimulatedState.Load(folder, 64));

        Assert.Equal((to, fleet.State.Map.Epoch, 7, true, "ann"), (again.State.Map.OwnerOf(segment), again.State.Map.Epoch, again.State.Limits.MaxConcurrentMoves, again.State.Halted, again.State.HaltedBy));
        await again.SetHaltAsync(new SetHalt(false, "ann", ""), default);
        Assert.Equal(id + 1, (await again.StartMoveAsync(new StartMigration("q", 1, segment, to, from, "ann", ""), default)).MigrationId);
        Assert.Throws<StartupException>(() => SimulatedState.Load(folder, 128));
    }

    [Fact]
    public void Options_outside_their_ranges_are_named()
    {
        Assert.Empty(new SimulatedOptions { Nodes = 100, Segments = 16384 }.Problems());
        Assert.Equal(
            7, new SimulatedOptions { Nodes = 0, Segments = 100, ShardsPerNode = 0, NodeCpuMillicores = 1, EvenUse = 0, NodeGigabytes = 0, Days = 29 }.Problems().Count());
    }
}
