using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Api.Operations;

/// <summary>Answers at once with an operation where the caller asks for it with "Prefer: respond-async" (RFC 7240); callers who do not wait for the result as before.</summary>
internal static class AsyncAnswer
{
    /// <summary>What the documents say of it.</summary>
    public const string Words = "With the header \"Prefer: respond-async\" it is answered 202 at once: Location is the operation, which tells state, progress and the result's path, and can be cancelled.";

    private const string Wish = "respond-async";

    /// <summary>Whether the caller asks for it.</summary>
    public static bool IsAskedFor(HttpContext http) =>
        http.Request.Headers["Prefer"].Any(line => line is not null && line.Split([',', ';'], StringSplitOptions.TrimEntries).Contains(Wish, StringComparer.OrdinalIgnoreCase));

    /// <summary>202 with the operation, or why it was not begun.</summary>
    public static IResult Of(HttpContext http, (OperationView? Operation, Outcome? Refusal) begun)
    {
        if (begun.Operation is not { } operation)
        {
            return Refusals.Of(begun.Refusal!);
        }

        http.Response.Headers["Preference-Applied"] = Wish;
        return Results.Accepted(OperationDesk.PathOf(operation.Id), operation);
    }
}
