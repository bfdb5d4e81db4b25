using System.Text.RegularExpressions;
using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Api.Answers;

/// <summary>Every refusal of REST as ProblemDetails: the one place that knows which status an outcome's code has.</summary>
internal static partial class Refusals
{
    /// <summary>The status of a code. Whatever the cluster or a plan's state refuses is a conflict with what is.</summary>
    public static int StatusOf(string code) => code switch
    {
        "invalid" => StatusCodes.Status400BadRequest,
        "not-found" or "unknown-migration" or "unknown-change" or "unknown-shard" or "not-member" => StatusCodes.Status404NotFound,
        "changed" => StatusCodes.Status412PreconditionFailed,
        "unavailable" => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status409Conflict,
    };

    /// <summary>The problem of an outcome that was not done.</summary>
    public static IResult Of(Outcome outcome)
    {
        var code = outcome.Code ?? "conflict";
        if (code == "invalid")
        {
            var named = FieldFirst().Match(outcome.Detail);
            return Invalid(named.Success ? named.Groups[1].Value : "request", named.Success ? named.Groups[2].Value : outcome.Detail);
        }

        return Problem(StatusOf(code), code, outcome.Detail);
    }

    /// <summary>404: there is nothing of this name.</summary>
    public static IResult NotFound(string detail) => Problem(StatusCodes.Status404NotFound, "not-found", detail);

    /// <summary>400: one field is wrong.</summary>
    public static IResult Invalid(string field, string problem) => Invalid(new Dictionary<string, string[]> { [field] = [problem] });

    /// <summary>400: these fields are wrong.</summary>
    public static IResult Invalid(IDictionary<string, string[]> problems) => Results.ValidationProblem(
        problems, string.Join(' ', problems.Select(p => $"{p.Key}: {p.Value[0]}")), title: "The request cannot be used",
        type: TypeOf("invalid"), extensions: new Dictionary<string, object?> { ["code"] = "invalid" });

    /// <summary>A problem with its code for programs.</summary>
    public static IResult Problem(int status, string code, string detail) => Results.Problem(
        detail, statusCode: status, title: TitleOf(status), type: TypeOf(code), extensions: new Dictionary<string, object?> { ["code"] = code });

    /// <summary>The problem's type (RFC 9457): stable for each code, for programs that compare types.</summary>
    public static string TypeOf(string code) => $"urn:shardconsole:problem:{code}";

    /// <summary>A short title of a status.</summary>
    public static string TitleOf(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "The request cannot be used",
        StatusCodes.Status401Unauthorized => "Not signed in",
        StatusCodes.Status403Forbidden => "The role is not enough",
        StatusCodes.Status404NotFound => "Not found",
        StatusCodes.Status405MethodNotAllowed => "The method is not allowed here",
        StatusCodes.Status409Conflict => "It cannot be done as things stand",
        StatusCodes.Status412PreconditionFailed => "It has changed since it was looked at",
        StatusCodes.Status413PayloadTooLarge => "The body is too large",
        StatusCodes.Status415UnsupportedMediaType => "The body's media type is not taken here",
        StatusCodes.Status422UnprocessableEntity => "The idempotency key belongs to another request",
        StatusCodes.Status429TooManyRequests => "Too many requests",
        StatusCodes.Status503ServiceUnavailable => "Not available now",
        _ => "The request failed",
    };

    /// <summary>"maxMoves: 12 is outside …": a field in camelCase, then what is wrong with it.</summary>
    [GeneratedRegex(@"^([a-z][A-Za-z0-9]*): (.+)$", RegexOptions.Singleline)]
    private static partial Regex FieldFirst();
}
