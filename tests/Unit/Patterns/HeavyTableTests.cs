using ShardConsole.ControlPlane.Patterns;

namespace ShardConsole.Unit.Patterns;

public sealed class HeavyTableTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Counts_and_errors_bound_the_truth_and_heavy_keys_are_held(int seed)
    {
        var (table, truth) = Counted(seed, 20_000);

        Assert.All(table.Entries(), e => Assert.InRange(truth.GetValueOrDefault(e.Key), e.Sure, e.Count));
        Assert.All(
            truth.Where(t => t.Value > truth.Where(o => o.Key % 4 == t.Key % 4).Sum(o => (double)o.Value) / table.Ways),
            t => Assert.True(table.Find((int)(t.Key % 4), t.Key).Count > 0));
        Assert.Equal(20_000, table.Total);
    }

    [Fact]
    public void Tables_of_two_nodes_add_up_within_their_bounds()
    {
        var (one, first) = Counted(4, 20_000);
        var (other, second) = Counted(5, 10_000);

        one.Merge(other);

        Assert.Equal(30_000, one.Total);
        Assert.Equal(4 * one.Ways, one.Entries().Count());
        Assert.All(one.Entries(), e => Assert.InRange(first.GetValueOrDefault(e.Key) + second.GetValueOrDefault(e.Key), e.Sure - 1e-9, e.Count + 1e-9));
    }

    [Fact]
    public void Tables_of_another_shape_are_refused()
    {
        var table = new HeavyTable(4, 8);

        Assert.Throws<ArgumentException>(() => table.Merge(new HeavyTable(2, 8)));
        Assert.Throws<InvalidDataException>(() => new HeavyTable(4, 4).Read(new BinaryReader(new MemoryStream(Bytes(table)))));
    }

    [Fact]
    public void What_is_decayed_fades_and_is_forgotten()
    {
        var table = new HeavyTable(1, 4);
        Repeat(8, () => table.Add(0, 7, out _));
        table.Add(0, 9, out _);

        table.Decay(0.5);
        Assert.Equal((4.0, 0.5, 4.5), (table.Find(0, 7).Count, table.Find(0, 9).Count, table.Total));

        Repeat(2, () => table.Decay(0.5));
        Assert.Equal([7UL], table.Entries().Select(e => e.Key));
    }

    [Fact]
    public void What_was_written_is_read_back_and_goes_on_alike()
    {
        var (table, _) = Counted(6, 5_000);
        var copy = new HeavyTable(table.Buckets, table.Ways);
        copy.Read(new BinaryReader(new MemoryStream(Bytes(table))));

        table.Add(1, 12345, out _);
        copy.Add(1, 12345, out _);

        Assert.Equal(Bytes(table), Bytes(copy));
    }

    private static (HeavyTable Table, Dictionary<ulong, int> Truth) Counted(int seed, int count)
    {
        var random = new Random(seed);
        var (table, truth) = (new HeavyTable(4, 8), new Dictionary<ulong, int>());
        for (var i = 0; i < count; i++)
        {
            var key = (ulong)(500 * Math.Pow(random.NextDouble(), 5));
            table.Add((int)(key % 4), key, out _);
            truth[key] = truth.GetValueOrDefault(key) + 1;
        }

        return (table, truth);
    }

    private static void Repeat(int times, Action action)
    {
        for (var i = 0; i < times; i++)
        {
            action();
        }
    }

    private static byte[] Bytes(HeavyTable table)
    {
        var stream = new MemoryStream();
        table.Write(new BinaryWriter(stream));
        return stream.ToArray();
    }
}
