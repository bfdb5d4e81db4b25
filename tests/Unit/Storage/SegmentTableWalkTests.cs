using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.Unit.Storage;

public sealed class SegmentTableWalkTests : IDisposable
{
    private readonly NativeArena arena = new(poison: true);
    private readonly SegmentTable table;

    public SegmentTableWalkTests() => table = new SegmentTable(arena, splitBytes: 2048);

    public void Dispose()
    {
        table.Dispose();
        Assert.Equal(0, arena.BytesInUse);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_scan_meets_every_key_that_stays_while_others_come_and_go(int seed)
    {
        var random = new Random(seed);
        Fill("stay", 400);
        Fill("go", 1500);
        var met = new HashSet<string>();
        var cursor = 0UL;
        var step = 0;
        do
        {
            cursor = table.Scan(cursor, random.Next(1, 20), Collect(met));
            for (var i = 0; i < 20; i++)
            {
                table.Set(TableModel.Bytes($"new{step}:{i}"), ValueKind.String, new byte[random.Next(200)], 0);
                table.Remove(TableModel.Bytes($"go{random.Next(1500)}"));
            }

            step++;
        }
        while (cursor != 0 && step < 10_000);

        Assert.Equal(0UL, cursor);
        Assert.Superset(Enumerable.Range(0, 400).Select(i => $"stay{i}").ToHashSet(), met);
    }

    [Fact]
    public void A_scan_of_a_table_at_rest_meets_each_key_once_and_honours_the_count()
    {
        Fill("k", 1000);
        var met = new List<string>();
        var calls = 0;
        for (var cursor = table.Scan(0, 10, Collect(met)); cursor != 0; cursor = table.Scan(cursor, 10, Collect(met)))
        {
            calls++;
            Assert.Equal(calls * 10, met.Count);
        }

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"k{i}").Order(), met.Order());
    }

    [Fact]
    public void A_visitor_that_ends_a_scan_goes_on_behind_the_key_it_took()
    {
        Fill("k", 200);
        var met = new List<string>();
        var cursor = 0UL;
        do
        {
            cursor = table.Scan(cursor, 1000, (ReadOnlySpan<byte> key, in StoredValue value) =>
            {
                met.Add(TableModel.Text(key));
                return met.Count % 7 != 0;
            });
        }
        while (cursor != 0);

        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"k{i}").Order(), met.Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(64)]
    [InlineData(4096)]
    public void Buckets_part_the_keys_and_finer_digests_sum_to_coarser_ones(int count)
    {
        Fill("k", 1000);
        Assert.InRange(table.BucketCount, 8, 128);
        var met = new List<string>();
        var sum = new BucketDigest(0, 0);
        for (var bucket = 0; bucket < count; bucket++)
        {
            var here = new List<string>();
            table.VisitBucket(bucket, count, Collect(here));
            Assert.All(here, k => Assert.Equal(bucket, SegmentTable.BucketOf(TableModel.Bytes(k), count)));
            met.AddRange(here);
            sum += table.Digest(bucket, count);
            Assert.Equal(table.Digest(bucket, count), table.Digest(2 * bucket, 2 * count) + table.Digest((2 * bucket) + 1, 2 * count));
        }

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"k{i}").Order(), met.Order());
        Assert.Equal(table.Digest(0, 1), sum);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(1024)]
    public void Clearing_a_bucket_removes_exactly_its_keys(int count)
    {
        Fill("k", 1000);
        var bucket = SegmentTable.BucketOf("k7"u8, count);
        var before = TableModel.Of(table);

        table.ClearBucket(bucket, count);

        var left = before.Keys.Where(k => SegmentTable.BucketOf(TableModel.Bytes(k.Key), count) != bucket).ToDictionary();
        Assert.Equal(left, TableModel.Of(table).Keys);
        Assert.Equal(left.Count, table.Count);
        Assert.Equal(new BucketDigest(0, 0), table.Digest(bucket, count));
        Assert.NotEqual(1000, left.Count);
    }

    [Fact]
    public void Any_change_of_a_key_changes_the_digest_and_the_way_back_restores_it()
    {
        table.Set("key"u8, ValueKind.String, "value"u8, 5);
        var digests = new List<BucketDigest> { table.Digest(0, 1) };
        table.Set("key"u8, ValueKind.Hash, "value"u8, 5);
        digests.Add(table.Digest(0, 1));
        table.Set("key"u8, ValueKind.String, "valuf"u8, 5);
        digests.Add(table.Digest(0, 1));
        table.Set("key"u8, ValueKind.String, "value"u8, 6);
        digests.Add(table.Digest(0, 1));
        table.Remove("key"u8);
        table.Set("kez"u8, ValueKind.String, "value"u8, 5);
        digests.Add(table.Digest(0, 1));
        table.Remove("kez"u8);
        digests.Add(table.Digest(0, 1));
        table.Set("key"u8, ValueKind.String, "value"u8, 5);

        Assert.Equal(digests.Count, digests.Distinct().Count());
        Assert.Equal(new BucketDigest(0, 0), digests[^1]);
        Assert.Equal(digests[0], table.Digest(0, 1));
    }

    [Fact]
    public void Every_key_is_about_as_likely_to_be_the_random_one()
    {
        Fill("k", 300);
        for (var i = 100; i < 300; i++)
        {
            table.Remove(TableModel.Bytes($"k{i}"));
        }

        var random = new Random(1);
        var drawn = new Dictionary<string, int>();
        for (var i = 0; i < 50_000; i++)
        {
            Assert.True(table.TryRandomKey((ulong)random.NextInt64(), out var key));
            drawn[TableModel.Text(key)] = drawn.GetValueOrDefault(TableModel.Text(key)) + 1;
        }

        // 500 on average, standard deviation 22.
        Assert.Equal(100, drawn.Count);
        Assert.All(drawn.Values, n => Assert.InRange(n, 380, 620));
        table.Clear();
        Assert.False(table.TryRandomKey(1, out _));
    }

    [Fact]
    public void Expired_keys_are_visited_up_to_the_limit_and_again_until_they_are_gone()
    {
        for (var i = 0; i < 500; i++)
        {
            table.Set(TableModel.Bytes($"k{i}"), ValueKind.String, new byte[50], i + 1);
        }

        var met = new List<string>();
        Assert.Equal(30, table.VisitExpired(100, 30, Collect(met)));
        Assert.All(met, k => Assert.InRange(int.Parse(k[1..], null), 0, 99));
        Assert.Equal(30, met.Distinct().Count());
        met.ForEach(k => table.Remove(TableModel.Bytes(k)));
        Assert.Equal(70, table.VisitExpired(100, 1000, Collect([])));
        Assert.Equal(0, table.VisitExpired(0, 1000, Collect([])));
    }

    [Fact]
    public void A_visitor_that_changes_the_table_is_refused()
    {
        Fill("k", 10);
        Assert.Throws<InvalidOperationException>(() => table.Scan(0, 5, (ReadOnlySpan<byte> key, in StoredValue value) => table.Remove(key)));
        Assert.True(table.Remove("k1"u8));
    }

    private static KeyVisitor Collect(ICollection<string> met) => (ReadOnlySpan<byte> key, in StoredValue value) =>
    {
        met.Add(TableModel.Text(key));
        return true;
    };

    private void Fill(string prefix, int count)
    {
        for (var i = 0; i < count; i++)
        {
            table.Set(TableModel.Bytes($"{prefix}{i}"), ValueKind.String, new byte[20 + (i % 50)], 0);
        }
    }
}
