using ShardConsole.ControlPlane.Scoring;

namespace ShardConsole.ControlPlane.Planning;

/// <summary>A shard or a node with its load and its limit.</summary>
internal sealed class Limited
{
    private readonly LoadField field;
    private readonly bool[] judged;
    private readonly double[] scores;
    private readonly double[] minutes;

    /// <param name="name">"s-07" or the node's name.</param>
    /// <param name="isNode">A node (comfort zone) rather than a shard (sharding threshold).</param>
    /// <param name="limit">mcore; infinite where it is not limited.</param>
    /// <param name="relief">What it is relieved to, and filled to at most: below <paramref name="limit"/> by the hysteresis.</param>
    /// <param name="sum">Its load; owned by this object.</param>
    public Limited(string name, bool isNode, double limit, double relief, LoadField field, LoadSum sum)
    {
        this.field = field;
        minutes = field.SpanMinutes;
        Name = name;
        IsNode = isNode;
        Limit = limit;
        Relief = relief;
        Sum = sum;
        Before = sum.Scores();
        scores = (double[])Before.Clone();
        Triggered = Before.Any(score => score > limit);
        judged = new bool[field.StepCount];
        Array.Fill(judged, true);
        ExcessNow = Excess(scores);
        PeakStepNow = IndexOfPeak();
        Fullness = Math.Max(0, scores[PeakStepNow]) / Limit;
        IsFull = FindFull();
    }

    private Limited(Limited other)
    {
        (field, minutes, Name, IsNode, Limit, Relief) = (other.field, other.minutes, other.Name, other.IsNode, other.Limit, other.Relief);
        (Before, Triggered, PeakStepNow, Fullness, IsFull, ExcessNow, Version) = (other.Before, other.Triggered, other.PeakStepNow, other.Fullness, other.IsFull, other.ExcessNow, other.Version);
        Sum = other.Sum.Copy();
        scores = [.. other.scores];
        judged = [.. other.judged];
    }

    public string Name { get; }

    public bool IsNode { get; }

    public double Limit { get; }

    public double Relief { get; }

    /// <summary>Load with the moves taken so far.</summary>
    public LoadSum Sum { get; }

    /// <summary>Scores with the moves taken so far, per step.</summary>
    public ReadOnlySpan<double> Scores => scores;

    /// <summary>Largest of <see cref="Scores"/> ÷ <see cref="Limit"/>; 0 where it is not limited.</summary>
    public double Fullness { get; private set; }

    /// <summary>Step of the largest of <see cref="Scores"/>, the first of equals.</summary>
    public int PeakStepNow { get; private set; }

    /// <summary>Grows with every change of what this carries or of how it is judged.</summary>
    public long Version { get; private set; }

    /// <summary>Above the relief in some step, and there no lower than without the plan: whatever is added is harm.</summary>
    public bool IsFull { get; private set; }

    /// <summary><see cref="Excess"/> of the moves taken so far.</summary>
    public double ExcessNow { get; private set; }

    /// <summary>Scores without any move of the plan.</summary>
    public double[] Before { get; }

    /// <summary>Over its limit without the plan: only then is it relieved.</summary>
    public bool Triggered { get; }

    /// <summary>The same as it is now, to be changed by itself.</summary>
    public Limited Copy() => new(this);

    /// <summary>Leaves a step out of the judgement: what stays there passes the limit by itself, no move can change that.</summary>
    public void GiveUp(int step)
    {
        judged[step] = false;
        Version++;
        ExcessNow = Excess(scores);
    }

    /// <summary>To be called after <see cref="Sum"/> was changed.</summary>
    public void Refresh()
    {
        Version++;
        Sum.ScoresInto(scores);
        ExcessNow = Excess(scores);
        PeakStepNow = IndexOfPeak();
        Fullness = Math.Max(0, scores[PeakStepNow]) / Limit;
        IsFull = FindFull();
    }

    /// <summary>True where moves can still bring the step inside the limit.</summary>
    public bool IsJudged(int step) => judged[step];

    /// <summary>Minutes × ratio above the relief; 0 when it was never over its limit.</summary>
    public double Excess(ReadOnlySpan<double> perStep)
    {
        if (!Triggered)
        {
            return 0;
        }

        double excess = 0;
        for (var k = 0; k < perStep.Length; k++)
        {
            if (judged[k] && perStep[k] > Relief)
            {
                excess += minutes[k] * ((perStep[k] / Relief) - 1);
            }
        }

        return excess;
    }

    /// <summary>Whether it stays within its relief in every step with as much on top as that, one score per step. True where it is not limited.</summary>
    public bool SurelyHolds(ReadOnlySpan<double> more)
    {
        if (double.IsPositiveInfinity(Limit))
        {
            return true;
        }

        for (var k = 0; k < more.Length; k++)
        {
            if (scores[k] + more[k] > Relief)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The first step in which a load would be above the relief and worse than without the plan; -1 where there is none.</summary>
    public int FirstHarm(ReadOnlySpan<double> perStep)
    {
        for (var k = 0; k < perStep.Length; k++)
        {
            if (IsHarm(k, perStep[k]))
            {
                return k;
            }
        }

        return -1;
    }

    /// <summary>Whether a load in a step is above the relief and worse than without the plan.</summary>
    public bool IsHarm(int step, double score) => score > Relief && score > Before[step] + 1e-6;

    /// <summary>Largest of some scores.</summary>
    public static double PeakOf(ReadOnlySpan<double> perStep)
    {
        double peak = 0;
        foreach (var score in perStep)
        {
            peak = Math.Max(peak, score);
        }

        return peak;
    }

    private int IndexOfPeak()
    {
        var peak = 0;
        for (var k = 1; k < scores.Length; k++)
        {
            peak = scores[k] > scores[peak] ? k : peak;
        }

        return peak;
    }

    private bool FindFull()
    {
        for (var k = 0; k < scores.Length; k++)
        {
            if (scores[k] > Relief && scores[k] >= Before[k] - 1e-9)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Minutes above the limit.</summary>
    public double MinutesOver(Func<int, double> score)
    {
        double over = 0;
        for (var k = 0; k < field.StepCount; k++)
        {
            over += score(k) > Limit ? minutes[k] : 0;
        }

        return over;
    }

    /// <summary>The judged step of the largest load with the moves taken so far, the first of equals.</summary>
    public int WorstStep() => PeakStep(k => judged[k] ? scores[k] : 0);

    /// <summary>Step of the largest load, the first of equals.</summary>
    public int PeakStep(Func<int, double> score)
    {
        var peak = 0;
        var highest = score(0);
        for (var k = 1; k < field.StepCount; k++)
        {
            var value = score(k);
            if (value > highest)
            {
                (peak, highest) = (k, value);
            }
        }

        return peak;
    }
}
