using System.Collections.Immutable;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Import;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.Components.Fakes;

/// <summary>Plans, moves and imports that remember what was asked of them.</summary>
internal sealed class FakeDesks : IPlanDesk, IPlanBench, IRolloutDesk, IImportDesk
{
    private readonly FakeCluster cluster;

    public FakeDesks(FakeCluster cluster)
    {
        this.cluster = cluster;
        Detail = MakePlan();
        Plans =
        [
            Detail.Summary,
            Past("5b90", PlanState.Done, "Sessions grow on s-11 after release", 4),
            Past("c7a2", PlanState.NothingToDo, "All nodes stay under 64 % for 24 h", 0),
            Past("91fe", PlanState.Halted, "Halt all by ops-1: incident on zone b", 8),
            Past("0c3b", PlanState.Stale, "s-07 over its threshold at 09:20", 12) with { Drift = "segment 427 moved to s-05" },
        ];
    }

    public PlanDetail Detail { get; set; }

    public List<PlanSummary> Plans { get; }

    public List<ImportRow> Imports { get; } = [];

    /// <summary>What was asked, in words.</summary>
    public List<string> Asked { get; } = [];

    public Outcome Answer { get; set; } = new(null, "");

    public Exception? Failure { get; set; }

    public Task<IReadOnlyList<PlanSummary>> ListAsync(CancellationToken cancellation) =>
        Failure is null ? Task.FromResult<IReadOnlyList<PlanSummary>>(Plans) : Task.FromException<IReadOnlyList<PlanSummary>>(Failure);

    public Task<PlanDetail?> FindAsync(string id, CancellationToken cancellation) =>
        Task.FromResult(Detail.Summary.Id.StartsWith(id, StringComparison.Ordinal) ? Detail : null);

    public Task<Outcome> MakeAsync(Actor by, IReadOnlyList<SegmentId>? segments, CancellationToken cancellation) =>
        Ask($"make by {by} for {(segments is null ? "all" : string.Join(" ", segments))}", Detail.Summary.Id);

    public Task<Outcome> ApproveAsync(string id, string? etag, DateTimeOffset? startAt, Actor by, string reason, CancellationToken cancellation) =>
        Ask($"approve {id[..4]} {etag} {(startAt is null ? "now" : startAt.Value.ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture))} by {by}: {reason}", id);

    public Task<Outcome> RejectAsync(string id, string? etag, string by, string reason, CancellationToken cancellation) => Ask($"reject {id[..4]} {etag} by {by}: {reason}", id);

    public Task<Outcome> LeadAsync(ShardId shard, NodeId from, NodeId to, string by, string reason, CancellationToken cancellation) => Ask($"{shard} led by {to} instead of {from}, by {by}: {reason}", "");

    public Task<Outcome> UnscheduleAsync(string id, string by, CancellationToken cancellation) => Ask($"unschedule {id[..4]} by {by}", id);

    public Task<Outcome> ScheduleAsync(string id, string? etag, PlanTiming when, DateTimeOffset? startAt, Actor by, string reason, CancellationToken cancellation) =>
        Ask($"schedule {id[..4]} {etag} {when} by {by}: {reason}", id);

    public Task<Outcome> EditAsync(string id, string? etag, IReadOnlyList<int> drop, IReadOnlyList<int> keep, Actor by, string reason, CancellationToken cancellation) =>
        Ask($"edit {id[..4]} {etag} drop {string.Join(' ', drop)} keep {string.Join(' ', keep)} by {by}: {reason}", "8f02" + id[4..]);

    public Task<Outcome> RefreshAsync(string id, Actor by, CancellationToken cancellation) => Ask($"refresh {id[..4]} by {by}", "8f02" + id[4..]);

    public Task<Outcome> ForMemberAsync(NodeId node, Actor by, CancellationToken cancellation) => Ask($"plan for {node} by {by}", "8f03");

    public Task<Outcome> UndoAsync(string id, Actor by, CancellationToken cancellation) => Ask($"undo {id[..4]} by {by}", "8f04" + id[4..]);

    public Task<Outcome> RemovePolicyAsync(string name, Actor by, CancellationToken cancellation) => Ask($"remove policy {name} by {by}", null);

