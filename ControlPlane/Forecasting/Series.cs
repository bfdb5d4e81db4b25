using ShardConsole.ControlPlane.Forecasting.Models;

namespace ShardConsole.ControlPlane.Forecasting;

/// <summary>
/// One measured series at a regular step, gaps filled so that models need not know of them. A gap of up to an hour keeps the last value; a longer one
/// repeats the day before. Filling never looks ahead, so that a model tried on the past sees what it would have seen then.
/// </summary>
internal sealed class Series
{
    /// <summary>The median is that of about so many values, evenly spaced: sorting all of them would be a tenth of a forecast's time.</summary>
    private const int MedianSample = 1000;

    private Series(float[] values, bool[] known, int stepsPerDay)
    {
        Values = values;
        Known = known;
        StepsPerDay = stepsPerDay;
        (Mean, LogOffset, Spread, Largest) = Describe();
    }

    /// <summary>Filled values, oldest first, at least one.</summary>
    public float[] Values { get; }

    /// <summary>Which values were measured. Only these are targets when models are tried.</summary>
    public bool[] Known { get; }

    /// <summary>Steps in a day: 288 at 5 minutes, 24 at an hour.</summary>
    public int StepsPerDay { get; }

    /// <summary>Number of steps.</summary>
    public int Length => Values.Length;

    /// <summary>Mean of the measured values.</summary>
    public double Mean { get; }

    /// <summary>c of z = ln(y + c): 0.3 × the larger of the median and a fifth of the mean. Above 0.</summary>
    public double LogOffset { get; }

    /// <summary>Mean absolute deviation of the last day from its mean, above 0.</summary>
    public double Spread { get; }

    /// <summary>Largest measured value.</summary>
    public float Largest { get; }

    /// <summary>The values as models of sums see them.</summary>
    public Transform Plain => field ??= new Transform(this, logarithmic: false);

    /// <summary>The values as models of products see them: z = ln(y + c).</summary>
    public Transform Logarithms => field ??= new Transform(this, logarithmic: true);

    /// <summary>The series without its leading gap; null when nothing was measured.</summary>
    /// <param name="history">NaN = gap.</param>
    /// <param name="stepsPerDay">Steps in a day.</param>
    /// <param name="longest">At most so many of the newest values are used.</param>
    public static Series? Of(ReadOnlySpan<float> history, int stepsPerDay, int longest)
    {
        history = history[Math.Max(0, history.Length - longest)..];
        var first = 0;
        while (first < history.Length && !float.IsFinite(history[first]))
        {
            first++;
        }

        if (first == history.Length)
        {
            return null;
        }

        var values = history[first..].ToArray();
        var known = new bool[values.Length];
        var shortGap = Math.Max(1, stepsPerDay / 24);
        var gap = 0;
        for (var i = 0; i < values.Length; i++)
        {
            known[i] = float.IsFinite(values[i]);
            gap = known[i] ? 0 : gap + 1;
            if (known[i])
            {
                // Loads are not negative; a negative reading is a fault of the counter.
                values[i] = Math.Max(0, values[i]);
            }
            else
            {
                values[i] = gap <= shortGap || i < stepsPerDay ? values[i - 1] : values[i - stepsPerDay];
            }
        }

        return new Series(values, known, stepsPerDay);
    }

    /// <summary>Means of <paramref name="size"/> values, aligned to the end; NaN where less than a third of them is there.</summary>
    public static float[] Coarsen(ReadOnlySpan<float> history, int size)
    {
        var coarse = new float[history.Length / size];
        var offset = history.Length - (coarse.Length * size);
        for (var j = 0; j < coarse.Length; j++)
        {
            double sum = 0;
            var count = 0;
            foreach (var value in history.Slice(offset + (j * size), size))
            {
                if (float.IsFinite(value))
                {
                    sum += Math.Max(0, value);
                    count++;
                }
            }

            coarse[j] = count * 3 >= size ? (float)(sum / count) : float.NaN;
        }

        return coarse;
    }

    private (double Mean, double LogOffset, double Spread, float Largest) Describe()
    {
        var sample = new List<float>(MedianSample + 1);
        var every = Math.Max(1, Length / MedianSample);
        var count = 0;
        double sum = 0;
        float largest = 0;
        for (var i = 0; i < Length; i++)
        {
            if (!Known[i])
            {
                continue;
            }

            if (count++ % every == 0)
            {
                sample.Add(Values[i]);
            }

            sum += Values[i];
            largest = Math.Max(largest, Values[i]);
        }

        sample.Sort();
        var mean = sum / count;
        var lastDay = Values.AsSpan(Math.Max(0, Length - StepsPerDay));
        double dayMean = 0, deviation = 0;
        foreach (var value in lastDay)
        {
            dayMean += value / (double)lastDay.Length;
        }

        foreach (var value in lastDay)
        {
            deviation += Math.Abs(value - dayMean) / lastDay.Length;
        }

        var tiny = 1e-6 * Math.Max(1, largest);
        return (mean, Math.Max(0.3 * Math.Max(sample[sample.Count / 2], 0.2 * mean), tiny), Math.Max(deviation, Math.Max(0.01 * dayMean, tiny)), largest);
    }
}
