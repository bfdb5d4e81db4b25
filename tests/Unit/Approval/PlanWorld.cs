using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ShardConsole.ControlPlane.Approval;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.History;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.ControlPlane.Planning;
using ShardConsole.ControlPlane.Rollout;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.ControlPlane.Security;
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
        history = new HistoryStore(new FrameTable(Database), new HistoryOptions(), Clock);
        var intake = new LoadIntake(Fleet, history, Database, new IntakeOptions(), Clock, Real);
        var scores = new ScoreKeeper(Fleet, intake, new ForecastStore(Database, new HistoryOptions()), new ScoringOptions(), Database, Clock);
        Plans = new PlanStore(Database, new ApprovalOptions());
        var policies = new PolicyStore(Database);
        var maker = new PlanMaker(Fleet, intake, scores, Plans, policies, new PlanningOptions(), new ApprovalOptions(), Clock);
        Check = new PlanCheck(Fleet, scores, maker);
        Audit = new AuditTrail(Database, Real);
        Desk = new PlanDesk(Plans, maker, Check, policies, Audit, Fleet, Clock);
        Fleet.State = Reports.State();
    }

    public TestDatabase Database { get; } = new();

    public FakeTimeProvider Real { get; } = TestClock.Real();

    public ModelClock Clock { get; }

    public ScriptedFleet Fleet { get; } = new();

    public PlanStore Plans { get; }

    public PlanCheck Check { get; }

    public AuditTrail Audit { get; }

    public PlanDesk Desk { get; }

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
        new(Plans, Check, Fleet, options ?? new RolloutOptions(), Clock, Real, NullLogger<RolloutDriver>.Instance);

    public void Dispose()
    {
        history.Dispose();
        Database.Dispose();
    }
}
