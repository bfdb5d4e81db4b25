namespace ShardConsole.ControlPlane.Forecasting.Events;

/// <summary>What an event multiplies the load by: what was announced, corrected by what its past occurrences did.</summary>
internal static class FactorLearning
{
    /// <summary>Occurrences that an announcement is worth.</summary>
    private const double AnnouncedWeight = 1;

    /// <summary>What is left of an occurrence's weight when another has followed it.</summary>
    private const double Keep = 0.5;

    /// <summary>The factor in force.</summary>
    /// <param name="announced">Above 0; null: none was announced.</param>
    /// <param name="observed">Ratios of load to what it would have been without the event, one per past occurrence, oldest first; not above 0: unknown.</param>
    /// <returns>The factor, between 1 / <see cref="CalendarEvent.MaxFactor"/> and that; null where nothing was announced and nothing observed.</returns>
    public static double? InForce(double? announced, IEnumerable<double> observed)
    {
        double sum = announced is { } told ? AnnouncedWeight * Math.Log(told) : 0;
        double total = announced is null ? 0 : AnnouncedWeight;
        foreach (var ratio in observed)
        {
            if (ratio > 0 && double.IsFinite(ratio))
            {
                sum = (Keep * sum) + Math.Log(ratio);
                total = (Keep * total) + 1;
            }
        }

        return total > 0 ? Math.Clamp(Math.Exp(sum / total), 1 / CalendarEvent.MaxFactor, CalendarEvent.MaxFactor) : null;
    }
}