    public Task<IReadOnlyList<AutoApplyPolicy>> PoliciesAsync(CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<AutoApplyPolicy>>([new AutoApplyPolicy("night moves", false, 5, 1_000_000_000, 0.9, 10)]);

    public Task<Outcome> SavePolicyAsync(AutoApplyPolicy policy, string by, CancellationToken cancellation) => Ask($"policy {policy.Name} by {by}", null);

    public Task<Outcome> ChangeAsync(ulong migration, ControlPlane.Fleet.MoveChange change, string by, string reason, CancellationToken cancellation) => Ask($"{change.ToString().ToLowerInvariant()} {migration} by {by}: {reason}", null);

    public Task<Outcome> SetHaltAsync(bool halted, string by, string reason, CancellationToken cancellation)
    {
        cluster.Halted = halted && Answer.Done;
        return Ask($"halt {halted} by {by}", null);
    }

    public Task<Outcome> SetLimitsAsync(MigrationLimits limits, string by, CancellationToken cancellation) => Ask($"limits {limits.MaxConcurrentMoves} {limits.NodeBytesPerSecond} {limits.ClusterBytesPerSecond} by {by}", null);

    public IReadOnlyList<ImportRow> List() => Failure is null ? Imports : throw Failure;

    public async Task<Outcome> UploadAsync(string fileName, Stream content, ImportSettings settings, string by, CancellationToken cancellation)
    {
        using var copy = new MemoryStream();
        await content.CopyToAsync(copy, cancellation);
        return await Ask($"upload {fileName} {copy.Length} by {by}", "1");
    }

    public Task<Outcome> TakeBackAsync(long id, string by, CancellationToken cancellation) => Ask($"take import {id} back by {by}", null);

    public Task<Outcome> CancelAsync(long id, string by, CancellationToken cancellation) => Ask($"cancel import {id} by {by}", null);

    /// <summary>Migrations in several phases, as the plan runs.</summary>
    public void StartMoves()
    {
        MigrationPhase[] phases = [MigrationPhase.Done, MigrationPhase.Retaining, MigrationPhase.CuttingOver, MigrationPhase.Verifying, MigrationPhase.Shadowing, MigrationPhase.Shadowing, MigrationPhase.Preparing];
        for (var i = 0; i < phases.Length; i++)
        {
            var move = Detail.Plan.Moves[i];
            var copied = phases[i] == MigrationPhase.Shadowing ? move.Bytes * (7 - i) / 4 : phases[i] == MigrationPhase.Preparing ? 0 : move.Bytes;
            var ms = cluster.Now.ToUnixTimeMilliseconds();
            var status = new MigrationStatus(
                90_388 + (ulong)i, Detail.Summary.Id, move.Number, move.Segment, move.From, move.To, phases[i], false, copied / 8000, copied, move.Bytes / 8000, move.Bytes,
                phases[i] == MigrationPhase.Shadowing ? 5_100_000 : 0, 3, phases[i] >= MigrationPhase.Retaining ? 3100 + (i * 400) : 0,
                [new PhaseEntry(MigrationPhase.Preparing, ms - 40_000, "plan 7c1e", 90_388, ""), new PhaseEntry(MigrationPhase.Shadowing, ms - 39_900, "", 90_390, "every write goes to both shards")]);
            cluster.MigrationRows.Add(new MigrationRow(
                status, Detail.Summary.Id, FakeCluster.NodeOf(move.From), FakeCluster.NodeOf(move.To), phases[i].IsEnded() ? double.NaN : 6 * i, 2,
                "Hold commands for the segment, commit at the meta group, serve from the target. Until that commit, Cancel leaves everything as it was.", cluster.Now.AddMinutes(-1), phases[i].IsEnded() ? cluster.Now : null));
        }
    }

    private Task<Outcome> Ask(string what, string? id)
    {
        Asked.Add(what);
        return Task.FromResult(Answer with { Id = id });
    }

    private PlanDetail MakePlan()
    {
        ushort[] targets = [1, 5, 2, 9, 9, 5, 2, 2, 12, 12, 5, 12];
        var segments = Enumerable.Range(0, cluster.SegmentCount).Where(s => cluster.CurrentMap.Owners[s].Value == 7).OrderByDescending(s => cluster.Forecast!.Q50[18][s]).Take(12).ToArray();
        var moves = segments.Select((s, i) => new Move(
            i + 1, new SegmentId((ushort)s), new ShardId(7), new ShardId(targets[i]), cluster.Forecast!.Q50.Max(q => q[s]), 139_000_000 + ((11 - i) * 9_000_000L),
            "Takes the largest share that is left off s-07. The target's node has most room in the same hour, and is near.")).ToImmutableArray();
        var plan = new Plan("load", cluster.Now.AddMinutes(-2), 412, "n3 reaches 91 % at 09:20: s-07 grows with the flash sale", moves, new PlanPreconditions([new ShardId(7)], [new NodeId(3)], 0.2, [3808]));
        var summary = new PlanSummary(
            plan.Hash, PlanState.Proposed, plan.MadeAt, plan.Reason, moves.Length, moves.Sum(m => m.Bytes), 240, 1.75, 1.34, 530, 0, 0.93, cluster.Now.AddMinutes(55), cluster.Now.AddHours(5.75), "night moves: no, 12 > 5 moves", 0, 0, null);
        return new PlanDetail(
            summary, plan, "\"412-7c1e\"", [.. moves.Select(m => new PlanMove(m, FakeCluster.NodeOf(m.From), FakeCluster.NodeOf(m.To), 0, null, null))],
            [.. Enumerable.Range(1, 6).Select(i => new NodeEffect(new NodeId((ulong)i), $"n{i}", ((double[])[0.53, 0.54, 0.91, 0.58, 0.6, 0.62])[i - 1], ((double[])[0.61, 0.56, 0.69, 0.58, 0.61, 0.62])[i - 1]))],
            [.. ((int[])[611, 79, 432, 409, 414, 96, 17, 1003]).Select((s, i) => new Refusal(new SegmentId((ushort)s), new ShardId(7), i % 3 == 1 ? new ShardId(3) : null, ((string[])["One key takes 38 % of it. Moving will not help.", "s-03 is led by the same node.", "Cooling down for 6 min after its last move."])[i % 3]))],
            [new PlanLogEntry(plan.MadeAt, PlanState.Proposed, "planner", "Forecast of 03:08")]);
    }

    private PlanSummary Past(string id, PlanState state, string reason, int moves) => new(
        id + new string('0', 60), state, cluster.Now.AddDays(-1 - moves), reason, moves, moves * 200_000_000L, 200, 1.58, 1.21, 120, 0, 0.9, null, null, "no policy", moves / 2, 0, null);
}
