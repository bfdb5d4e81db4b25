using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Fleet;

namespace ShardConsole.ControlPlane.Rollout;

/// <summary>Adds what carries plans out.</summary>
internal static class RolloutRegistration
{
    /// <summary>Adds <see cref="IRolloutDesk"/> and the driver.</summary>
    public static IServiceCollection AddRollout(this IServiceCollection services, RolloutOptions options) => services
        .AddSingleton(options).AddSingleton<RolloutDesk>().AddSingleton<IRolloutDesk>(p => p.GetRequiredService<RolloutDesk>())
        .AddHostedService(p => ActivatorUtilities.CreateInstance<RolloutDriver>(p, (Func<double>)(() => p.GetRequiredService<LoadIntake>().Live?.ClientP99Ms ?? double.NaN)));
}
