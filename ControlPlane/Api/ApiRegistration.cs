using Microsoft.AspNetCore.Http.Json;
using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Callers;
using ShardConsole.ControlPlane.Api.Endpoints;
using ShardConsole.ControlPlane.Api.Live;
using ShardConsole.ControlPlane.Api.OpenApi;
using ShardConsole.ControlPlane.Api.Operations;
using ShardConsole.ControlPlane.Security;

namespace ShardConsole.ControlPlane.Api;

/// <summary>
/// REST at /api/v1, its OpenAPI document at /swagger and the public hub. Needs the interfaces of Api/Model, <c>ISegmentList</c>, <c>IForecastTrigger</c>,
/// the audit trail, real time as <see cref="TimeProvider"/> and the policies of the roles.
/// </summary>
internal static class ApiRegistration
{
    /// <summary>Adds what REST and hub need.</summary>
    public static IServiceCollection AddApi(this IServiceCollection services, ApiOptions options)
    {
        services.AddSingleton(options).AddSingleton<IdempotencyStore>().AddSingleton<ClusterFeed>().AddHostedService(p => p.GetRequiredService<ClusterFeed>());
        services.Configure<JsonOptions>(json => ApiJson.Configure(json.SerializerOptions));
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddSingleton<OperationDesk>().AddHostedService(p => p.GetRequiredService<OperationDesk>());
        services.AddProblemDetails();

        // Of this hub alone: the console's circuits send more, and one that sends too much is closed.
        services.AddSignalR().AddHubOptions<ClusterHub>(hub => hub.MaximumReceiveMessageSize = 4096).AddJsonProtocol(json => ApiJson.Configure(json.PayloadSerializerOptions));
        return services.AddCallerLimits(options).AddOpenApiDocument();
    }

    /// <summary>Puts the answers to errors and the limit of bodies in front of /api. Goes before authentication.</summary>
    public static void UseApiErrors(this WebApplication app)
    {
        ErrorAnswers.Use(app);
        BodyLimit.Use(app, app.Services.GetRequiredService<ApiOptions>());
    }

    /// <summary>Maps REST, hub and OpenAPI. Goes after authentication, authorization and the rate limiter.</summary>
    public static void MapApi(this WebApplication app)
    {
        AccessCheck.Use(app);
        var api = app.MapGroup("/api/v1").RequireAuthorization(Roles.Viewer).DisableAntiforgery()
            .AddEndpointFilter<RouteGroupBuilder, IdempotencyFilter>().WithMetadata(new IdempotentAttribute());
        ClusterEndpoints.Map(api);
        LoadEndpoints.Map(api);
        PlanEndpoints.Map(api);
        MigrationEndpoints.Map(api);
        PolicyEndpoints.Map(api);
        ConstraintEndpoints.Map(api);
        SettingsEndpoints.Map(api);
        QueryLogEndpoints.Map(api);
        EventEndpoints.Map(api);
        PatternEndpoints.Map(api);
        WhatIfEndpoints.Map(api);
        MemberEndpoints.Map(api);
        ReplicaEndpoints.Map(api);
        IntegrityEndpoints.Map(api);
        AuditEndpoints.Map(api);
        OperationEndpoints.Map(api);
        WebhookEndpoints.Map(app);
        app.MapHub<ClusterHub>(ClusterHub.Path);
        app.UseOpenApi();
    }
}
