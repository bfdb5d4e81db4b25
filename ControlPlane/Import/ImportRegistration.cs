using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Import;

/// <summary>Adds the import of historical query logs.</summary>
internal static class ImportRegistration
{
    /// <summary>Adds desk and queue.</summary>
    public static IServiceCollection AddImport(this IServiceCollection services, ImportOptions options) => services
        .AddSingleton(options)
        .AddSingleton<ImportStore>()
        .AddSingleton<ImportQueue>().AddHostedService(p => p.GetRequiredService<ImportQueue>())
        .AddSingleton<ImportDesk>().AddSingleton<IImportDesk>(p => p.GetRequiredService<ImportDesk>());
}
