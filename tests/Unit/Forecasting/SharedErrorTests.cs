using ShardConsole.ControlPlane.Forecasting;

namespace ShardConsole.Unit.Forecasting;

public sealed class SharedErrorTests
{
    [Fact]
    public void Independent_errors_share_nothing()
    {
        var found = SharedError.Correlations(Errors(common: 0));

        Assert.InRange(found.Average(), -0.1, 0.1);
    }

    [Fact]
    public void Errors_with_a_common_cause_share_it()
    {
        // Common sd 2, own sd 1: correlation with the factor is 2 / √5.
        Assert.InRange(SharedError.Correlations(Errors(common: 2)).Average(), 0.8, 0.93);
    }

    [Fact]
    public void The_sum_gets_the_spread_that_it_had()
    {
        var errors = Errors(common: 1.5);
        var sums = Enumerable.Range(0, errors[0].Length).Select(k => errors.Sum(e => (double)e[k])).ToArray();
        var measured = Math.Sqrt(sums.Average(s => s * s));

        var correlations = SharedError.Correlations(errors);
        var sds = errors.Select(e => Math.Sqrt(e.Average(v => (double)v * v))).ToArray();
        var shared = sds.Zip(correlations, (sd, c) => sd * c).Sum();
        var own = sds.Zip(correlations, (sd, c) => sd * sd * (1 - (c * c))).Sum();

        Assert.InRange(Math.Sqrt((shared * shared) + own) / measured, 0.93, 1.07);
    }

    [Fact]
    public void Without_errors_some_common_cause_is_assumed() =>
        Assert.Equal([0.3f, 0.3f], SharedError.Correlations([null, [float.NaN, float.NaN]]));

    private static float[][] Errors(double common)
    {
        var random = new Random(11);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        var factor = Enumerable.Range(0, 300).Select(_ => Normal()).ToArray();
        return [.. Enumerable.Range(0, 100).Select(_ => factor.Select(f => (float)((common * f) + Normal())).ToArray())];
    }
}
