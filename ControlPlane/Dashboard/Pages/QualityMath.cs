using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Dashboard.Pages;

/// <summary>How good kept forecasts were for one scope, bucket by bucket. Arrays have one value per bucket, NaN unknown. Pure.</summary>
/// <param name="Starts">Begin of each bucket.</param>
/// <param name="Measured">What came.</param>
/// <param name="HourBefore">What had been forecast an hour before.</param>
/// <param name="DayBefore">What had been forecast a day before.</param>
/// <param name="HourSkill">1 − error ÷ error of repeating yesterday; NaN where fewer than <see cref="QualityMath.FewestBuckets"/> buckets have all three.</param>
/// <param name="DaySkill">The same a day ahead.</param>
/// <param name="Buckets">Buckets that the skill an hour ahead was taken from.</param>
internal sealed record QualityView(
    IReadOnlyList<DateTimeOffset> Starts, double[] Measured, double[] HourBefore, double[] DayBefore, double HourSkill, double DaySkill, int Buckets);

/// <summary>Compares what was forecast with what came and with what had come a day earlier.</summary>
internal static class QualityMath
{
    /// <summary>Fewest buckets from which a skill is said.</summary>
    public const int FewestBuckets = 6;

    private const int Day = 24;

    /// <summary>The comparison over the buckets from <paramref name="from"/> on.</summary>
    /// <param name="history">Measured load from a day before <paramref name="from"/> on, in equal buckets.</param>
    /// <param name="hour">Forecasts kept an hour ahead.</param>
    /// <param name="day">Forecasts kept a day ahead.</param>
    /// <param name="segments">What is added up.</param>
    public static QualityView Compare(SegmentMatrix history, SegmentMatrix hour, SegmentMatrix day, DateTimeOffset from, IReadOnlyCollection<int> segments)
    {
        var all = history.Values.Select(column => Sum(column, segments)).ToArray();
        var step = history.Spans.Count == 0 ? TimeSpan.FromMinutes(5) : history.Spans[0];
        var back = (int)(TimeSpan.FromHours(Day) / step);
        var first = Enumerable.Range(0, all.Length).FirstOrDefault(i => history.Starts[i] >= from, all.Length);
        DateTimeOffset[] starts = [.. history.Starts.Skip(first)];
        var measured = all[first..];
        var yesterday = measured.Select((_, i) => first + i - back < 0 ? double.NaN : all[first + i - back]).ToArray();
        var (hourBefore, dayBefore) = (Align(hour, starts, step, segments), Align(day, starts, step, segments));
        var (hourSkill, buckets) = Skill(measured, hourBefore, yesterday);
        return new QualityView(starts, measured, hourBefore, dayBefore, hourSkill, Skill(measured, dayBefore, yesterday).Skill, buckets);
    }

    /// <summary>1 − error ÷ yardstick's error over the buckets where all three are known.</summary>
    public static (double Skill, int Buckets) Skill(double[] measured, double[] forecast, double[] yesterday)
    {
        double own = 0, yardstick = 0;
        var buckets = 0;
        for (var i = 0; i < measured.Length; i++)
        {
            if (double.IsFinite(measured[i]) && double.IsFinite(forecast[i]) && double.IsFinite(yesterday[i]))
            {
                own += Math.Abs(measured[i] - forecast[i]);
                yardstick += Math.Abs(measured[i] - yesterday[i]);
                buckets++;
            }
        }

        return (buckets >= FewestBuckets && yardstick > 0 ? 1 - (own / yardstick) : double.NaN, buckets);
    }

    // A bucket gets the mean of the kept forecasts that begin in it; a forecast longer than a bucket serves all buckets that it covers.
    private static double[] Align(SegmentMatrix kept, DateTimeOffset[] starts, TimeSpan step, IReadOnlyCollection<int> segments)
    {
        var (sums, counts) = (new double[starts.Length], new int[starts.Length]);
        for (var k = 0; k < kept.Starts.Count && starts.Length > 0; k++)
        {
            var value = Sum(kept.Values[k], segments);
            var low = Math.Max(0, (int)Math.Floor((kept.Starts[k] - starts[0]) / step));
            var high = (int)Math.Ceiling((kept.Starts[k] + kept.Spans[k] - starts[0]) / step);
            for (var i = low; i < Math.Min(high, starts.Length) && double.IsFinite(value); i++)
            {
                sums[i] += value;
                counts[i]++;
            }
        }

        return [.. sums.Select((sum, i) => counts[i] == 0 ? double.NaN : sum / counts[i])];
    }

    // A gap of one segment would make the sum too small: a bucket where more than a tenth is missing is unknown.
    private static double Sum(float[] column, IReadOnlyCollection<int> segments)
    {
        double sum = 0;
        var missing = 0;
        foreach (var s in segments)
        {
            if (s < column.Length && float.IsFinite(column[s]))
            {
                sum += column[s];
            }
            else
            {
                missing++;
            }
        }

        return segments.Count == 0 || missing * 10 > segments.Count ? double.NaN : sum;
    }
}
