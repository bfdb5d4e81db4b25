using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Features;

namespace ShardConsole.ControlPlane.Api.Answers;

/// <summary>Turns what goes wrong outside the endpoints of /api (binding, malformed JSON, missing keys, bugs) into ProblemDetails.</summary>
internal static partial class ErrorAnswers
{
    private const string NoKey = "Send \"Authorization: Bearer sck_…\" with an API key, or sign in.";

    /// <summary>Adds it in front of everything below /api.</summary>
    public static void Use(IApplicationBuilder app) => app.UseWhen(context => context.Request.Path.StartsWithSegments("/api"), api => api.Use(AnswerAsync));

    private static async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await OfBadRequest(e).ExecuteAsync(context);
            return;
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return; // The caller has gone; there is nobody to answer.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            Failed(context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("ShardConsole.Api"), e, context.Request.Method, context.Request.Path);
            context.Response.Clear();
            await Refusals.Problem(StatusCodes.Status500InternalServerError, "internal", "The control plane failed at this request; its log says why.").ExecuteAsync(context);
            return;
        }

        var status = context.Response.StatusCode;
        if (status >= 400 && !context.Response.HasStarted && context.Response.ContentLength is null or 0 && context.Response.ContentType is null)
        {
            await OfStatus(status, context).ExecuteAsync(context);
        }
    }

    private static IResult OfBadRequest(BadHttpRequestException e)
    {
        if (e.InnerException is JsonException json)
        {
            var field = json.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : "body";
            var where = json.LineNumber is { } line ? $" (line {line + 1}, byte {json.BytePositionInLine})" : "";
            return Refusals.Invalid(field, json.InnerException is null && field != "body" ? $"The value does not fit{where}." : $"The body is no valid JSON of this request{where}.");
        }

        if (e.StatusCode != StatusCodes.Status400BadRequest)
        {
            return Refusals.Problem(e.StatusCode, "invalid", e.Message);
        }

        var bound = BoundParameter().Match(e.Message);
        return bound.Success ? Refusals.Invalid(bound.Groups[1].Value, $"\"{bound.Groups[2].Value}\" does not fit.")
            : e.Message.Contains("body", StringComparison.OrdinalIgnoreCase) ? Refusals.Invalid("body", "A JSON body is needed.")
            : MissingParameter().Match(e.Message) is { Success: true } missing ? Refusals.Invalid(missing.Groups[1].Value, "It is needed.")
            : Refusals.Problem(e.StatusCode, "invalid", e.Message);
    }

    private static IResult OfStatus(int status, HttpContext context) => status switch
    {
        StatusCodes.Status401Unauthorized => Refusals.Problem(
            status, "no-key", context.Request.Headers.Authorization.Count > 0 ? $"The API key is unknown, revoked or expired. {NoKey}" : NoKey),
        StatusCodes.Status403Forbidden => Refusals.Problem(status, "forbidden", $"\"{context.User.Identity?.Name}\" may not do this; {Needed(context)}."),
        StatusCodes.Status404NotFound => Refusals.Problem(status, "not-found", $"There is no {context.Request.Path}. /swagger lists what there is."),
        StatusCodes.Status405MethodNotAllowed => Refusals.Problem(
            status, "method", $"{context.Request.Method} is not allowed here; allowed: {context.Response.Headers.Allow}."),
        StatusCodes.Status415UnsupportedMediaType => Refusals.Problem(status, "media-type", "Send the body as application/json."),
        _ => Refusals.Problem(status, "refused", Refusals.TitleOf(status)),
    };

    private static string Needed(HttpContext context)
    {
        var roles = context.Features.Get<IEndpointFeature>()?.Endpoint?.Metadata.GetOrderedMetadata<Microsoft.AspNetCore.Authorization.IAuthorizeData>() ?? [];
        var highest = roles.Select(r => r.Policy).Where(Security.Roles.IsRole).OrderBy(p => Security.Roles.All.ToList().IndexOf(p!)).LastOrDefault();
        return highest is null ? "another role is needed" : $"the role \"{highest}\" is needed";
    }

    /// <summary>The framework's words for a parameter that does not convert.</summary>
    [GeneratedRegex("""Failed to bind parameter ".*? (\w+)" from "(.*)"\.""", RegexOptions.Singleline)]
    private static partial Regex BoundParameter();

    /// <summary>The framework's words for a parameter that is missing.</summary>
    [GeneratedRegex("""Required parameter ".*? (\w+)" was not provided""", RegexOptions.Singleline)]
    private static partial Regex MissingParameter();

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void Failed(ILogger logger, Exception exception, string method, string path);
}
