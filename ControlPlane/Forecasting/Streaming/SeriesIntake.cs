namespace ShardConsole.ControlPlane.Forecasting.Streaming;

/// <summary>How a value enters a series: what cannot be a load is refused, gaps are filled forward and marked, and the oldest day leaves when there is no room.</summary>
internal static class SeriesIntake
{
    /// <summary>Adds a value without learning from it: <see cref="StreamCore.Fit"/> does that for many at once.</summary>
    public static void Push(SeriesState state, float value)
    {
        if (float.IsInfinity(value) || value < 0)
        {
            state.Refused++;
            value = float.NaN;
        }

        if (float.IsNaN(value))
        {
            if (state.Length == 0)
            {
                return;
            }

            state.Gaps++;
            value = -Filling(state);
        }
        else
        {
            value = Math.Abs(value);
            state.Largest = Math.Max(state.Largest, value);
        }

        var (d, kept) = (state.Cadence.Day, state.Cadence.Kept);
        if (state.Length == state.Values.Length)
        {
            if (state.Length < kept)
            {
                var larger = new float[Math.Min(kept, 2 * state.Length)];
                state.Values.AsSpan().CopyTo(larger);
                state.Values = larger;
            }
            else
            {
                state.Values.AsSpan(d).CopyTo(state.Values);
                state.Length -= d;
                state.First += d;
            }
        }

        state.Values[state.Length++] = value;
    }

    private static float Filling(SeriesState state)
    {
        var d = state.Cadence.Day;
        var n = state.Length;
        var shortGap = Math.Max(1, d / 24);
        var gap = 0;
        while (gap < n && gap < shortGap && float.IsNegative(state.Values[n - 1 - gap]))
        {
            gap++;
        }

        return Math.Abs(gap < shortGap || n < d ? state.Values[n - 1] : state.Values[n - d]);
    }
}
