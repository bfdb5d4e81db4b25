using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Planning;
using ShardConsole.ControlPlane.Approval;
using ShardConsole.ControlPlane.Rollout;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.ControlPlane.Settings;
using ShardConsole.Unit.Approval;

namespace ShardConsole.Unit.Settings;

public sealed class SettingsTests : IDisposable
{
    private readonly PlanWorld world = new();

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task A_change_is_in_force_at_once_kept_and_audited()
    {
        var view = world.SettingsDesk.Current();
        var outcome = await world.SettingsDesk.SaveAsync(view.Values with { ThresholdMillicores = 200 }, view.Etag, "ann", "smaller nodes", default);

        Assert.Equal((true, "1"), (outcome.Done, outcome.Id));
        Assert.Equal(200, world.Settings.Now.Scoring.ThresholdMillicores);
        var version = Assert.Single(await world.SettingsDesk.VersionsAsync(default));
        Assert.Equal((1L, "ann", "smaller nodes"), (version.Version, version.By, version.Reason));
        Assert.Equal(["thresholdMillicores: 250 → 200"], version.Changes);
        Assert.Equal(("settings-changed", "smaller nodes: thresholdMillicores: 250 → 200"), ((await world.Audit.ListAsync(0, 1, default))[0].Action, (await world.Audit.ListAsync(0, 1, default))[0].Detail));
    }

    [Fact]
    public async Task After_a_restart_a_change_holds_and_what_nobody_changed_follows_the_options()
    {
        await world.SetAsync(v => v with { ComfortZone = 0.5 });

        using var again = new SettingsStore(
            world.Database, new SettingsStart(new ScoringOptions { ThresholdMillicores = 99 }, new PlanningOptions(), new ApprovalOptions(), new RolloutOptions()), world.Audit, world.Real);

        Assert.Equal((99, 0.5), (again.Now.Values.ThresholdMillicores, again.Now.Values.ComfortZone));
    }

    [Fact]
    public async Task A_change_of_settings_that_were_changed_meanwhile_is_refused()
    {
        var view = world.SettingsDesk.Current();
        await world.SetAsync(v => v with { ComfortZone = 0.5 });

        Assert.Equal("changed", (await world.SettingsDesk.SaveAsync(view.Values, view.Etag, "ann", "", default)).Code);
    }

    [Fact]
    public async Task What_is_out_of_range_is_named_and_changes_nothing()
    {
        var wrong = world.Settings.Now.Values with
        {
            ThresholdMillicores = double.NaN, MovesPerNode = 0, Windows = [new WindowRule("x", WindowKind.Freeze, true, [], default, default, "Mars/Olympus")],
        };

        Assert.Equal(["movesPerNode", "thresholdMillicores", "windows"], (await world.SettingsDesk.PreviewAsync(wrong, default)).Problems.Keys);
        Assert.Equal("invalid", (await world.SettingsDesk.SaveAsync(wrong, null, "ann", "", default)).Code);
        Assert.Equal(0, world.Settings.Now.Version);
    }

    [Fact]
    public async Task Undo_takes_one_version_back_and_leaves_the_others()
    {
        await world.SetAsync(v => v with { ThresholdMillicores = 200 });
        await world.SetAsync(v => v with { ComfortZone = 0.5 });

        Assert.True((await world.SettingsDesk.UndoAsync(1, null, "ann", "", default)).Done);

        Assert.Equal((250, 0.5, 3L), (world.Settings.Now.Values.ThresholdMillicores, world.Settings.Now.Values.ComfortZone, world.Settings.Now.Version));
        Assert.Equal(1, (await world.SettingsDesk.VersionsAsync(default))[0].Undoes);
        await world.SetAsync(v => v with { ComfortZone = 0.6 });
        Assert.Equal("conflict", (await world.SettingsDesk.UndoAsync(2, null, "ann", "", default)).Code);
        Assert.Equal("not-found", (await world.SettingsDesk.UndoAsync(9, null, "ann", "", default)).Code);
    }

    [Fact]
    public async Task A_policy_is_tried_on_the_plans_of_the_past()
    {
        await world.ProposeAsync(PlanWorld.Of("one", 2));
        await world.ProposeAsync(PlanWorld.Of("two", 2, 4, 6));

        var dry = await world.SettingsDesk.DryRunAsync(new AutoApplyPolicy("p", false, 1, 10_000, 0.5, 5), 30, default);

        Assert.Equal((2, 1), (dry.Plans, dry.WouldApprove));
    }
}
