using System.Globalization;

namespace ShardConsole.ControlPlane.Jobs;

/// <summary>Turns an interval of model time into a schedule of real time.</summary>
internal static class JobSchedule
{
    private static readonly int[] Divisors = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30];

    /// <summary>
    /// The real seconds between two turns: the interval at the clock's pace, at least <paramref name="minSeconds"/>, rounded to what a
    /// schedule can say: a divisor of a minute, or of an hour in whole minutes, or whole hours up to a day.
    /// </summary>
    public static int Seconds(double modelMinutes, double clockFactor, int minSeconds)
    {
        var seconds = Math.Max(minSeconds, modelMinutes * 60 / clockFactor);
        return seconds <= 30 ? Divisors.First(d => d >= Math.Min(30, Math.Round(seconds)))
            : seconds < 3600 ? 60 * Nearest(seconds / 60)
            : 3600 * Math.Clamp((int)Math.Round(seconds / 3600), 1, 24);
    }

    /// <summary>The cron expression (with seconds) of a period that <see cref="Seconds"/> gave.</summary>
    public static string Cron(int seconds) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(seconds < 60 ? $"*/{seconds} * * * * *" : seconds < 3600 ? $"0 */{seconds / 60} * * * *" : seconds < 86_400 ? $"0 0 */{seconds / 3600} * * *" : "0 0 0 * * *")}");

    private static int Nearest(double minutes) => Divisors.MinBy(d => Math.Abs(d - minutes));
}
