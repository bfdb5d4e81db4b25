namespace ShardConsole.ControlPlane.Scoring;

/// <summary>Sum of the load of some segments per step. Means, own variances and loadings add; the score is the 90th percentile of the sum.</summary>
internal sealed class LoadSum
{
    /// <summary>Standard normal quantile of 0.9.</summary>
    public const double Quantile90 = 1.2815515655446004;

    private readonly LoadField field;
    private readonly double[] mean;
    private readonly double[] own;
    private readonly double[] loading;

    /// <param name="field">The field whose segments are summed.</param>
    /// <param name="fixedLoad">Load in every step that belongs to no segment, mcore.</param>
    public LoadSum(LoadField field, double fixedLoad = 0)
    {
        this.field = field;
        mean = new double[field.StepCount];
        own = new double[field.StepCount];
        loading = new double[field.StepCount * field.FactorCount];
        Array.Fill(mean, fixedLoad);
    }

    private LoadSum(LoadSum other)
    {
        field = other.field;
        mean = (double[])other.mean.Clone();
        own = (double[])other.own.Clone();
        loading = (double[])other.loading.Clone();
    }

    /// <summary>An independent copy.</summary>
    public LoadSum Copy() => new(this);

    /// <summary>Takes the other's content; both must be of one field.</summary>
    public void CopyFrom(LoadSum other)
    {
        other.mean.CopyTo(mean, 0);
        other.own.CopyTo(own, 0);
        other.loading.CopyTo(loading, 0);
    }

    /// <summary>Adds a segment (<paramref name="sign"/> 1) or takes it away (-1).</summary>
    public void Add(LoadRole role, int segment, int sign = 1)
    {
        var means = field.Means(role, segment);
        var variances = field.OwnVariances(role, segment);
        var loadings = field.Loadings(role, segment);
        for (var k = 0; k < means.Length; k++)
        {
            mean[k] += sign * means[k];
            own[k] += sign * variances[k];
        }

        for (var i = 0; i < loadings.Length; i++)
        {
            loading[i] += sign * loadings[i];
        }
    }

    /// <summary>Mean of the sum in a step, mcore.</summary>
    public double Mean(int step) => mean[step];

    /// <summary>Standard deviation of the sum in a step, mcore.</summary>
    public double Sd(int step)
    {
        // Taking segments away leaves rounding errors: never below 0.
        var variance = Math.Max(0, own[step]);
        for (var f = 0; f < field.FactorCount; f++)
        {
            var l = loading[(step * field.FactorCount) + f];
            variance += l * l;
        }

        return Math.Sqrt(variance);
    }

    /// <summary>The load score in a step: 90th percentile of the sum, mcore, at least 0.</summary>
    public double Score(int step) => Math.Max(0, mean[step] + (Quantile90 * Sd(step)));

    /// <summary>Scores of all steps.</summary>
    public double[] Scores()
    {
        var scores = new double[field.StepCount];
        for (var k = 0; k < scores.Length; k++)
        {
            scores[k] = Score(k);
        }

        return scores;
    }
}
