using Microsoft.OpenApi;
using ShardConsole.ControlPlane.Security;
using ShardConsole.Shared.Cluster;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace ShardConsole.ControlPlane.Api.OpenApi;

/// <summary>The OpenAPI document at /swagger/v1/swagger.json and its page at /swagger, both for whoever is signed in.</summary>
internal static class OpenApiSetup
{
    /// <summary>Name of the security scheme in the document.</summary>
    public const string Scheme = "ApiKey";

    /// <summary>Path of the document.</summary>
    public const string DocumentPath = "/swagger/v1/swagger.json";

    private const string About = """
        Everything that the console shows and does, for programs. Times are model time in ISO 8601 (UTC); scores are thousandths of a core (mcore); null is "unknown".
        Each refusal is a problem (RFC 9457) with a code for programs. A POST with the header Idempotency-Key is done once per caller and key within 24 h; sent again it gets
        the first answer again. Lists come in pages: ask the next one with what "next" says. Live events come over SignalR at /hubs/cluster.
        """;

    /// <summary>Adds the generator.</summary>
    public static IServiceCollection AddOpenApiDocument(this IServiceCollection services) => services.AddEndpointsApiExplorer().AddSwaggerGen(Configure);

    /// <summary>Serves the document, and the page for it. Goes after authorization: what has no policy of its own needs a viewer.</summary>
    public static void UseOpenApi(this WebApplication app)
    {
        app.MapSwagger().RequireAuthorization(Roles.Viewer);
        app.UseSwaggerUI(page =>
        {
            page.RoutePrefix = "swagger";
            page.DocumentTitle = "ShardConsole API";
            page.SwaggerEndpoint("/swagger/v1/swagger.json", "ShardConsole v1");
        });
    }

    private static void Configure(SwaggerGenOptions generator)
    {
        generator.SwaggerDoc("v1", new OpenApiInfo { Title = "ShardConsole", Version = "v1", Description = About });
        generator.DocInclusionPredicate((_, description) => description.RelativePath?.StartsWith("api/v1/", StringComparison.Ordinal) == true);
        generator.AddSecurityDefinition(Scheme, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "An API key: \"Authorization: Bearer sck_…\". Administrators make them at POST /api/v1/tokens. The console's session cookie works as well.",
        });
        generator.AddSecurityRequirement(document => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = [] });
        generator.CustomSchemaIds(SchemaId);
        generator.MapType<SegmentId>(() => new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "0", Description = "A segment." });
        generator.MapType<ShardId>(() => new OpenApiSchema { Type = JsonSchemaType.String, Description = "A shard: s-07." });
        generator.MapType<NodeId>(() => new OpenApiSchema { Type = JsonSchemaType.String, Description = "A node: 16 hexadecimal digits; empty for none." });
        generator.OperationFilter<OperationDetails>();
        var comments = Path.Combine(AppContext.BaseDirectory, "ShardConsole.ControlPlane.xml");
        if (File.Exists(comments))
        {
            generator.IncludeXmlComments(comments);
        }
    }

    /// <summary>"PageOfSegmentRow" for a page of segment rows.</summary>
    private static string SchemaId(Type type) => type.IsGenericType
        ? $"{type.Name.Split('`')[0]}Of{string.Concat(type.GetGenericArguments().Select(SchemaId))}"
        : type.Name;
}
