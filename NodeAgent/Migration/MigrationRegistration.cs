using ShardConsole.NodeAgent.Load;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Node;

namespace ShardConsole.NodeAgent.Migration;

/// <summary>Adds the driving of migrations.</summary>
internal static class MigrationRegistration
{
    /// <summary>Adds <see cref="IMigrationView"/>; <see cref="NodeHost"/> attaches the driver when its groups are opened.</summary>
    public static IServiceCollection AddMigration(this IServiceCollection services) => services
        .AddSingleton(new MigrationOptions())
        .AddSingleton<MigrationDriver>()

        // Asked for late: the load's reports name the migrations.
        .AddSingleton<Func<ILoadView>>(p => p.GetRequiredService<ILoadView>)
        .AddSingleton<IMigrationView>(p => p.GetRequiredService<MigrationDriver>());
}
