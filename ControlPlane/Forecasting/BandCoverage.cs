using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Forecasting;

/// <summary>How often bands caught what came: the band of the older half of the errors at a horizon is asked about the newer half, which it has not seen.</summary>
internal static class BandCoverage
{
    /// <summary>Fewest errors from which a segment is asked.</summary>
    private const int FewErrors = 48;

    /// <summary>Segments asked at most, evenly spread: sorting the errors of all would take longer than a forecast.</summary>
    private const int MostSegments = 128;

    /// <summary>Shares that the bands promise.</summary>
    public static IReadOnlyList<double> Promised { get; } = [0.5, 0.8, 0.9];

    /// <summary>Per promised share: what was caught; NaN where no segment has enough errors.</summary>
    public static IReadOnlyList<double> Of(int g, IReadOnlyList<SeriesState> states)
    {
        var caught = new long[Promised.Count];
        long asked = 0;
        var every = Math.Max(1, (states.Count + MostSegments - 1) / MostSegments);
        for (var s = 0; s < states.Count; s += every)
        {
            var errors = NewestFirst(states[s], g);
            if (errors.Length < FewErrors)
            {
                continue;
            }

            var half = errors.Length / 2;
            var older = errors[half..];
            Array.Sort(older);
            asked += half;
            for (var b = 0; b < caught.Length; b++)
            {
                var cut = (int)(older.Length * (1 - Promised[b]) / 2);
                var (low, high) = (older[cut], older[^(cut + 1)]);
                caught[b] += errors.AsSpan(0, half).ToArray().Count(r => r >= low && r <= high);
            }
        }

        return [.. caught.Select(c => asked > 0 ? (double)c / asked : double.NaN)];
    }

    private static float[] NewestFirst(SeriesState state, int g)
    {
        var (every, kept) = (state.Cadence.ResidualEvery[g], state.Cadence.ResidualKept[g]);
        var ring = state.Residuals.AsSpan(state.Cadence.ResidualKept.Take(g).Sum(), kept);
        var errors = new List<float>(kept);
        for (var slot = (state.First + state.Length - 1) / every; slot >= 0 && errors.Count < kept; slot--)
        {
            errors.Add((float)ring[(int)(slot % kept)]);
        }

        return [.. errors.Where(e => !float.IsNaN(e))];
    }
}
