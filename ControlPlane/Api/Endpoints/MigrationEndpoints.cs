using Microsoft.AspNetCore.Mvc;
using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Callers;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Api.Requests;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Security;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Api.Endpoints;

/// <summary>Running migrations, their limits and the halt. The cluster decides: what it refuses is answered with its own code.</summary>
internal static class MigrationEndpoints
{
    private const int MaxReason = 1000;

    /// <summary>Maps migrations, limits and halt.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        var read = api.MapGroup("").WithTags("migrations");
        var change = api.MapGroup("").WithTags("migrations").RequireAuthorization(Roles.Operator);
        read.MapGet("/migrations", List).WithName("ListMigrations").WithSummary("Migrations with phase, progress, rate and time left; the newest first")
            .WithDescription("state: running, finished, failed (cancelled or rolled back) or all. plan: a plan's hash or its beginning. " + Paging.Words).Produces<Page<MigrationRow>>().ProducesValidationProblem();
        read.MapGet("/migrations/{id}", Get).WithName("GetMigration").WithSummary("One migration with its log").Produces<MigrationRow>().ProducesProblem(404);
        Action(MoveChange.Cancel, "CancelMigration", "cancel", "Cancels a migration; possible until it commits");
        Action(MoveChange.Pause, "PauseMigration", "pause", "Pauses copying; possible in every phase before the cut-over, clients notice nothing");
        Action(MoveChange.Resume, "ResumeMigration", "resume", "Resumes a paused migration");
        Action(MoveChange.Rollback, "RollBackMigration", "rollback", "Gives the segment back to its former owner, with the writes made since; possible while that keeps its copy. The answer names the migration that does it");
        Action(MoveChange.Finish, "FinishMigration", "finish", "Ends retention now: the former owner drops its copy");
        read.MapGet("/limits", (IClusterQueries queries) => queries.Summary().Limits).WithName("GetLimits").WithSummary("The limits of all migrations, as the meta group holds them");
        change.MapPatch("/limits", SetLimitsAsync).WithName("SetLimits").WithSummary("Changes some of the limits; what is left out stays")
            .Produces<MigrationLimits>().ProducesValidationProblem().ProducesProblem(503);
        read.MapGet("/halt", (IClusterQueries queries) => Now(queries.Summary())).WithName("GetHalt").WithSummary("Whether all migrations are halted, and by whom");
        change.MapPost("/halt", HaltAsync).WithName("Halt").WithSummary("Halts all migrations where they stand, in the whole cluster").Produces<HaltState>().ProducesValidationProblem().ProducesProblem(503);
        change.MapDelete("/halt", ResumeAsync).WithName("Resume").WithSummary("Resumes; exactly the former settings are in force again").Produces<HaltState>().ProducesProblem(503);

