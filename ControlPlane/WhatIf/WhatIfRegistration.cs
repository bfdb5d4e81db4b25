using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.WhatIf;

/// <summary>Adds replays of the cluster's history.</summary>
internal static class WhatIfRegistration
{
    /// <summary>Adds desk and runner.</summary>
    public static IServiceCollection AddWhatIf(this IServiceCollection services, WhatIfOptions options) => services
        .AddSingleton(options)
        .AddSingleton<WhatIfRunner>()
        .AddSingleton<WhatIfDesk>().AddSingleton<IWhatIfDesk>(p => p.GetRequiredService<WhatIfDesk>()).AddHostedService(p => p.GetRequiredService<WhatIfDesk>());
}
