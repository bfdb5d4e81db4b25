namespace ShardConsole.ControlPlane.Forecasting.Streaming;

/// <summary>Finds the offset of the logarithm and, for both transforms, centre and scale.</summary>
internal static class Standardiser
{
    /// <summary>Sets them from the values that the workspace holds of the series.</summary>
    public static void Apply(Workspace work, SeriesState state)
    {
        var n = state.Length;
        var y = work.Values;
        var sorted = work.Scales[0];
        sorted.Reserve(n);
        y.AsSpan(0, n).CopyTo(sorted.Z);
        Array.Sort(sorted.Z, 0, n);
        double mean = 0;
        for (var i = 0; i < n; i++)
        {
            mean += y[i];
        }

        mean /= n;
        double median = sorted.Z[n / 2];
        var tiny = 1e-6 * Math.Max(1e-3, sorted.Z[n - 1]);
        state.Offset = 0.3 * Math.Max(median, Math.Max(0.2 * mean, tiny));
        for (var transform = 0; transform < SeriesState.Transforms; transform++)
        {
            double sum = 0, trailing = 0, deviation = 0;
            var d = state.Cadence.Day;
            double Z(int i) => transform == 0 ? Math.Log(y[i] + state.Offset) : y[i];
            for (var i = 0; i < n; i++)
            {
                var z = Z(i);
                sum += z;
                trailing += z - (i >= d ? Z(i - d) : 0);
                var off = z - (trailing / Math.Min(d, i + 1));
                deviation += off * off;
            }

            state.Centre[transform] = sum / n;
            state.Scale[transform] = Math.Max(Math.Sqrt(deviation / n), transform == 0 ? 1e-4 : Math.Max(1e-6 * Math.Abs(sum / n), 1e-9));
        }
    }
}
