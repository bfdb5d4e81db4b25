using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Security;

namespace ShardConsole.ControlPlane.Fleet.Members;

/// <summary>Adds what is asked and done about members, replicas and their equality.</summary>
internal static class MemberRegistration
{
    /// <summary>Needs the fleet, its load, the audit trail and, where there is one, an <see cref="INodeStarter"/>.</summary>
    public static IServiceCollection AddMembers(this IServiceCollection services)
    {
        services.AddSingleton(p => new DrainStore(p.GetRequiredService<DataFolder>().Path));
        services.AddSingleton(p => new MemberQueries(
            p.GetRequiredService<IFleet>(), p.GetRequiredService<DrainStore>(),
            () => p.GetRequiredService<IClusterQueries>().Shards().ToDictionary(s => s.Id, s => s.DataBytes), p.GetService<INodeStarter>() is not null));
        services.AddSingleton<IMemberQueries>(p => p.GetRequiredService<MemberQueries>()).AddSingleton<IIntegrityQueries>(p => p.GetRequiredService<MemberQueries>());
        services.AddSingleton(p => new MemberDesk(
            p.GetRequiredService<IFleet>(), p.GetRequiredService<DrainStore>(), p.GetRequiredService<IMemberQueries>(), p.GetService<INodeStarter>(), p.GetRequiredService<AuditTrail>(),
            p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IMemberDesk>(p => p.GetRequiredService<MemberDesk>()).AddSingleton<IIntegrityDesk>(p => p.GetRequiredService<MemberDesk>());
        return services.AddHostedService<DrainDriver>();
    }
}
