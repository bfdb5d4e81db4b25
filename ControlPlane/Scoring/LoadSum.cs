using System.Numerics;

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

    /// <summary>A sum of its own with the same content.</summary>
    public LoadSum Copy()
    {
        var copy = new LoadSum(field);
        copy.CopyFrom(this);
        return copy;
    }

    /// <summary>Adds a segment (<paramref name="sign"/> 1) or takes it away (-1).</summary>
    public void Add(LoadRole role, int segment, int sign = 1)
    {
        Accumulate(mean, field.Means(role, segment), sign);
        Accumulate(own, field.OwnVariances(role, segment), sign);
        Accumulate(loading, field.Loadings(role, segment), sign);
    }

    /// <summary>Adds another sum of the same field.</summary>
    public void Add(LoadSum other)
    {
        for (var k = 0; k < mean.Length; k++)
        {
            mean[k] += other.mean[k];
            own[k] += other.own[k];
        }

        for (var i = 0; i < loading.Length; i++)
        {
            loading[i] += other.loading[i];
        }
    }

    /// <summary>Becomes a copy of another sum of the same field.</summary>
    public void CopyFrom(LoadSum other)
    {
        other.mean.CopyTo(mean, 0);
        other.own.CopyTo(own, 0);
        other.loading.CopyTo(loading, 0);
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

    /// <summary>What <see cref="Score"/> would be in a step after two segments change their roles here, without changing anything. A role that is null is none.</summary>
    public double ScoreWith(int step, int first, LoadRole? firstRemoved, LoadRole? firstAdded, int second, LoadRole? secondRemoved, LoadRole? secondAdded)
    {
        var m = mean[step] + Of(first, firstAdded) - Of(first, firstRemoved) + Of(second, secondAdded) - Of(second, secondRemoved);
        var v = Math.Max(0, own[step] + OwnOf(first, firstAdded) - OwnOf(first, firstRemoved) + OwnOf(second, secondAdded) - OwnOf(second, secondRemoved));
        for (var i = step * field.FactorCount; i < (step + 1) * field.FactorCount; i++)
        {
            var l = loading[i] + LoadingOf(first, firstAdded, i) - LoadingOf(first, firstRemoved, i) + LoadingOf(second, secondAdded, i) - LoadingOf(second, secondRemoved, i);
            v += l * l;
        }

        return Math.Max(0, m + (field.Deviations * Math.Sqrt(v)));

        double Of(int segment, LoadRole? role) => role is { } r ? field.Means(r, segment)[step] : 0;
        double OwnOf(int segment, LoadRole? role) => role is { } r ? field.OwnVariances(r, segment)[step] : 0;
        double LoadingOf(int segment, LoadRole? role, int i) => role is { } r ? field.Loadings(r, segment)[i] : 0;
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

    // As many at once as the processor adds: a planner adds some ten thousand segments before its first look.
    private static void Accumulate(Span<double> sum, ReadOnlySpan<float> values, double sign)
    {
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(values[i..]), out var low, out var high);
            var first = sum[i..];
            var second = sum[(i + Vector<double>.Count)..];
            (new Vector<double>(first) + (sign * low)).CopyTo(first);
            (new Vector<double>(second) + (sign * high)).CopyTo(second);
        }

        for (; i < values.Length; i++)
        {
            sum[i] += sign * values[i];
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
