using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Callers;
using ShardConsole.ControlPlane.Security;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace ShardConsole.ControlPlane.Api.OpenApi;

/// <summary>Adds to each operation what all of them share: the role it needs, the problems that may be answered, the idempotency key of a POST.</summary>
internal sealed class OperationDetails : IOperationFilter
{
    /// <inheritdoc/>
    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        var metadata = context.ApiDescription.ActionDescriptor.EndpointMetadata;
        var rule = AccessTable.Find(context.ApiDescription.HttpMethod ?? "", $"/{context.ApiDescription.RelativePath}");
        var role = rule is null ? Roles.Administrator : rule.Role;
        var note = role is null ? "Needs no key." : $"Needs the role \"{role}\".";
        operation.Description = string.IsNullOrEmpty(operation.Description) ? note : $"{operation.Description} {note}";
        operation.Responses ??= [];
        if (role is null)
        {
            operation.Security = [];
        }
        else
        {
            Add(operation, StatusCodes.Status401Unauthorized);
            Add(operation, StatusCodes.Status403Forbidden);
        }

        Add(operation, StatusCodes.Status429TooManyRequests);
        if (HttpMethods.IsPost(context.ApiDescription.HttpMethod ?? "") && metadata.OfType<IdempotentAttribute>().Any())
        {
            Add(operation, StatusCodes.Status409Conflict);
            Add(operation, StatusCodes.Status422UnprocessableEntity);
        }

        if (operation.Parameters?.Count > 0 || operation.RequestBody is not null)
        {
            Add(operation, StatusCodes.Status400BadRequest);
        }

        foreach (var (status, response) in operation.Responses)
        {
            if (int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 400 && response is OpenApiResponse problem)
            {
                problem.Description = Refusals.TitleOf(number);
                problem.Content = new Dictionary<string, IOpenApiMediaType> { ["application/problem+json"] = new OpenApiMediaType { Example = ExampleOf(number) } };
            }
        }

        if (HttpMethods.IsPost(context.ApiDescription.HttpMethod ?? "") && metadata.OfType<IdempotentAttribute>().Any())
        {
            (operation.Parameters ??= []).Add(new OpenApiParameter
            {
                Name = IdempotencyFilter.Header,
                In = ParameterLocation.Header,
                Description = "1 to 128 characters drawn by the caller. Sent again within 24 h, the request gets the first answer again.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 128 },
            });
        }
    }

    /// <summary>A problem as it is answered with a status.</summary>
    private static JsonObject ExampleOf(int status)
    {
        var code = status switch
        {
            400 => "invalid", 401 => "no-key", 403 => "forbidden", 404 => "not-found", 409 => "conflict", 412 => "changed", 413 => "too-large", 422 => "key-reused", 429 => "rate",
            503 => "unavailable", _ => "refused",
        };
        return new JsonObject
        {
            ["type"] = Refusals.TypeOf(code), ["title"] = Refusals.TitleOf(status), ["status"] = status,
            ["detail"] = "A sentence that names the thing, the value, the limit and what to do.", ["code"] = code,
        };
    }

    private static void Add(OpenApiOperation operation, int status) =>
        operation.Responses!.TryAdd(status.ToString(CultureInfo.InvariantCulture), new OpenApiResponse { Description = Refusals.TitleOf(status) });
}

/// <summary>Marks the endpoints behind the <see cref="IdempotencyFilter"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class IdempotentAttribute : Attribute;
