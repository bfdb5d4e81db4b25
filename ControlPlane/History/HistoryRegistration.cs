using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.History;

/// <summary>Adds the history and the kept forecasts.</summary>
internal static class HistoryRegistration
{
    /// <summary>Adds the stores and their reading faces.</summary>
    public static IServiceCollection AddHistory(this IServiceCollection services, HistoryOptions options) => services
        .AddSingleton(options)
        .AddSingleton<FrameTable>()
        .AddSingleton<HistoryStore>().AddSingleton<IHistoryReader>(p => p.GetRequiredService<HistoryStore>())
        .AddSingleton<ForecastStore>().AddSingleton<IForecastReader>(p => p.GetRequiredService<ForecastStore>())
        .AddSingleton<IQualityReader, QualityReader>();
}
