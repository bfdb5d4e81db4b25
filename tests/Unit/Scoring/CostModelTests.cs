using ShardConsole.ControlPlane.Scoring;

namespace ShardConsole.Unit.Scoring;

public sealed class CostModelTests
{
    [Fact]
    public void Prices_are_assumed_until_something_was_measured() =>
        Assert.Equal(new OperationPrices(20, 60, 1, 1), new CostModel(4).Of(2));

    [Fact]
    public void Prices_are_found_among_wild_values()
    {
        var model = new CostModel(8);
        Feed(model, 3000, (_, random) => random.Next(30) == 0 ? 20 : 1);

        var found = model.Of(7);
        // Least squares would have found 16, 65 and 3.
        Assert.InRange(found.Read, 9, 11.5);
        Assert.InRange(found.Write, 36, 46);
        Assert.InRange(found.Kib, 1.4, 2.6);
        Assert.InRange(found.Factor, 0.97, 1.03);
    }

    [Fact]
    public void A_segment_whose_operations_are_dearer_gets_a_factor_as_far_as_it_was_seen()
    {
        var model = new CostModel(8);
        Feed(model, 3000, (segment, _) => segment == 3 ? 3 : 1);

        Assert.InRange(model.Of(3).Read / model.Of(2).Read, 1.5, 3.1);
        Assert.InRange(model.Of(2).Read, 8, 11);

        // Once is not enough to be believed.
        var fresh = new CostModel(9);
        Feed(fresh, 3000, (_, _) => 1);
        fresh.Add(8, new Operations(50, 0, 50), 3 * ((10 * 50) + (2 * 50)));
        Assert.InRange(fresh.Of(8).Factor, 1, 1.1);
    }

    [Fact]
    public void No_price_is_below_nothing()
    {
        var model = new CostModel(1);
        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            var reads = random.Next(1, 100);
            model.Add(0, new Operations(reads, random.Next(100), 0), 10 * reads);
        }

        Assert.InRange(model.Of(0).Write, 0, 2);
        Assert.InRange(model.Of(0).Read, 9, 11);
    }

    [Fact]
    public void What_a_score_is_made_of_adds_up()
    {
        var prices = new OperationPrices(10, 40, 2, 1);

        Assert.Equal((10 * 3) + (40 * 2) + (2 * 5), prices.Of(new Operations(3, 2, 5)));
    }

    // Segments 0..6 with 10 µs a read, 40 a write, 2 a KiB, times what the test says.
    private static void Feed(CostModel model, int count, Func<int, Random, double> times)
    {
        var random = new Random(1);
        for (var i = 0; i < count; i++)
        {
            var operations = new Operations(random.Next(1, 200), random.Next(50), random.Next(100));
            var cost = (10 * operations.Reads) + (40 * operations.Writes) + (2 * operations.Kib);
            model.Add(i % 7, operations, cost * times(i % 7, random) * (0.9 + (0.2 * random.NextDouble())));
        }
    }
}