        void Action(MoveChange what, string name, string verb, string summary) => change
            .MapPost($"/migrations/{{id}}/{verb}", (string id, ReasonBody body, HttpContext http, IClusterQueries queries, IRolloutDesk desk, CancellationToken cancellation) =>
                ChangeAsync(what, id, body, http, queries, desk, cancellation))
            .WithName(name).WithSummary(summary).Produces<Outcome>().ProducesValidationProblem().ProducesProblem(404).ProducesProblem(409);
    }

    /// <summary>The halt.</summary>
    internal sealed record HaltState(bool Halted, string By);

    private static HaltState Now(ClusterSummary summary) => new(summary.Halted, summary.HaltedBy);

    private static IResult List(string? state, string? plan, int? offset, int? limit, string? cursor, HttpContext http, IClusterQueries queries, ApiOptions options)
    {
        var check = new RequestCheck();
        var paging = Paging.Read(check, "migrations", limit, cursor, offset, options.PageRows, options.MaxPageRows);
        if (state is not (null or "" or "all" or "running" or "finished" or "failed"))
        {
            check.Add("state", $"\"{state}\" is none of running, finished, failed, all.");
        }

        return check.Refusal ?? Results.Ok(paging.Of(
            "migrations", queries.Migrations().Where(m => Is(m, state) && (plan is null || m.PlanId.StartsWith(plan, StringComparison.Ordinal))), m => (long)m.Status.Id, _ => "", http));
    }

    private static bool Is(MigrationRow row, string? state) => state switch
    {
        "running" => !row.Status.Phase.IsEnded(),
        "finished" => row.Status.Phase == MigrationPhase.Done,
        "failed" => row.Status.Phase is MigrationPhase.Aborted or MigrationPhase.RolledBack,
        _ => true,
    };

    private static IResult Get(string id, IClusterQueries queries)
    {
        if (!ulong.TryParse(id, out var number))
        {
            return Refusals.Invalid("id", $"\"{id}\" is no migration; use its number.");
        }

        return queries.Migrations().FirstOrDefault(m => m.Status.Id == number) is { } row ? Results.Ok(row) : NoMigration(number);
    }

    private static async Task<IResult> ChangeAsync(
        MoveChange change, string id, ReasonBody body, HttpContext http, IClusterQueries queries, IRolloutDesk desk, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var reason = check.Text("reason", body.Reason, 1, MaxReason);
        if (!ulong.TryParse(id, out var number))
        {
            check.Add("id", $"\"{id}\" is no migration; use its number.");
        }

        return check.Refusal is { } refusal ? refusal
            : queries.Migrations().All(m => m.Status.Id != number) ? NoMigration(number)
            : Answer(await desk.ChangeAsync(number, change, Caller.Of(http), reason, cancellation));
    }

    private static async Task<IResult> SetLimitsAsync(LimitsBody body, HttpContext http, IClusterQueries queries, IRolloutDesk desk, CancellationToken cancellation)
    {
        var old = queries.Summary().Limits;
        var limits = new MigrationLimits(
            body.MaxConcurrentMoves ?? old.MaxConcurrentMoves, body.NodeBytesPerSecond ?? old.NodeBytesPerSecond, body.ClusterBytesPerSecond ?? old.ClusterBytesPerSecond,
            body.ClientP99GuardMicros ?? old.ClientP99GuardMicros, body.RetainSeconds ?? old.RetainSeconds, body.CutOverLimitMs ?? old.CutOverLimitMs,
            body.MaxNodeMoves ?? old.MaxNodeMoves, body.BatchSegments ?? old.BatchSegments);
        var outcome = await desk.SetLimitsAsync(limits, Caller.Of(http), cancellation);
        return outcome.Done ? Results.Ok(limits) : Refusals.Of(outcome);
    }

    private static async Task<IResult> HaltAsync([FromBody] ReasonBody? body, HttpContext http, IRolloutDesk desk, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var reason = check.Text("reason", body?.Reason, 1, MaxReason);
        if (check.Refusal is { } refusal)
        {
            return refusal;
        }

        var by = Caller.Of(http);
        var outcome = await desk.SetHaltAsync(true, by, reason, cancellation);
        return outcome.Done ? Results.Ok(new HaltState(true, by)) : Refusals.Of(outcome);
    }

    private static async Task<IResult> ResumeAsync(string? reason, HttpContext http, IRolloutDesk desk, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var why = check.Text("reason", reason, 0, MaxReason);
        if (check.Refusal is { } refusal)
        {
            return refusal;
        }

        var outcome = await desk.SetHaltAsync(false, Caller.Of(http), why, cancellation);
        return outcome.Done ? Results.Ok(new HaltState(false, "")) : Refusals.Of(outcome);
    }

    private static IResult NoMigration(ulong id) => Refusals.NotFound($"There is no migration {id}; the cluster keeps ended ones for a while only.");

    private static IResult Answer(Outcome outcome) => outcome.Done ? Results.Ok(outcome) : Refusals.Of(outcome);
}
