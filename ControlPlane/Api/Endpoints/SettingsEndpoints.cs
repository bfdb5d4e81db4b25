using Microsoft.AspNetCore.Mvc;
using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Callers;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Api.Requests;
using ShardConsole.ControlPlane.Security;

namespace ShardConsole.ControlPlane.Api.Endpoints;

/// <summary>The settings: looking at them, asking what a change would do, changing them, taking a change back.</summary>
internal static class SettingsEndpoints
{
    private const int MaxReason = 1000;

    /// <summary>Maps GET and PUT settings, POST preview and undo, GET versions.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        var settings = api.MapGroup("/settings").WithTags("settings");
        var change = settings.MapGroup("").RequireAuthorization(Roles.Administrator);
        settings.MapGet("", Get).WithName("GetSettings").WithSummary("The settings in force, with the range, the default and the effect of each")
            .WithDescription("Windows and policies are part of them. The answer carries an ETag.").Produces<SettingsView>();
        settings.MapGet("/versions", async (int? limit, string? cursor, HttpContext http, ISettingsDesk desk, CancellationToken cancellation) =>
                Paging.Rows("versions", await desk.VersionsAsync(cancellation), v => v.Version, _ => "", limit, cursor, http)).WithName("ListSettingsVersions")
            .WithSummary("All versions with what each changed, the newest first").WithDescription(Paging.ArrayWords).Produces<IReadOnlyList<SettingsVersion>>().ProducesValidationProblem();
        settings.MapPost("/preview", PreviewAsync).WithName("PreviewSettings").WithSummary("What these settings would change, and what would follow; changes nothing")
            .Produces<SettingsPreview>().ProducesValidationProblem();
        change.MapPut("", PutAsync).WithName("SaveSettings").WithSummary("Puts settings in force as a new version; what is left out stays")
            .WithDescription("If-Match with the ETag refuses the change with 412 when another version came meanwhile.")
            .Produces<SettingsView>().ProducesValidationProblem().ProducesProblem(412);
        change.MapPost("/versions/{version:long}/undo", UndoAsync).WithName("UndoSettings").WithSummary("Takes the change of one version back, as a new version")
            .Produces<SettingsView>().ProducesProblem(404).ProducesProblem(409).ProducesProblem(412);
    }

    private static IResult Get(HttpContext http, ISettingsDesk desk)
    {
        var view = desk.Current();
        http.Response.Headers.ETag = view.Etag;
        http.Response.Headers.CacheControl = "private, no-cache";
        return EntityTag.Names(http.Request.Headers.IfNoneMatch, view.Etag) ? Results.StatusCode(StatusCodes.Status304NotModified) : Results.Ok(view);
    }

    private static async Task<IResult> PreviewAsync(SettingsBody body, ISettingsDesk desk, CancellationToken cancellation)
    {
        var preview = await desk.PreviewAsync(body.Over(desk.Current().Values), cancellation);
        return preview.Problems.Count > 0 ? Refusals.Invalid(preview.Problems.ToDictionary()) : Results.Ok(preview);
    }

    private static async Task<IResult> PutAsync(
        SettingsBody body, [FromHeader(Name = "If-Match")] string? ifMatch, HttpContext http, ISettingsDesk desk, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var reason = check.Text("reason", body.Reason, 0, MaxReason);
        var values = body.Over(desk.Current().Values);
        if (check.Refusal is null && Settings.Core.SettingsCatalog.Problems(values) is { Count: > 0 } problems)
        {
            return Refusals.Invalid(problems.ToDictionary());
        }

        return check.Refusal ?? Answer(http, desk, await desk.SaveAsync(values, EntityTag.Quoted(ifMatch), Caller.ActorOf(http), reason, cancellation));
    }

    private static async Task<IResult> UndoAsync(
        long version, [FromBody] ReasonBody? body, [FromHeader(Name = "If-Match")] string? ifMatch, HttpContext http, ISettingsDesk desk, CancellationToken cancellation)
    {
        var check = new RequestCheck();
        var reason = check.Text("reason", body?.Reason, 0, MaxReason);
        return check.Refusal ?? Answer(http, desk, await desk.UndoAsync(version, EntityTag.Quoted(ifMatch), Caller.ActorOf(http), reason, cancellation));
    }

    private static IResult Answer(HttpContext http, ISettingsDesk desk, Outcome outcome) => outcome.Done ? Get(http, desk) : Refusals.Of(outcome);
}
