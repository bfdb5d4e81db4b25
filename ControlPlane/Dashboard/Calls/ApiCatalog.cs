using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using ShardConsole.ControlPlane.Security;

namespace ShardConsole.ControlPlane.Dashboard.Calls;

/// <summary>One operation of REST, as it is mapped: nothing is listed that is not served.</summary>
/// <param name="Area">Its tag: "plans".</param>
/// <param name="Role">The least role that may call it; empty: anybody.</param>
internal sealed record ApiOperation(string Area, string Method, string Path, string Summary, string Role)
{
    /// <summary>The call, with the path's parameters as they are named.</summary>
    public ApiCall Call => new(Method, Path, Method is "POST" or "PUT" or "PATCH" ? "{}" : null);
}

/// <summary>Reads the operations of REST from the endpoints of the running program.</summary>
internal static class ApiCatalog
{
    private const string Prefix = "/api/v1";

    /// <summary>The operations below /api/v1, by area, path and method. What only nodes call is left out.</summary>
    public static IReadOnlyList<ApiOperation> Of(IEnumerable<Endpoint> endpoints) =>
    [
        .. endpoints.OfType<RouteEndpoint>().SelectMany(OperationsOf)
            .OrderBy(o => o.Area, StringComparer.Ordinal).ThenBy(o => o.Path, StringComparer.Ordinal).ThenBy(o => o.Method, StringComparer.Ordinal),
    ];

    private static IEnumerable<ApiOperation> OperationsOf(RouteEndpoint endpoint)
    {
        var path = "/" + (endpoint.RoutePattern.RawText ?? "").Trim('/');
        var listed = endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is not { ExcludeFromDescription: true };
        if (!path.StartsWith(Prefix, StringComparison.Ordinal) || !listed)
        {
            yield break;
        }

        var area = endpoint.Metadata.GetMetadata<ITagsMetadata>()?.Tags.FirstOrDefault() ?? path[Prefix.Length..].Trim('/').Split('/')[0];
        var summary = endpoint.Metadata.GetMetadata<IEndpointSummaryMetadata>()?.Summary ?? "";
        foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])
        {
            yield return new ApiOperation(area, method, path, summary, RoleOf(endpoint));
        }
    }

    // Several policies may be asked for, by the group and by the endpoint: all of them have to hold.
    private static string RoleOf(Endpoint endpoint)
    {
        if (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            return "";
        }

        var asked = endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(a => a.Policy).ToHashSet();
        return Roles.All.LastOrDefault(asked.Contains) ?? Roles.Viewer;
    }
}
