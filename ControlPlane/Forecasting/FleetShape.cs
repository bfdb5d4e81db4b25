using ShardConsole.ControlPlane.Forecasting.Combining;
using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Forecasting;

/// <summary>
/// What a segment younger than a day borrows from its fleet, in proportion to what it lacks of that day: the daily profile of the load as a whole, and how errors grow with the
/// horizon (relative to a segment's own errors over the next steps, of which even a young one has many). Immutable; depends on the states alone, not on their order.
/// </summary>
internal sealed class FleetShape
{
    /// <summary>Days that the profile is the mean of, at most.</summary>
    private const int ProfileDays = 7;

    /// <summary>Steps on either side that the profile is smoothed over.</summary>
    private const int Smoothing = 3;

    /// <summary>Largest factor, and one over the smallest, that borrowing changes a forecast by.</summary>
    private const double MostFactor = 10;

    /// <summary>Segments whose errors are looked at, at most: more would not move a median.</summary>
    private const int Sample = 256;

    private readonly double[]? profile;
    private readonly ErrorGrowth growth;

    private FleetShape(double[]? profile, ErrorGrowth growth) => (this.profile, this.growth) = (profile, growth);

    /// <summary>What a fleet has to lend; null where no segment is in need of it.</summary>
    /// <param name="core">Tells the errors of a state.</param>
    public static FleetShape? Of(SeriesState[] states, StreamCore core)
    {
        if (!states.Any(IsYoung))
        {
            return null;
        }

        var loaded = states.Where(s => s.Largest > 0).ToList();
        var every = Math.Max(1, loaded.Count / Sample);
        return new FleetShape(ProfileOf(states), ErrorGrowth.Of(loaded.Where((_, i) => i % every == 0), core));
    }

    /// <summary>Whether a segment has load and less than a day of it.</summary>
    public static bool IsYoung(SeriesState state) => state.Largest > 0 && state.Length < state.Cadence.Day;

    /// <summary>Draws the errors of a young segment, per horizon of the grid, to the fleet's. Others stay as they are.</summary>
    public void Draw(SeriesState state, Span<double> quantiles, Span<double> spreads)
    {
        if (IsYoung(state))
        {
            growth.Draw(Lacking(state), quantiles, spreads);
        }
    }

    /// <summary>Bends the forecast of a young segment to the fleet's profile, the farther ahead the more. Others stay as they are.</summary>
    public void Bend(SeriesState state, ForecastPath path)
    {
        if (profile is null || !IsYoung(state))
        {
            return;
        }

        var day = state.Cadence.Day;
        double load = 0, usual = 0, weight = 1;
        for (var i = state.Length - 1; i >= 0; i--, weight *= Math.Pow(0.5, 12.0 / day))
        {
            load += weight * Math.Abs(state.Values[i]);
            usual += weight * profile[Slot(state.First + i, day)];
        }

        for (var h = 1; usual > 0 && h <= path.Horizon; h++)
        {
            var borrowed = load / usual * profile[Slot(state.First + state.Length - 1 + h, day)];
            var share = Lacking(state) * h / (h + (day / 24.0));
            var own = path.Mean[h - 1];
            if (own > 0)
            {
                path.Multiply(h, Math.Clamp((((1 - share) * own) + (share * borrowed)) / own, 1 / MostFactor, MostFactor));
            }
        }
    }

    private static double Lacking(SeriesState state) => 1 - ((double)state.Length / state.Cadence.Day);

    private static int Slot(long number, int day) => (int)(((number % day) + day) % day);

    // Sum of all segments that have a day, by the time of day; null where there is none.
    private static double[]? ProfileOf(SeriesState[] states)
    {
        var day = states[0].Cadence.Day;
        var sums = new double[day];
        foreach (var state in states.Where(s => s.Largest > 0 && s.Length >= day))
        {
            var days = Math.Min(ProfileDays, state.Length / day);
            for (var i = state.Length - (days * day); i < state.Length; i++)
            {
                sums[Slot(state.First + i, day)] += Math.Abs(state.Values[i]) / days;
            }
        }

        var mean = sums.Average();
        return mean <= 0 ? null : [.. Enumerable.Range(0, day).Select(s => Enumerable.Range(s - Smoothing, (2 * Smoothing) + 1).Average(k => sums[Slot(k, day)]) / mean)];
    }
}
