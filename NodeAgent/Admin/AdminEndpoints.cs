using System.Globalization;
using ShardConsole.NodeAgent.Options;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Admin;

/// <summary>The admin port's HTTP face, as <see cref="AdminRoutes"/> names it. Health and metrics are open, everything else needs the cluster key.</summary>
internal static class AdminEndpoints
{
    private static readonly string[] MemberVerbs = ["drain", "retire", "undrain", "leave"];
    private static readonly string[] Verbs = ["cancel", "pause", "resume", "rollback", "finish"];

    /// <summary>Maps all routes; they need <see cref="IAdminBackend"/> and <see cref="ClusterKey"/> as services, and take every <see cref="IMetricsSource"/>.</summary>
    public static void MapAdmin(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(AdminRoutes.Health, Health);
        routes.MapGet(AdminRoutes.Metrics, Metrics);
        var locked = routes.MapGroup("").AddEndpointFilter(RequireKey);
        locked.MapGet(AdminRoutes.State, (IAdminBackend backend) => Json(backend.State()));
        locked.MapGet(AdminRoutes.Cluster, (IAdminBackend backend) => Json(backend.Cluster()));
        locked.MapGet(AdminRoutes.Migrations, (IAdminBackend backend) => Json(backend.Migrations()));
        locked.MapPost(AdminRoutes.Migrations, StartAsync);
        locked.MapPost(AdminRoutes.Migrations + "/{id}/{verb}", ChangeAsync);
        locked.MapGet(AdminRoutes.Replicas, (IAdminBackend backend) => Json(backend.Replicas()));
        locked.MapPost(AdminRoutes.Shards + "/{group}/replicas", ReplaceAsync);
        locked.MapPost(AdminRoutes.Shards + "/{shard}/leader", TransferAsync);
        locked.MapPost(AdminRoutes.Replicas + "/{id}/cancel", CancelReplicasAsync);
        locked.MapPost(AdminRoutes.Nodes + "/{id}/{verb}", ChangeMemberAsync);
        locked.MapGet(AdminRoutes.Integrity, (IAdminBackend backend) => Json(backend.Integrity()));
        locked.MapPost(AdminRoutes.Checks, CheckAsync);
        locked.MapPost(AdminRoutes.Orphans + "/{segment}/drop", DropOrphanAsync);
        locked.MapPost(AdminRoutes.Halt, HaltAsync);
        locked.MapPut(AdminRoutes.Limits, LimitsAsync);
    }

    private static async ValueTask<object?> RequireKey(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var key = context.HttpContext.RequestServices.GetRequiredService<ClusterKey>();
        return key.Equals(context.HttpContext.Request.Headers[AdminRoutes.KeyHeader].ToString())
            ? await next(context)
            : Results.Problem(
                $"The header {AdminRoutes.KeyHeader} does not carry this cluster's key.", statusCode: StatusCodes.Status401Unauthorized);
    }

    private static IResult Health(IAdminBackend backend) => backend.NotServing is { } reason
        ? Results.Text(reason, statusCode: StatusCodes.Status503ServiceUnavailable)
        : Results.Text("ok");

    private static IResult Metrics(IEnumerable<IMetricsSource> sources) =>
        Results.Text(PrometheusWriter.Write(sources.SelectMany(s => s.Metrics())), PrometheusWriter.ContentType);

    private static Task<IResult> StartAsync(HttpContext context, IAdminBackend backend) => ChangeMetaAsync<StartMigration>(
        context, backend, StatusCodes.Status202Accepted,
        request => AdminChecks.Check(request, backend.Cluster().Map.SegmentCount),
        (request, cancellation) => backend.StartAsync(request, cancellation));

    private static async Task<IResult> ChangeAsync(string id, string verb, HttpContext context, IAdminBackend backend)
    {
        if (!Verbs.Contains(verb))
        {
            return Results.Problem($"A migration knows {string.Join(", ", Verbs)}, not \"{verb}\".", statusCode: StatusCodes.Status404NotFound);
        }

        if (!ulong.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var migration))
        {
            return AdminJson.Invalid("id", $"\"{id}\" is not the number of a migration.");
        }

