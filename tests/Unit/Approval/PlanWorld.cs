using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Approval;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.History;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.ControlPlane.Planning;
using ShardConsole.ControlPlane.Rollout;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.ControlPlane.Security;
using ShardConsole.ControlPlane.Settings;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;
using ShardConsole.Unit.Fleet;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Approval;

/// <summary>Everything that keeps, approves and carries out plans, over the two-node cluster of <see cref="Reports"/> and an empty database.</summary>
internal sealed class PlanWorld : IDisposable
{
    private readonly HistoryStore history;

    public PlanWorld()
    {
        Clock = TestClock.Model(Real);
        Audit = new AuditTrail(Database, Real);
        Settings = new SettingsStore(Database, new SettingsStart(new ScoringOptions(), new PlanningOptions(), new ApprovalOptions(), new RolloutOptions()), Audit, Real);
        history = new HistoryStore(new FrameTable(Database), new HistoryOptions(), Clock);
        Intake = new LoadIntake(Fleet, history, Database, new IntakeOptions(), Clock, Real);
        var scores = new ScoreKeeper(Fleet, Intake, new ForecastStore(Database, new HistoryOptions()), Settings, Database, Clock);
        Plans = new PlanStore(Database, new ApprovalOptions { KeptNothingToDo = 3 }, Audit);
        Maker = new PlanMaker(Fleet, Intake, scores, Plans, Settings, Patterns, new ApprovalOptions(), Clock);
        Check = new PlanCheck(Fleet, scores, Maker);
        Membership = new MembershipPlans(Fleet, Intake, scores, Plans, Clock);
        Desk = new PlanDesk(Plans, Maker, Membership, Check, Settings, Fleet, Clock);
        SettingsDesk = new SettingsDesk(Settings, Maker, Plans, Clock);
        Fleet.State = Reports.State();
    }

    public TestDatabase Database { get; } = new();

    public FakeTimeProvider Real { get; } = TestClock.Real();

    public ModelClock Clock { get; }

    public ScriptedFleet Fleet { get; } = new();

    public ScriptedPatterns Patterns { get; } = new();

    public LoadIntake Intake { get; }

    public PlanStore Plans { get; }

    public PlanCheck Check { get; }

    public AuditTrail Audit { get; }

    public PlanDesk Desk { get; }

    public PlanMaker Maker { get; }

    public MembershipPlans Membership { get; }

    public SettingsStore Settings { get; }

    public SettingsDesk SettingsDesk { get; }

    /// <summary>What the clients' 99th percentile is, milliseconds.</summary>
    public double ClientP99Ms { get; set; } = double.NaN;

    /// <summary>Puts other settings in force.</summary>
    public async Task SetAsync(Func<SettingsValues, SettingsValues> change) =>
        Assert.True((await Settings.ChangeAsync(now => (change(now.Values), null), "root", "", null, default)).Done);

    /// <summary>A plan that moves even segments from shard 1 to shard 2; the reason makes it another plan.</summary>
    public static Plan Of(string reason, params int[] segments) => new(
        "load", TestClock.Start, 1, reason,
        [.. segments.Select((s, i) => new Move(i + 1, new SegmentId((ushort)s), Reports.S1, Reports.S2, 40, 1000, "because"))],
        new PlanPreconditions([Reports.S1, Reports.S2], [Reports.N1, Reports.N2], 0.3, [100, 100]));

    public async Task<StoredPlan> ProposeAsync(Plan plan)
    {
        await Plans.ProposeAsync(plan, new PlanFindings(1000, 2, 1.5, 1.1, 30, 0, 0.9, null, null, [], [], "no policy"), "planner", default);
        return (await Plans.FindAsync(plan.Hash, default))!;
    }

    public async Task<StoredPlan> FindAsync(Plan plan) => (await Plans.FindAsync(plan.Hash, default))!;

    /// <summary>A driver as after a start of the program.</summary>
    public RolloutDriver Driver(RolloutOptions? options = null) =>
        new(Plans, Check, Fleet, Settings, () => ClientP99Ms, options ?? new RolloutOptions(), Clock, Real, NullLogger<RolloutDriver>.Instance);

    public void Dispose()
    {
        Settings.Dispose();
        Audit.Dispose();
        history.Dispose();
        Database.Dispose();
    }
}
