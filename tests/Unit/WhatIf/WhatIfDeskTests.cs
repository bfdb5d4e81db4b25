using Microsoft.Extensions.Logging.Abstractions;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.WhatIf;
using ShardConsole.Unit.Api;
using ShardConsole.Unit.Approval;

namespace ShardConsole.Unit.WhatIf;

/// <summary>Replays over the scripted two-node cluster and its day of history.</summary>
public sealed class WhatIfDeskTests : IDisposable
{
    private readonly PlanWorld world = new();
    private readonly WhatIfDesk desk;

    public WhatIfDeskTests() => desk = DeskOf(new WhatIfOptions { MaxWaiting = 2, MaxKept = 3 });

    [Fact]
    public async Task A_replay_compares_its_policies_on_the_same_history()
    {
        var run = await DoneAsync(new WhatIfChange { Days = 1, Foresight = true, Traffic = 0.5 });

        Assert.Equal((WhatIfState.Done, "Traffic × 0.5", null), (run.State, run.Title, run.Failure));
        Assert.Equal(["noMove", "reactive", "plan", "foresight"], run.Columns.Select(c => c.Policy));
        Assert.Equal(0, run.Columns[0].Moves);
        Assert.All(run.Columns, c => Assert.Equal(run.Columns[0].Starts, c.Starts));
        Assert.All(run.Columns, c => Assert.Equal(["n1", "n2"], c.Nodes));
        Assert.InRange((run.To!.Value - run.From!.Value).TotalHours, 23, 24);
        Assert.Equal(run.Columns[0].Busiest.Where(double.IsFinite).Max(), run.Columns[0].Highest, 6);
    }

    [Fact]
    public async Task Twice_the_traffic_is_twice_the_demand()
    {
        var once = await DoneAsync(new WhatIfChange { Days = 1, Traffic = 1 });
        var twice = await DoneAsync(new WhatIfChange { Days = 1, Traffic = 2 });

        Assert.True(once.Columns[0].Highest > 0);
        Assert.Equal(2 * once.Columns[0].Highest, twice.Columns[0].Highest, 5);
    }

    [Fact]
    public async Task Without_a_node_the_others_bear_its_load()
    {
        var run = await DoneAsync(new WhatIfChange { Days = 1, Without = ["n2"] });

        Assert.All(run.Columns, c => Assert.Equal(["n1"], c.Nodes));
    }

    [Fact]
    public async Task What_cannot_be_replayed_says_why()
    {
        var run = await DoneAsync(new WhatIfChange { Plan = "beef" });

        Assert.Equal((WhatIfState.Failed, "There is no plan beef, or more than one begins so."), (run.State, run.Failure));
    }

    [Fact]
    public void A_replay_that_waits_can_be_cancelled_once()
    {
        var id = desk.Start(new WhatIfChange(), "ann").Id!;

        Assert.True(desk.Cancel(id).Done);
        Assert.Equal(WhatIfState.Cancelled, desk.Find(id)!.State);
        Assert.Equal("conflict", desk.Cancel(id).Code);
        Assert.Equal("not-found", desk.Cancel("beef").Code);
    }

    [Fact]
    public async Task A_replay_that_runs_stops_when_it_is_cancelled()
    {
        var id = desk.Start(new WhatIfChange { Days = 1 }, "ann").Id!;
        var ended = Ended(id);
        desk.Changed += () =>
        {
            if (desk.Find(id)!.State == WhatIfState.Running)
            {
                desk.Cancel(id);
            }
        };

        await desk.StartAsync(default);

        Assert.Equal(WhatIfState.Cancelled, (await ended).State);
    }

    [Fact]
    public void Only_so_many_wait_and_only_so_many_are_kept()
    {
        var first = desk.Start(new WhatIfChange(), "ann").Id!;
        desk.Start(new WhatIfChange(), "ann");
        Assert.Equal("conflict", desk.Start(new WhatIfChange(), "ann").Code);

        foreach (var _ in Enumerable.Range(0, 3))
        {
            desk.Cancel(desk.List()[0].Id);
            desk.Start(new WhatIfChange(), "ann");
        }

        Assert.Equal(3, desk.List().Count);
        Assert.NotNull(desk.Find(first));
    }

    [Theory]
    [InlineData("days")]
    [InlineData("thresholdMillicores")]
    [InlineData("comfortZone")]
    [InlineData("quantile")]
    [InlineData("horizonHours")]
    [InlineData("traffic")]
    [InlineData("movesAtOnce")]
    [InlineData("clusterBytesPerSecond")]
    [InlineData("added")]
    [InlineData("without")]
    [InlineData("pinned")]
    public void Each_field_is_checked_and_named(string field)
    {
        var change = field switch
        {
            "days" => new WhatIfChange { Days = 29 },
            "thresholdMillicores" => new WhatIfChange { ThresholdMillicores = 0 },
            "comfortZone" => new WhatIfChange { ComfortZone = 1.2 },
            "quantile" => new WhatIfChange { Quantile = 0.49 },
            "horizonHours" => new WhatIfChange { HorizonHours = 49 },
            "traffic" => new WhatIfChange { Traffic = double.NaN },
            "movesAtOnce" => new WhatIfChange { MovesAtOnce = 0 },
            "clusterBytesPerSecond" => new WhatIfChange { ClusterBytesPerSecond = 999 },
            "added" => new WhatIfChange { Added = 65 },
            "without" => new WhatIfChange { Without = ["n1", "n2"] },
            _ => new WhatIfChange { Pinned = [64] },
        };

        var outcome = desk.Start(change, "ann");

        Assert.Equal("invalid", outcome.Code);
        Assert.StartsWith(field + ": ", outcome.Detail, StringComparison.Ordinal);
        Assert.Null(WhatIfCheck.Problem(new WhatIfChange { Days = 28, Without = ["n1"], Pinned = [0, 63] }, world.Fleet.State));
    }

    public void Dispose()
    {
        desk.Dispose();
        world.Dispose();
    }

    private WhatIfDesk DeskOf(WhatIfOptions options) => new(
        new WhatIfRunner(world.Fleet, new FakeCluster(world.Fleet), world.Desk, world.Settings, options, world.Clock), world.Fleet, world.Settings, options, world.Clock, TimeProvider.System,
        NullLogger<WhatIfDesk>.Instance);

    private async Task<WhatIfRun> DoneAsync(WhatIfChange change)
    {
        var id = desk.Start(change, "ann").Id!;
        var ended = Ended(id);
        await desk.StartAsync(default);
        var run = await ended;
        await desk.StopAsync(default);
        return run;
    }

    private Task<WhatIfRun> Ended(string id)
    {
        var ended = new TaskCompletionSource<WhatIfRun>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (desk.Find(id) is { State: > WhatIfState.Running } run)
            {
                ended.TrySetResult(run);
            }
        }

        desk.Changed += Look;
        Look();
        return ended.Task;
    }
}