        return await ChangeMetaAsync<ChangeMigration>(
            context, backend, StatusCodes.Status202Accepted, AdminChecks.Check,
            (request, cancellation) => backend.ChangeAsync(migration, verb, request, cancellation));
    }

    private static async Task<IResult> ReplaceAsync(string group, HttpContext context, IAdminBackend backend) => GroupId.TryParse(group, out var id)
        ? await ChangeMetaAsync<ReplaceReplica>(
            context, backend, StatusCodes.Status202Accepted, AdminChecks.Check, (request, cancellation) => backend.ReplaceAsync(id, request, cancellation))
        : AdminJson.Invalid("group", $"\"{group}\" is neither a shard like \"s-07\" nor \"meta\".");

    private static async Task<IResult> TransferAsync(string shard, HttpContext context, IAdminBackend backend) => ShardId.TryParse(shard, out var id)
        ? await ChangeMetaAsync<TransferLeader>(
            context, backend, StatusCodes.Status202Accepted, AdminChecks.Check, (request, cancellation) => backend.TransferAsync(id, request, cancellation))
        : AdminJson.Invalid("shard", $"\"{shard}\" is no shard like \"s-07\".");

    private static async Task<IResult> CancelReplicasAsync(string id, HttpContext context, IAdminBackend backend) =>
        ulong.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var change)
            ? await ChangeMetaAsync<ChangeMigration>(
                context, backend, StatusCodes.Status202Accepted, AdminChecks.Check, (request, cancellation) => backend.CancelReplicasAsync(change, request, cancellation))
            : AdminJson.Invalid("id", $"\"{id}\" is not the number of a change of replicas.");

    private static async Task<IResult> ChangeMemberAsync(string id, string verb, HttpContext context, IAdminBackend backend)
    {
        if (!MemberVerbs.Contains(verb))
        {
            return Results.Problem($"A member knows {string.Join(", ", MemberVerbs)}, not \"{verb}\".", statusCode: StatusCodes.Status404NotFound);
        }

        return NodeId.TryParse(id, out var node)
            ? await ChangeMetaAsync<ChangeMigration>(
                context, backend, StatusCodes.Status202Accepted, AdminChecks.Check, (request, cancellation) => backend.ChangeMemberAsync(node, verb, request, cancellation))
            : AdminJson.Invalid("id", $"\"{id}\" is not the id of a node, 16 hexadecimal digits.");
    }

    /// <summary>Every node compares what it leads, so nothing is redirected: who wants all shards compared asks all nodes.</summary>
    private static async Task<IResult> CheckAsync(HttpContext context, IAdminBackend backend)
    {
        var (request, refusal) = await AdminJson.ReadAsync<StartCheck>(context.Request);
        return request is null ? refusal!
            : AdminChecks.Check(request) is var (field, problem) ? AdminJson.Invalid(field, problem)
            : Json(new CheckAnswer(await backend.CheckAsync(request)), StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> DropOrphanAsync(string segment, HttpContext context, IAdminBackend backend)
    {
        if (!ushort.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            return AdminJson.Invalid("segment", $"\"{segment}\" is not the number of a segment.");
        }

        var (request, refusal) = await AdminJson.ReadAsync<ChangeMigration>(context.Request);
        return request is null ? refusal!
            : AdminChecks.Check(request) is var (field, problem) ? AdminJson.Invalid(field, problem)
            : await backend.DropOrphanAsync(new SegmentId(id), request) ? Results.StatusCode(StatusCodes.Status202Accepted)
            : Results.Problem($"No shard that this node leads holds segment {id} as an orphan that can be dropped. GET {AdminRoutes.Integrity} lists them.", statusCode: StatusCodes.Status409Conflict);
    }

    private static Task<IResult> HaltAsync(HttpContext context, IAdminBackend backend) => ChangeMetaAsync<SetHalt>(
        context, backend, StatusCodes.Status200OK, AdminChecks.Check, backend.SetHaltAsync);

    private static Task<IResult> LimitsAsync(HttpContext context, IAdminBackend backend) => ChangeMetaAsync<MigrationLimits>(
        context, backend, StatusCodes.Status200OK, AdminChecks.Check, backend.SetLimitsAsync);

    /// <summary>Reads, checks, and asks the meta group, where this node leads it. A body that is wrong is wrong at every node, so it is judged first.</summary>
    private static async Task<IResult> ChangeMetaAsync<T>(
        HttpContext context, IAdminBackend backend, int accepted, Func<T, (string Field, string Problem)?> check,
        Func<T, CancellationToken, Task<MetaAnswer>> change)
        where T : class
    {
        var (request, refusal) = await AdminJson.ReadAsync<T>(context.Request);
        if (request is null)
        {
            return refusal!;
        }

        if (check(request) is var (field, problem))
        {
            return AdminJson.Invalid(field, problem);
        }

        if (backend.RedirectToMetaLeader() is { } leader)
        {
            return Json(leader, StatusCodes.Status421MisdirectedRequest);
        }

        var answer = await change(request, context.RequestAborted);
        return Json(answer, answer.Accepted ? accepted : StatusCodes.Status409Conflict);
    }

    private static IResult Json<T>(T value, int status = StatusCodes.Status200OK) => Results.Json(value, AdminJson.Options, statusCode: status);
}
