using MathNet.Numerics.Distributions;
using ShardConsole.ControlPlane.Forecasting;

namespace ShardConsole.ControlPlane.Scoring;

/// <summary>What a segment costs in one role.</summary>
internal enum LoadRole : byte
{
    /// <summary>Cost for the node that leads it; what a shard's score is made of.</summary>
    Lead = 0,

    /// <summary>Cost for each node that follows it.</summary>
    Follow = 1,
}

/// <summary>
/// Load of every segment per step as something that adds up: mean, variance of its own, and loadings on shared factors, mcore.
/// Immutable. Steps that ended before the field was made are left out.
/// </summary>
internal sealed class LoadField
{
    // [role][(segment * steps + step)], loadings [role][(segment * steps + step) * factors + factor]: a segment's steps lie together, because planning walks them.
    private readonly float[][] means = new float[2][];
    private readonly float[][] ownVariances = new float[2][];
    private readonly float[][] loadings = new float[2][];

    private LoadField(DateTimeOffset[] starts, TimeSpan[] spans, int segments, int factors, double deviations)
    {
        Deviations = deviations;
        Starts = starts;
        Spans = spans;
        SpanMinutes = Array.ConvertAll(spans, s => s.TotalMinutes);
        SegmentCount = segments;
        FactorCount = factors;
        for (var role = 0; role < 2; role++)
        {
            means[role] = new float[segments * starts.Length];
            ownVariances[role] = new float[segments * starts.Length];
            loadings[role] = new float[segments * starts.Length * factors];
        }
    }

    /// <summary>How many standard deviations above its mean a sum is judged: the standard normal quantile of <see cref="ScoringOptions.Quantile"/>.</summary>
    public double Deviations { get; }

    /// <summary>Start of each step.</summary>
    public DateTimeOffset[] Starts { get; }

    /// <summary>Length of each step.</summary>
    public TimeSpan[] Spans { get; }

    /// <summary>Length of each step in minutes; not to be changed.</summary>
    public double[] SpanMinutes { get; }

    /// <summary>Number of segments.</summary>
    public int SegmentCount { get; }

    /// <summary>Number of shared factors.</summary>
    public int FactorCount { get; }

    /// <summary>Number of steps, at least 1.</summary>
    public int StepCount => Starts.Length;

    /// <summary>The field of a forecast. Segments without one get their measured load (0 where that is unknown too) with a spread of half of it.</summary>
    /// <param name="now">Steps that ended before are left out.</param>
    /// <param name="options">Quantile and horizon.</param>
    /// <param name="weak">Segments whose forecast is worse than the yardstick: what was measured goes on, with the spread of the forecast's own errors.</param>
    public static LoadField FromForecast(
        DateTimeOffset now, ForecastResult cpu, ForecastResult? follower, MeasuredLoad measured, IReadOnlySet<int> weak, ScoringOptions options)
    {
        var frame = cpu.Frame;
        var kept = FieldStep.Of(frame.Starts, frame.Spans, now, TimeSpan.FromHours(options.HorizonHours));
        if (kept.Count == 0)
        {
            throw new ArgumentException($"The forecast of {frame.MadeAt:u} ends before {now:u}.");
        }

        var field = new LoadField(
            [.. kept.Select(k => k.Start)], [.. kept.Select(k => k.Span)], frame.Mean[0].Length, cpu.Risk.Loadings.Count, Normal.InvCDF(0, 1, options.Quantile));
        field.Fill(LoadRole.Lead, cpu, kept, measured.Cpu, weak);
        if (follower is not null)
        {
            field.Fill(LoadRole.Follow, follower, kept, measured.FollowerCpu, weak);
        }

        return field;
    }

    /// <summary>One step: the measured load goes on as it is. Unknown is 0.</summary>
    public static LoadField FromMeasured(DateTimeOffset now, TimeSpan horizon, int segments, MeasuredLoad measured)
    {
        var field = new LoadField([now], [horizon], segments, 0, 0);
        for (var s = 0; s < segments; s++)
        {
            field.means[0][s] = Known(measured.Cpu, s);
            field.means[1][s] = Known(measured.FollowerCpu, s);
        }

        return field;
    }

