using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Settings;

/// <summary>Adds the settings that may be changed while the program runs.</summary>
internal static class SettingsRegistration
{
    /// <summary>Adds <see cref="SettingsStore"/> and <see cref="ISettingsDesk"/>. Needs the options of scoring, planning, approval and rollout.</summary>
    public static IServiceCollection AddSettings(this IServiceCollection services) => services
        .AddSingleton<SettingsStart>().AddSingleton<SettingsStore>().AddSingleton<ISettingsDesk, SettingsDesk>();
}
