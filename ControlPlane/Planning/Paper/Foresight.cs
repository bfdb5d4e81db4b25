using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.ControlPlane.Scoring;

namespace ShardConsole.ControlPlane.Planning.Paper;

/// <summary>Perfect foresight: a forecast made from what will come. Each step holds its largest load, so no peak hides in an hour's mean.</summary>
internal static class Foresight
{
    /// <summary>What will come, as a forecast that is certain.</summary>
    public static PaperForecast Of(PaperLoads loads, DateTimeOffset now) => new(Of(loads, LoadRole.Lead, now), Of(loads, LoadRole.Follow, now));

    private static ForecastResult Of(PaperLoads loads, LoadRole role, DateTimeOffset now)
    {
        var (starts, spans) = (ForecastSteps.Starts(now), ForecastSteps.Spans());
        var segments = loads.Lead[0].Length;
        var peaks = new float[starts.Length][];
        for (var k = 0; k < starts.Length; k++)
        {
            peaks[k] = new float[segments];
            var last = Math.Min(loads.Lead.Count - 1, loads.StepOf(starts[k] + spans[k] - TimeSpan.FromTicks(1)));
            for (var step = Math.Max(0, loads.StepOf(starts[k])); step <= last; step++)
            {
                for (var s = 0; s < segments; s++)
                {
                    peaks[k][s] = (float)Math.Max(peaks[k][s], loads.Of(role, s, step));
                }
            }
        }

        float[][] none = [.. starts.Select(_ => new float[segments])];
        var frame = new ForecastFrame(
            now, role == LoadRole.Lead ? LoadMetric.Cpu : LoadMetric.FollowerCpu, starts, spans, peaks, peaks, peaks, peaks,
            [.. Enumerable.Repeat("what came", segments)], new float[segments]);
        var coverage = new float[segments];
        Array.Fill(coverage, 1f);
        return new ForecastResult(frame, new ForecastRisk(none, []), new ForecastSkill(1, 1), coverage, 28);
    }
}
