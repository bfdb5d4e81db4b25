using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.History;

/// <summary>
/// One frame of one metric while it is added to: per segment the sum of rate × seconds, the largest rate of one report, and the seconds that
/// reports covered. Sums, maxima and seconds of two frames add up, so a coarse frame is exactly its fine ones. Not safe for concurrent use.
/// </summary>
internal sealed class MetricFrame(int segments)
{
    private readonly float[] sum = new float[segments];
    private readonly float[] max = new float[segments];
    private readonly float[] seconds = new float[segments];

    /// <summary>Number of segments.</summary>
    public int Segments => sum.Length;

    /// <summary>Adds a rate that was felt for some seconds of a frame; they count as covered only where <paramref name="covers"/>.</summary>
    public void Add(int segment, double rate, double lasted, bool covers)
    {
        sum[segment] += (float)(rate * lasted);
        max[segment] = Math.Max(max[segment], (float)rate);
        if (covers)
        {
            seconds[segment] += (float)lasted;
        }
    }

    /// <summary>Adds another frame of the same length.</summary>
    public void Add(MetricFrame other)
    {
        for (var i = 0; i < sum.Length; i++)
        {
            sum[i] += other.sum[i];
            max[i] = Math.Max(max[i], other.max[i]);
            seconds[i] += other.seconds[i];
        }
    }

    /// <summary>Adds this frame's rate × seconds and seconds to those of a column. Uncovered segments add nothing: a gap is no zero.</summary>
    public void AddTo(double[] rateSeconds, double[] covered, LoadMetric metric, double frameSeconds)
    {
        for (var i = 0; i < sum.Length; i++)
        {
            var counted = Counted(i, metric, frameSeconds);
            if (counted > 0)
            {
                // What is counted is never more than the frame: during a change of leader two nodes report one segment,
                // and their loads add up (a load), or are two readings of one thing (a level, the cost of *one* follower).
                var lasted = Math.Min(counted, frameSeconds);
                rateSeconds[i] += sum[i] / counted * lasted;
                covered[i] += lasted;
            }
        }
    }

    /// <summary>Mean rate of a segment; NaN where nothing was covered.</summary>
    public float Mean(int segment, LoadMetric metric, double frameSeconds)
    {
        var counted = Counted(segment, metric, frameSeconds);
        return counted > 0 ? (float)(sum[segment] / counted) : float.NaN;
    }

    /// <summary>The frame as it is kept: mean rate while covered, largest rate, seconds.</summary>
    public byte[] Encode()
    {
        var mean = new float[sum.Length];
        for (var i = 0; i < mean.Length; i++)
        {
            mean[i] = seconds[i] > 0 ? sum[i] / seconds[i] : sum[i];
        }

        return PlaneCodec.Encode(mean, max, seconds);
    }

    /// <summary>Reads a kept frame; null when it is damaged or has another number of segments.</summary>
    public static MetricFrame? Decode(byte[] data, int segments)
    {
        if (PlaneCodec.Decode(data) is not { Length: 3 } planes || planes[0].Length != segments)
        {
            return null;
        }

        var frame = new MetricFrame(segments);
        for (var i = 0; i < segments; i++)
        {
            frame.seconds[i] = planes[2][i];
            frame.max[i] = planes[1][i];
            frame.sum[i] = planes[2][i] > 0 ? planes[0][i] * planes[2][i] : planes[0][i];
        }

        return frame;
    }

    private double Counted(int segment, LoadMetric metric, double frameSeconds) =>
        metric is LoadMetric.FollowerCpu or LoadMetric.Keys or LoadMetric.DataBytes ? seconds[segment] : Math.Min(seconds[segment], frameSeconds);
}
