using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Backtesting;

/// <summary>Adds backtests of the cluster's own history.</summary>
internal static class BacktestRegistration
{
    /// <summary>Adds desk and store.</summary>
    public static IServiceCollection AddBacktests(this IServiceCollection services) => services
        .AddSingleton<BacktestStore>().AddSingleton<BacktestDesk>().AddSingleton<IBacktestDesk>(p => p.GetRequiredService<BacktestDesk>());
}
