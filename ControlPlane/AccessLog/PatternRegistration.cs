using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Patterns;

namespace ShardConsole.ControlPlane.AccessLog;

/// <summary>Adds the access patterns.</summary>
internal static class PatternRegistration
{
    /// <summary>Adds keeper and driver.</summary>
    public static IServiceCollection AddPatterns(this IServiceCollection services, PatternOptions options) => services
        .AddSingleton(options).AddSingleton<PatternStore>().AddSingleton<PatternKeeper>().AddSingleton<ISeasonQueries, SeasonReader>()
        .AddSingleton<IPatternQueries>(p => p.GetRequiredService<PatternKeeper>()).AddSingleton<IAccessPatterns>(p => p.GetRequiredService<PatternKeeper>())
        .AddHostedService<PatternDriver>();
}
