using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Calendar;

/// <summary>Adds the calendar of events.</summary>
internal static class CalendarRegistration
{
    /// <summary>Adds its desk, and what learns from the history for it.</summary>
    public static IServiceCollection AddCalendar(this IServiceCollection services) =>
        services.AddSingleton<EventDesk>().AddSingleton<EventLearner>().AddSingleton<IEventDesk>(p => p.GetRequiredService<EventDesk>());
}