    /// <summary>The same with at least the measured load, which is certain, in all steps that begin before a moment.</summary>
    public LoadField RaisedTo(MeasuredLoad measured, DateTimeOffset until)
    {
        var raised = new LoadField(Starts, Spans, SegmentCount, FactorCount, Deviations);
        for (var role = 0; role < 2; role++)
        {
            means[role].CopyTo(raised.means[role], 0);
            ownVariances[role].CopyTo(raised.ownVariances[role], 0);
            loadings[role].CopyTo(raised.loadings[role], 0);
            for (var s = 0; s < SegmentCount; s++)
            {
                var known = Known(role == 0 ? measured.Cpu : measured.FollowerCpu, s);
                for (var k = 0; k < StepCount && Starts[k] < until; k++)
                {
                    var at = (s * StepCount) + k;
                    if (known > means[role][at])
                    {
                        raised.means[role][at] = known;
                        raised.ownVariances[role][at] = 0;
                        Array.Clear(raised.loadings[role], at * FactorCount, FactorCount);
                    }
                }
            }
        }

        return raised;
    }

    /// <summary>Means of a segment, one per step.</summary>
    public ReadOnlySpan<float> Means(LoadRole role, int segment) => means[(int)role].AsSpan(segment * StepCount, StepCount);

    /// <summary>Variances of a segment's own error, one per step.</summary>
    public ReadOnlySpan<float> OwnVariances(LoadRole role, int segment) => ownVariances[(int)role].AsSpan(segment * StepCount, StepCount);

    /// <summary>Loadings of a segment: [step * FactorCount + factor].</summary>
    public ReadOnlySpan<float> Loadings(LoadRole role, int segment) =>
        loadings[(int)role].AsSpan(segment * StepCount * FactorCount, StepCount * FactorCount);

    /// <summary>Moves the means of a segment, in the first step by <paramref name="by"/> mcore, later by what is left of that when it halves every hour; never below 0. Only while the field is made.</summary>
    internal void Shift(LoadRole role, int segment, float by, DateTimeOffset now)
    {
        var means = this.means[(int)role].AsSpan(segment * StepCount, StepCount);
        for (var k = 0; k < means.Length; k++)
        {
            var hours = Math.Max(0, (Starts[k] - now).TotalHours);
            means[k] = Math.Max(0, means[k] + (float)(by * Math.Pow(0.5, hours)));
        }
    }

    private static float Known(float[] values, int segment) =>
        segment < values.Length && values[segment] > 0 ? values[segment] : 0;

    private void Fill(LoadRole role, ForecastResult forecast, IReadOnlyList<FieldStep> kept, float[] measured, IReadOnlySet<int> weak)
    {
        var r = (int)role;
        for (var s = 0; s < SegmentCount; s++)
        {
            var reactive = weak.Contains(s) && s < measured.Length && measured[s] >= 0;
            for (var i = 0; i < kept.Count; i++)
            {
                var at = (s * kept.Count) + i;
                var mean = kept[i].Mean(forecast.Frame.Mean, s);
                if (double.IsNaN(mean))
                {
                    means[r][at] = Known(measured, s);
                    ownVariances[r][at] = means[r][at] * means[r][at] / 4;
                    continue;
                }

                var sd = kept[i].Spread(forecast.Risk.Sd, s);
                var own = sd * sd;
                for (var f = 0; f < FactorCount; f++)
                {
                    var loading = kept[i].Spread(forecast.Risk.Loadings[f], s);
                    loadings[r][(at * FactorCount) + f] = loading;
                    own -= loading * loading;
                }

                means[r][at] = reactive ? measured[s] : (float)mean;
                ownVariances[r][at] = Math.Max(0, own);
            }
        }
    }
}
