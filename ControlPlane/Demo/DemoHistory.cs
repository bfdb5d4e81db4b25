using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.History;

namespace ShardConsole.ControlPlane.Demo;

/// <summary>Generates the history that a cluster under the profile's load would have measured.</summary>
internal static class DemoHistory
{
    /// <summary>Bytes of a request beside its value.</summary>
    private const int RequestBytes = 40;

    private static readonly LoadMetric[] Metrics =
        [LoadMetric.Cpu, LoadMetric.Reads, LoadMetric.Writes, LoadMetric.BytesIn, LoadMetric.BytesOut, LoadMetric.FollowerCpu];

    /// <summary>Frames of 5 min and 1 h over [from, to), an hour at a time; both are whole hours.</summary>
    public static IEnumerable<List<FrameRow>> Of(
        DemoProfile profile, DateTimeOffset from, DateTimeOffset to, int segments, DemoOptions options, (double Read, double Write, double Follow) cost, long source)
    {
        for (var hour = from; hour < to; hour = hour.AddHours(1))
        {
            var rows = new List<FrameRow>();
            var hourly = Array.ConvertAll(Metrics, _ => new MetricFrame(segments));
            for (var at = hour; at < hour.AddHours(1); at = at.AddMinutes(5))
            {
                var frames = Frames(profile, at, segments, options, cost);
                for (var m = 0; m < Metrics.Length; m++)
                {
                    hourly[m].Add(frames[m]);
                    rows.Add(Row(HistoryTier.FiveMinutes, Metrics[m], at, source, frames[m]));
                }
            }

            rows.AddRange(Metrics.Select((metric, m) => Row(HistoryTier.Hour, metric, hour, source, hourly[m])));
            yield return rows;
        }
    }

    private static MetricFrame[] Frames(
        DemoProfile profile, DateTimeOffset at, int segments, DemoOptions options, (double Read, double Write, double Follow) cost)
    {
        var seconds = HistoryTier.FiveMinutes.Seconds();
        var rates = profile.Rates(at.AddSeconds(seconds / 2.0));
        var frames = Array.ConvertAll(Metrics, _ => new MetricFrame(segments));
        for (var i = 0; i < segments; i++)
        {
            var ops = Math.Max(0, rates[i] * profile.NoiseOf(i, at.ToUnixTimeSeconds()));
            var writes = ops * options.WriteShare;
            var reads = ops - writes;
            double[] values =
            [
                ((reads * cost.Read) + (writes * cost.Write)) / 1000, reads, writes, (ops * RequestBytes) + (writes * options.ValueBytes),
                reads * options.ValueBytes, writes * cost.Follow / 1000,
            ];
            for (var m = 0; m < values.Length; m++)
            {
                frames[m].Add(i, values[m], seconds, covers: true);
            }
        }

        return frames;
    }

    private static FrameRow Row(HistoryTier tier, LoadMetric metric, DateTimeOffset start, long source, MetricFrame frame) =>
        new() { Tier = (byte)tier, Metric = (byte)metric, Start = start.ToUnixTimeSeconds(), Source = source, Data = frame.Encode() };
}
