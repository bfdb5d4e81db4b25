using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Forecasting.Events;

/// <summary>The forecast of one series with a calendar: learnt from its quiet load, its events put on top.</summary>
internal static class EventForecast
{
    /// <summary>Fits and forecasts.</summary>
    /// <param name="state">Values pushed, nothing learnt. It is left as it is.</param>
    /// <param name="last">When the newest value's step begins.</param>
    /// <param name="step">Length of a step.</param>
    public static void Fill(StreamCore core, SeriesState state, DateTimeOffset last, TimeSpan step, IReadOnlyList<CalendarEvent> events, ForecastPath path)
    {
        var values = new float[state.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = float.IsNegative(state.Values[i]) ? float.NaN : state.Values[i];
        }

        var adjustment = EventAdjustment.Of(values, last - (step * (values.Length - 1)), step, state.Cadence.Day, events);
        var quiet = new SeriesState(state.Cadence);
        foreach (var value in adjustment.Quiet)
        {
            SeriesIntake.Push(quiet, value);
        }

        // A history that is nothing but event says nothing of the quiet load.
        var learnt = quiet.Length > 0 ? quiet : state;
        core.Fit(learnt);
        core.Forecast(learnt, path);
        for (var h = 1; h <= path.Horizon; h++)
        {
            path.Multiply(h, adjustment.FactorOf(last + (step * h), step));
        }
    }
}
