using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace ShardConsole.Components.Fakes;

/// <summary>Endpoints as REST maps them.</summary>
internal static class Endpoints
{
    /// <summary>One endpoint; all policies have to hold.</summary>
    public static RouteEndpoint Of(string path, string method, string tag, string summary, params string[] policies) => new(
        _ => Task.CompletedTask, RoutePatternFactory.Parse(path), 0,
        new EndpointMetadataCollection([new HttpMethodMetadata([method]), new TagsAttribute(tag), new EndpointSummaryAttribute(summary), .. policies.Select(p => new AuthorizeAttribute(p))]), path);
}
