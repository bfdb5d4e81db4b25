using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.History;

/// <summary>What one report says of all segments over one span of model time. Rates are per real second: what the node felt.</summary>
internal sealed class LoadSlice(DateTimeOffset from, DateTimeOffset to, int segments)
{
    private readonly Dictionary<LoadMetric, (float[] Rates, bool[] Covers)> metrics = [];

    /// <summary>Start, model time.</summary>
    public DateTimeOffset From { get; } = from;

    /// <summary>End, model time.</summary>
    public DateTimeOffset To { get; } = to;

    /// <summary>The metrics that the slice speaks of.</summary>
    public IEnumerable<(LoadMetric Metric, float[] Rates, bool[] Covers)> Metrics => metrics.Select(m => (m.Key, m.Value.Rates, m.Value.Covers));

    /// <summary>Adds to a segment's rate.</summary>
    public void Add(LoadMetric metric, int segment, double rate, bool covers)
    {
        if (!metrics.TryGetValue(metric, out var vector))
        {
            vector = (new float[segments], new bool[segments]);
            Array.Fill(vector.Rates, float.NaN);
            metrics[metric] = vector;
        }

        vector.Rates[segment] = float.IsNaN(vector.Rates[segment]) ? (float)rate : vector.Rates[segment] + (float)rate;
        vector.Covers[segment] |= covers;
    }
}
