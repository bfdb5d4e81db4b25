using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.Unit.Storage;

/// <summary>Random operations on a table whose arena overwrites freed memory, beside a dictionary.</summary>
public sealed class SegmentTableModelTests
{
    private const int Operations = 6000;

    public static TheoryData<int> Seeds => [1, 2, 3, 4, 5, 6, 7, 8];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void After_any_operations_a_table_is_what_a_dictionary_would_be(int seed)
    {
        var random = new Random(seed);
        var arena = new NativeArena(poison: true);
        var observed = new TableModel();
        var model = new TableModel();
        using (var table = new SegmentTable(arena, splitBytes: seed % 2 == 0 ? 1024 : 16384) { Observer = observed })
        {
            for (var i = 0; i < Operations; i++)
            {
                Step(random, table, model, i);
                if (i % 500 == 0)
                {
                    AssertSame(model, table);
                    Assert.Equal(model.Keys, observed.Keys);
                }
            }

            AssertSame(model, table);
            Assert.Equal(model.Keys, observed.Keys);
            Assert.True(table.BucketCount > 1);
            Assert.Equal(arena.BytesInUse, table.NativeBytes);
        }

        Assert.Equal(0, arena.BytesInUse);
    }

    private static void Step(Random random, SegmentTable table, TableModel model, int step)
    {
        var key = "k" + random.Next(900) + new string('x', random.Next(100) == 0 ? random.Next(3000) : 0);
        var expiry = random.Next(3) == 0 ? random.Next(1, 50) * 1000L : 0;
        if (step % 3 == 0)
        {
            table.Prefetch(TableModel.Bytes(key));
        }

        switch (random.Next(20))
        {
            case < 10:
                var value = RandomValue(random);
                var kind = (ValueKind)random.Next(1, 6);
                table.Set(TableModel.Bytes(key), kind, TableModel.Bytes(value), expiry);
                model.Keys[key] = (kind, value, expiry);
                break;
            case < 13:
                Assert.Equal(model.Keys.ContainsKey(key), table.SetExpiry(TableModel.Bytes(key), expiry));
                if (model.Keys.TryGetValue(key, out var old))
                {
                    model.Keys[key] = old with { ExpiresAtMs = expiry };
                }

                break;
            case < 18:
                Assert.Equal(model.Keys.Remove(key), table.Remove(TableModel.Bytes(key)));
                break;
            case < 19:
                Assert.Equal(model.Keys.TryGetValue(key, out var expected), table.TryGet(TableModel.Bytes(key), out var found));
                Assert.Equal(expected, (found.Kind, found.Bytes.IsEmpty ? expected.Value is null ? null! : "" : TableModel.Text(found.Bytes), found.ExpiresAtMs));
                break;
            default:
                if (step % 1500 == 1499)
                {
                    table.Clear();
                    model.Keys.Clear();
                }

                break;
        }
    }

    private static string RandomValue(Random random) => new(
        (char)random.Next(256),
        random.Next(40) switch { 0 => SegmentTable.LargeValueBytes + random.Next(100), 1 => SegmentTable.LargeValueBytes, < 5 => random.Next(4000), _ => random.Next(120) });

    private static void AssertSame(TableModel model, SegmentTable table)
    {
        Assert.Equal(model.Keys, TableModel.Of(table).Keys);
        Assert.Equal(model.Keys.Count, table.Count);
        Assert.Equal(model.Keys.Sum(k => (long)k.Key.Length + k.Value.Value.Length), table.DataBytes);
        Assert.Equal(model.Keys.Count(k => k.Value.ExpiresAtMs != 0), table.ExpiringCount);
        foreach (var (key, expected) in model.Keys)
        {
            Assert.True(table.TryGet(TableModel.Bytes(key), out var found));
            Assert.Equal(expected, (found.Kind, TableModel.Text(found.Bytes), found.ExpiresAtMs));
        }

        foreach (var count in new[] { 1, 2, 4, table.BucketCount, table.BucketCount * 4 })
        {
            for (var bucket = 0; bucket < count; bucket += Math.Max(1, count / 8))
            {
                Assert.Equal(model.Digest(bucket, count), table.Digest(bucket, count));
            }
        }

        var due = new HashSet<string>();
        Assert.Equal(
            model.Keys.Count(k => k.Value.ExpiresAtMs is > 0 and <= 20_000),
            table.VisitExpired(20_000, int.MaxValue, (ReadOnlySpan<byte> key, in StoredValue value) => due.Add(TableModel.Text(key))));
        Assert.Equal(model.Keys.Where(k => k.Value.ExpiresAtMs is > 0 and <= 20_000).Select(k => k.Key).ToHashSet(), due);
    }
}
