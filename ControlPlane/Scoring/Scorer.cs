using System.Globalization;
using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Scoring;

/// <summary>Turns forecasts and present use into load scores.</summary>
internal static class Scorer
{
    /// <summary>Confidence in measured load that is taken to go on.</summary>
    private const double ReactiveConfidence = 0.3;

    // A skill within this of 0 is no skill below 0: it is measured on one day.
    private const double SkillMargin = 0.05;

    /// <summary>Scores everything. Falls back to the measured last minutes, and says why, when the forecast is missing, old, of another size or worse than repeating yesterday.</summary>
    public static ScoreBoard Run(ScoreInput input, ScoringOptions options) => Run(input, options, options.ForecastMaxAgeMinutes);

    /// <summary>The same with another largest age of the forecast, model minutes; null: only to be shown, so the forecast may be of any age and skill as long as it reaches beyond now.</summary>
    public static ScoreBoard Run(ScoreInput input, ScoringOptions options, double? maxAgeMinutes)
    {
        var reactive = WhyReactive(input, maxAgeMinutes);
        var weak = reactive is null && maxAgeMinutes is not null ? Weak(input.Cpu!.Frame) : [];
        var field = reactive is null
            ? LoadField.FromForecast(input.Now, input.Cpu!, SameSize(input.FollowerCpu, input.Map), input.Measured, weak, options)
            : LoadField.FromMeasured(input.Now, TimeSpan.FromMinutes(options.ReactiveHorizonMinutes), input.Map.SegmentCount, input.Measured);
        var alive = Placement.Alive(input.Members);

        // Both judge the forecast as it was made; only then is it changed.
        var trusted = reactive is null && maxAgeMinutes is not null;
        var unforeseen = trusted ? Surprise.Of(input, options, field, alive) : null;
        var surprised = trusted ? OutOfInterval.Shards(input, field, options) : [];
        OutOfInterval.Follow(input, field, surprised);
        if (unforeseen is not null)
        {
            field = field.RaisedTo(input.Measured, input.Now.AddMinutes(options.ReactiveHorizonMinutes));
        }

        var trust = new float[input.Map.SegmentCount];
        for (var s = 0; s < trust.Length; s++)
        {
            trust[s] = reactive is null && !weak.Contains(s) ? Trust(input.Cpu!, s) : (float)ReactiveConfidence;
        }

        var segments = Enumerable.Range(0, input.Map.SegmentCount).Select(s => ScoreSegment(input, field, trust, s)).ToArray();
        var shards = input.Map.Shards.Select(s => ScoreShard(input, options, field, trust, s)).ToArray();
        var nodes = input.Members.Select(m => NodeScoring.Score(input, options, field, trust, m, alive)).ToArray();
        return new ScoreBoard(
            input.Now, input.Map, input.Members, field, reactive, options.ThresholdMillicores, options.ComfortZone, segments, shards, nodes)
        {
            Quantile = options.Quantile,
            Unforeseen = unforeseen,
            ReactiveSegments = [.. weak.Select(s => new SegmentId((ushort)s))],
            SurprisedShards = surprised,
        };
    }

    /// <summary>1 − expected relative error of a sum in a step (mean absolute error of a normal error is 0.8 standard deviations), times the trust in its intervals.</summary>
    public static double Confidence(LoadSum sum, int step, double trust)
    {
        var mean = sum.Mean(step);
        return mean <= 0 ? trust : Math.Clamp(1 - (0.8 * sum.Sd(step) / mean), 0, 1) * trust;
    }

    // Segments that were forecast worse than by repeating yesterday, over the last day (decayed), by more than chance. Equal counts as no worse: what never changes is
    // forecast as well by either, and of a few requests an hour neither says more than that they are few.
    private static SortedSet<int> Weak(Api.Model.ForecastFrame frame) => [.. Enumerable.Range(0, frame.Errors.Length).Where(s => frame.Errors[s] > 1 + SkillMargin)];

