namespace ShardConsole.ControlPlane.Scoring;

/// <summary>Sum of the load of some segments per step. Means, own variances and loadings add; the score is the field's quantile of the sum, the 90th percentile unless told otherwise.</summary>
internal sealed class LoadSum
{
    /// <summary>Standard normal quantile of 0.9, for bands that are shown as 10 to 90 %.</summary>
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

    /// <summary>Takes one sum of the same field away and adds another.</summary>
    public void Exchange(LoadSum removed, LoadSum added)
    {
        for (var k = 0; k < mean.Length; k++)
        {
            mean[k] += added.mean[k] - removed.mean[k];
            own[k] += added.own[k] - removed.own[k];
        }

        for (var i = 0; i < loading.Length; i++)
        {
            loading[i] += added.loading[i] - removed.loading[i];
        }
    }

    /// <summary>What <see cref="Scores"/> would be after <see cref="Exchange"/>, without changing anything.</summary>
    public void PreviewExchange(Span<double> scores, LoadSum removed, LoadSum added)
    {
        var factors = field.FactorCount;
        for (var k = 0; k < mean.Length; k++)
        {
            var v = Math.Max(0, own[k] - removed.own[k] + added.own[k]);
            for (var i = k * factors; i < (k + 1) * factors; i++)
            {
                var l = loading[i] - removed.loading[i] + added.loading[i];
                v += l * l;
            }

            scores[k] = Math.Max(0, mean[k] - removed.mean[k] + added.mean[k] + (field.Deviations * Math.Sqrt(v)));
        }
    }

    /// <summary>What <see cref="Scores"/> would be after a segment changes its role here, without changing anything.</summary>
    /// <param name="scores">Receives one score per step.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="removed">The role that it loses; null: it was not part of the sum.</param>
    /// <param name="added">The role that it gets; null: it leaves the sum.</param>
    public void Preview(Span<double> scores, int segment, LoadRole? removed, LoadRole? added)
    {
        var factors = field.FactorCount;
        var (oldMeans, oldOwn, oldLoadings) = Parts(removed, segment);
        var (newMeans, newOwn, newLoadings) = Parts(added, segment);
        for (var k = 0; k < mean.Length; k++)
        {
            var m = mean[k] - (removed is null ? 0 : oldMeans[k]) + (added is null ? 0 : newMeans[k]);
            var v = Math.Max(0, own[k] - (removed is null ? 0 : oldOwn[k]) + (added is null ? 0 : newOwn[k]));
            for (var i = k * factors; i < (k + 1) * factors; i++)
            {
                var l = loading[i] - (removed is null ? 0 : oldLoadings[i]) + (added is null ? 0 : newLoadings[i]);
                v += l * l;
            }

            scores[k] = Math.Max(0, m + (field.Deviations * Math.Sqrt(v)));
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

    /// <summary>The load score in a step: the field's quantile of the sum, mcore, at least 0.</summary>
    public double Score(int step) => Math.Max(0, mean[step] + (field.Deviations * Sd(step)));

    /// <summary>Scores of all steps.</summary>
    public double[] Scores()
    {
        var scores = new double[field.StepCount];
        ScoresInto(scores);
        return scores;
    }

    /// <summary>Scores of all steps into an array of that many places.</summary>
    public void ScoresInto(double[] scores)
    {
        for (var k = 0; k < scores.Length; k++)
        {
            scores[k] = Score(k);
        }
    }

    private Part Parts(LoadRole? role, int segment) =>
        role is { } r ? new Part(field.Means(r, segment), field.OwnVariances(r, segment), field.Loadings(r, segment)) : default;

    private readonly ref struct Part(ReadOnlySpan<float> means, ReadOnlySpan<float> own, ReadOnlySpan<float> loadings)
    {
        private readonly ReadOnlySpan<float> means = means;
        private readonly ReadOnlySpan<float> own = own;
        private readonly ReadOnlySpan<float> loadings = loadings;

        public void Deconstruct(out ReadOnlySpan<float> m, out ReadOnlySpan<float> o, out ReadOnlySpan<float> l)
        {
            m = means;
            o = own;
            l = loadings;
        }
    }
}
