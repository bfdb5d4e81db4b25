using System.Globalization;
using Microsoft.AspNetCore.Authorization;
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
        var role = metadata.OfType<IAllowAnonymous>().Any() ? null
            : metadata.OfType<IAuthorizeData>().Select(a => a.Policy).Where(Roles.IsRole).MaxBy(p => Roles.All.ToList().IndexOf(p!)) ?? Roles.Viewer;
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
        foreach (var (status, response) in operation.Responses)
        {
            if (int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 400 && response is OpenApiResponse problem)
            {
                problem.Description = Refusals.TitleOf(number);
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

    private static void Add(OpenApiOperation operation, int status) =>
        operation.Responses!.TryAdd(status.ToString(CultureInfo.InvariantCulture), new OpenApiResponse { Description = Refusals.TitleOf(status) });
}

/// <summary>Marks the endpoints behind the <see cref="IdempotencyFilter"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class IdempotentAttribute : Attribute;
