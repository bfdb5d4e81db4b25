using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>Where the nodes post their reports.</summary>
internal static class IntakeEndpoint
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Maps the intake. The cluster key is its only authorization.</summary>
    public static IEndpointRouteBuilder MapIntake(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost(AdminRoutes.LoadIntake, AcceptAsync).AllowAnonymous().DisableAntiforgery().ExcludeFromDescription();
        return endpoints;
    }

    /// <summary>Bounds the reports' bodies, as they come and unpacked, and unpacks those that are compressed (Content-Encoding: gzip). Goes before the endpoints.</summary>
    public static void UseIntakeBodies(this IApplicationBuilder app, IntakeOptions options) => app.UseWhen(
        context => context.Request.Path == AdminRoutes.LoadIntake,
        intake =>
        {
            intake.Use((context, next) =>
            {
                if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
                {
                    limit.MaxRequestBodySize = options.MaxBodyBytes;
                }

                return next(context);
            });
            intake.UseRequestDecompression();
        });

    /// <summary>204 taken (or taken before), 400 rubbish, 401 wrong key, 409 foreign, 413 too large, 503 not ready.</summary>
    public static async Task<IResult> AcceptAsync(HttpContext http, LoadIntake intake, ClusterKey key)
    {
        if (!key.Matches(http.Request.Headers[AdminRoutes.KeyHeader]))
        {
            return Results.Problem($"The header {AdminRoutes.KeyHeader} does not carry this cluster's key.", statusCode: StatusCodes.Status401Unauthorized);
        }

        var (report, refusal) = await ReadAsync(http);
        if (report is null)
        {
            return refusal!;
        }

        var answer = await intake.AcceptAsync(report, http.RequestAborted);
        return answer.Verdict switch
        {
            IntakeVerdict.Taken => Results.NoContent(),
            IntakeVerdict.NotReady => Results.Problem(answer.Detail, statusCode: StatusCodes.Status503ServiceUnavailable),
            IntakeVerdict.Foreign => Results.Problem(answer.Detail, statusCode: StatusCodes.Status409Conflict),
            _ => Results.Problem(answer.Detail, statusCode: StatusCodes.Status400BadRequest),
        };
    }

    private static async Task<(LoadReport? Report, IResult? Refusal)> ReadAsync(HttpContext http)
    {
        try
        {
            var report = await JsonSerializer.DeserializeAsync<LoadReport>(http.Request.Body, Json, http.RequestAborted);
            return (report, Results.Problem("The body is null.", statusCode: StatusCodes.Status400BadRequest));
        }
        catch (JsonException e)
        {
            return (null, Results.Problem($"The body is no load report: {e.Message}", statusCode: StatusCodes.Status400BadRequest));
        }
        catch (InvalidDataException e)
        {
            return (null, Results.Problem($"The body cannot be unpacked: {e.Message}", statusCode: StatusCodes.Status400BadRequest));
        }
        catch (BadHttpRequestException e)
        {
            return (null, Results.Problem(e.Message, statusCode: e.StatusCode));
        }
    }
}