    private static string? WhyReactive(ScoreInput input, double? maxAgeMinutes)
    {
        var c = CultureInfo.InvariantCulture;
        if (input.Cpu is null)
        {
            return "there is no forecast yet";
        }

        var forecast = input.Cpu;
        var age = (input.Now - forecast.Frame.MadeAt).TotalMinutes;
        if (maxAgeMinutes is { } limit ? age > limit : forecast.Frame.Starts[^1] + forecast.Frame.Spans[^1] <= input.Now)
        {
            return maxAgeMinutes is { } most
                ? string.Create(c, $"the forecast is {age:0} minutes old, limit {most:0}")
                : string.Create(c, $"the forecast is {age:0} minutes old and ends before now");
        }

        if (forecast.Frame.Mean[0].Length != input.Map.SegmentCount)
        {
            return string.Create(c, $"the forecast has {forecast.Frame.Mean[0].Length} segments, the map {input.Map.SegmentCount}");
        }

        // NaN (too young to be measured) goes on: the intervals of a young forecast are wide already.
        return maxAgeMinutes is not null && forecast.Skill.HourAhead < -SkillMargin
            ? string.Create(c, $"the forecast is worse than repeating yesterday (skill {forecast.Skill.HourAhead:0.00})")
            : null;
    }

    private static ForecastResult? SameSize(ForecastResult? follower, ShardMap map) =>
        follower is not null && follower.Frame.Mean[0].Length == map.SegmentCount ? follower : null;

    private static float Trust(ForecastResult forecast, int segment)
    {
        var coverage = forecast.Coverage[segment];
        var held = float.IsNaN(coverage) ? 0.8 : Math.Min(1, coverage / 0.8);
        var age = Math.Min(1, 0.5 + (0.5 * forecast.HistoryDays));
        return (float)(held * age);
    }

    private static SegmentScore ScoreSegment(ScoreInput input, LoadField field, float[] trust, int segment)
    {
        var sum = new LoadSum(field);
        sum.Add(LoadRole.Lead, segment);
        var peak = PeakStep(sum, field.StepCount);
        var follow = new LoadSum(field);
        follow.Add(LoadRole.Follow, segment);
        var now = segment < input.Measured.Cpu.Length ? input.Measured.Cpu[segment] : double.NaN;
        return new SegmentScore(
            new SegmentId((ushort)segment), now, sum.Score(peak), field.Starts[peak], follow.Score(PeakStep(follow, field.StepCount)),
            Confidence(sum, peak, trust[segment]));
    }

    private static ShardScore ScoreShard(ScoreInput input, ScoringOptions options, LoadField field, float[] trust, ShardInfo shard)
    {
        var sum = new LoadSum(field);
        double now = 0, trustedLoad = 0, load = 0;
        for (var s = 0; s < input.Map.SegmentCount; s++)
        {
            if (input.Map.Owners[s] != shard.Id)
            {
                continue;
            }

            sum.Add(LoadRole.Lead, s);
            now += s < input.Measured.Cpu.Length && input.Measured.Cpu[s] > 0 ? input.Measured.Cpu[s] : 0;
            var weight = field.Means(LoadRole.Lead, s)[0] + 1e-9;
            trustedLoad += weight * trust[s];
            load += weight;
        }

        var scores = sum.Scores();
        var peak = PeakStep(sum, field.StepCount);
        var (crosses, minutes) = Over(field, scores, options.ThresholdMillicores);
        return new ShardScore(
            shard.Id, now, scores, scores[peak], field.Starts[peak], crosses, minutes, options.ThresholdMillicores - scores[peak],
            Confidence(sum, peak, load > 0 ? trustedLoad / load : 0));
    }

    /// <summary>The step with the largest score, the first of equals.</summary>
    internal static int PeakStep(LoadSum sum, int steps)
    {
        var peak = 0;
        for (var k = 1; k < steps; k++)
        {
            if (sum.Score(k) > sum.Score(peak))
            {
                peak = k;
            }
        }

        return peak;
    }

    /// <summary>Start of the first step above a limit, and the minutes above it. A limit of NaN is never passed.</summary>
    internal static (DateTimeOffset? CrossesAt, double Minutes) Over(LoadField field, double[] scores, double limit)
    {
        DateTimeOffset? first = null;
        double minutes = 0;
        for (var k = 0; k < scores.Length; k++)
        {
            if (scores[k] > limit)
            {
                first ??= field.Starts[k];
                minutes += field.Spans[k].TotalMinutes;
            }
        }

        return (first, minutes);
    }
}
