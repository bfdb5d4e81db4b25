using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.Unit.Forecasting;

/// <summary>The vectorised algebra against the definition, at sizes on both sides of a vector's width.</summary>
public sealed class RidgeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(14)]
    [InlineData(25)]
    [InlineData(36)]
    public void An_observation_is_added_to_every_product(int n)
    {
        var random = new Random(n);
        float[] x = Numbers(random, n), gram = Numbers(random, n * (n + 1) / 2), cross = Numbers(random, n);
        var (expectedGram, expectedCross) = ((float[])gram.Clone(), (float[])cross.Clone());
        x[n / 2] = n > 1 ? 0 : x[0];
        Accumulate(expectedGram, expectedCross, x, 0.7f, 2.5f);

        Ridge.Add(gram, cross, x, 0.7f, 2.5f);

        Close(expectedGram, gram);
        Close(expectedCross, cross);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(12)]
    public void A_batch_is_its_observations_one_by_one(int count)
    {
        const int n = Ridge.Row - 2;
        var random = new Random(count);
        float[] gram = Numbers(random, n * (n + 1) / 2), cross = Numbers(random, n), rows = Numbers(random, 12 * Ridge.Row), weights = Numbers(random, count);
        var (expectedGram, expectedCross) = (gram.Select(v => v * 0.9f).ToArray(), cross.Select(v => v * 0.9f).ToArray());
        for (var k = 0; k < count; k++)
        {
            Accumulate(expectedGram, expectedCross, rows.AsSpan(k * Ridge.Row, n), weights[k], rows[(k * Ridge.Row) + n]);
        }

        Ridge.AddBatch(gram, cross, 0.9f, rows, weights);

        Close(expectedGram, gram);
        Close(expectedCross, cross);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(14)]
    [InlineData(36)]
    public void What_is_solved_satisfies_its_equations(int n)
    {
        var random = new Random(n);
        var gram = new float[n * (n + 1) / 2];
        var cross = new float[n];
        for (var k = 0; k < 2 * n; k++)
        {
            Ridge.Add(gram, cross, Numbers(random, n), 1, (float)random.NextDouble());
        }

        var (prior, beta) = (Enumerable.Repeat(3.0, n).ToArray(), new double[n]);
        Assert.True(Ridge.Solve(gram, cross, 0.5, prior, beta));
        for (var i = 0; i < n; i++)
        {
            var left = Enumerable.Range(0, n).Sum(j => (gram[i >= j ? (i * (i + 1) / 2) + j : (j * (j + 1) / 2) + i] + (i == j ? 0.5 : 0)) * (beta[j] - 3));
            Assert.Equal(cross[i], left, 6);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(25)]
    public void A_dot_product_is_the_sum_of_products(int n)
    {
        var random = new Random(n);
        float[] a = Numbers(random, n), b = Numbers(random, n);

        Assert.Equal(a.Zip(b, (x, y) => (double)x * y).Sum(), Ridge.Dot(a, b), 4);
    }

    private static void Accumulate(float[] gram, float[] cross, ReadOnlySpan<float> x, float weight, float target)
    {
        var at = 0;
        for (var i = 0; i < x.Length; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                gram[at++] += weight * x[i] * x[j];
            }

            cross[i] += weight * x[i] * target;
        }
    }

    private static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 1))];

    private static void Close(float[] expected, float[] actual) => Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
}
