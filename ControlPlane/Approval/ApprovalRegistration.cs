using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Planning;

namespace ShardConsole.ControlPlane.Approval;

/// <summary>Adds the making, keeping and approving of plans.</summary>
internal static class ApprovalRegistration
{
    /// <summary>Adds <see cref="IPlanDesk"/> and the job that plans after each forecast.</summary>
    public static IServiceCollection AddApproval(this IServiceCollection services, ApprovalOptions options, PlanningOptions planning) => services
        .AddSingleton(options).AddSingleton(planning).AddSingleton<PlanStore>().AddSingleton<PlanMaker>().AddSingleton<MembershipPlans>().AddSingleton<PlanCheck>()
        .AddSingleton<PlanDesk>().AddSingleton<IPlanDesk>(p => p.GetRequiredService<PlanDesk>()).AddSingleton<IPlanBench>(p => p.GetRequiredService<PlanDesk>()).AddHostedService<PlanJob>()
        .AddHostedService<MembershipJob>();
}
