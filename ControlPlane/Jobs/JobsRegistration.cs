using ShardConsole.ControlPlane.Api.Model;
using Hangfire;
using Hangfire.InMemory;

namespace ShardConsole.ControlPlane.Jobs;

/// <summary>Adds model time and the recurring jobs.</summary>
internal static class JobsRegistration
{
    /// <summary>Policy that may see the dashboard.</summary>
    public const string DashboardPolicy = "administrator";

    /// <summary>Adds model time as <see cref="ModelClock"/>; <see cref="TimeProvider"/> itself is real time.</summary>
    public static IServiceCollection AddModelClock(this IServiceCollection services, ModelClock clock) =>
        services.AddSingleton(TimeProvider.System).AddSingleton(clock);

    /// <summary>Adds the jobs. Their storage is memory: they are registered at each start, and what must survive is a row in our own tables.</summary>
    public static IServiceCollection AddJobs(this IServiceCollection services, JobsOptions options)
    {
        services.AddSingleton(options).AddSingleton<TrimJob>().AddSingleton<ForecastStateFile>().AddSingleton<ForecastJob>().AddSingleton<IForecastTrigger>(p => p.GetRequiredService<ForecastJob>()).AddSingleton<IHorizonQueries>(p => p.GetRequiredService<ForecastJob>());
        services.AddHangfire(hangfire => hangfire.UseSimpleAssemblyNameTypeSerializer().UseRecommendedSerializerSettings()
            .UseInMemoryStorage(new InMemoryStorageOptions { MaxExpirationTime = TimeSpan.FromHours(3) }));
        services.AddHangfireServer(server =>
        {
            server.WorkerCount = options.Workers;
            server.SchedulePollingInterval = TimeSpan.FromSeconds(1);
        });
        return services.AddHostedService<RecurringJobs>();
    }

    /// <summary>Maps the jobs' dashboard for administrators.</summary>
    public static IEndpointRouteBuilder MapJobs(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapHangfireDashboard("/jobs", new DashboardOptions { Authorization = [], DarkModeEnabled = true, DashboardTitle = "ShardConsole jobs" })
            .RequireAuthorization(DashboardPolicy);
        return endpoints;
    }
}
