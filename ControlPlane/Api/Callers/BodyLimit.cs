using Microsoft.AspNetCore.Http.Features;

namespace ShardConsole.ControlPlane.Api.Callers;

/// <summary>Bounds the JSON bodies of REST before they are read; the query logs' upload has its own limit.</summary>
internal static class BodyLimit
{
    /// <summary>Adds it in front of everything below /api.</summary>
    public static void Use(IApplicationBuilder app, ApiOptions options) => app.UseWhen(
        context => context.Request.Path.StartsWithSegments("/api"),
        api => api.Use((context, next) =>
        {
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            {
                limit.MaxRequestBodySize = options.MaxBodyBytes;
            }

            return next(context);
        }));
}
