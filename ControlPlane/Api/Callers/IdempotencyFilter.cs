using System.Text.Json;
using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Requests;

namespace ShardConsole.ControlPlane.Api.Callers;

/// <summary>A POST that carries an Idempotency-Key is done once per caller and key; sent again it gets the first answer again.</summary>
internal sealed class IdempotencyFilter(IdempotencyStore store) : IEndpointFilter
{
    /// <summary>Name of the header.</summary>
    public const string Header = "Idempotency-Key";

    /// <summary>Header of an answer that is a repetition.</summary>
    public const string ReplayedHeader = "Idempotent-Replayed";

    private const int MaxKey = 128;

    /// <inheritdoc/>
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (!HttpMethods.IsPost(http.Request.Method) || !http.Request.Headers.TryGetValue(Header, out var header))
        {
            return await next(context);
        }

        var key = header.ToString();
        if (key.Length is 0 or > MaxKey)
        {
            return Refusals.Invalid("idempotencyKey", $"The header {Header} has 1 to {MaxKey} characters.");
        }

        var name = $"{http.User.Identity?.Name}\n{http.Request.Path}\n{key}";
        var claim = store.Begin(name, Fingerprint(context));
        switch (claim.Kind)
        {
            case ClaimKind.Answered:
                http.Response.Headers[ReplayedHeader] = "true";
                return claim.Answer;
            case ClaimKind.UnderWay:
                http.Response.Headers.RetryAfter = "1";
                return Refusals.Problem(StatusCodes.Status409Conflict, "under-way", $"The first request with the {Header} \"{key}\" is still being done; send this one again later.");
            case ClaimKind.Different:
                return Refusals.Problem(StatusCodes.Status422UnprocessableEntity, "key-reused", $"The {Header} \"{key}\" was used for a different request; draw a new one.");
            default:
                return await FirstAsync(context, next, name);
        }
    }

    private async ValueTask<object?> FirstAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next, string name)
    {
        object? answer = null;
        try
        {
            answer = await next(context);
        }
        finally
        {
            if (answer is null or IStatusCodeHttpResult { StatusCode: >= 500 })
            {
                store.GiveUp(name);
            }
            else
            {
                store.Complete(name, answer);
            }
        }

        return answer;
    }

    /// <summary>The query and the JSON body. A file's content is left out: reading it twice would cost more than it is worth.</summary>
    private static string Fingerprint(EndpointFilterInvocationContext context)
    {
        var body = context.Arguments.OfType<IBody>().Select(b => JsonSerializer.Serialize(b, b.GetType(), JsonSerializerOptions.Web)).FirstOrDefault("");
        return $"{context.HttpContext.Request.QueryString}\n{context.HttpContext.Request.Headers.IfMatch}\n{body}";
    }
}
