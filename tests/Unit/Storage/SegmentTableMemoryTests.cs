using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.Unit.Storage;

public sealed class SegmentTableMemoryTests
{
    private readonly NativeArena arena = new(poison: true);

    [Fact]
    public void A_value_may_come_from_the_table_itself()
    {
        using var table = new SegmentTable(arena, splitBytes: 4096);
        var expected = new byte[40];
        new Random(1).NextBytes(expected);
        table.Set("key0"u8, ValueKind.String, expected, 0);
        for (var i = 0; i < 2000; i++)
        {
            table.TryGet(TableModel.Bytes($"key{i}"), out var value);
            table.Set(TableModel.Bytes($"key{i + 1}"), ValueKind.String, value.Bytes, 0);
            table.TryRandomKey((ulong)i, out var key);
            table.SetExpiry(key, i % 3);
        }

        table.TryGet("key5"u8, out var own);
        table.Set("key5"u8, ValueKind.String, own.Bytes[1..], 0);
        table.TryRandomKey(7, out var removed);
        Assert.True(table.Remove(removed));

        foreach (var (key, stored) in TableModel.Of(table).Keys)
        {
            Assert.Equal(TableModel.Text(key == "key5" ? expected.AsSpan(1) : expected), stored.Value);
        }

        Assert.Equal(2000, table.Count);
    }

    [Fact]
    public void A_leased_large_value_outlives_its_key_and_its_table()
    {
        var bytes = new byte[SegmentTable.LargeValueBytes + 1];
        new Random(2).NextBytes(bytes);
        var table = new SegmentTable(arena);
        table.Set("large"u8, ValueKind.String, bytes, 0);
        table.Set("small"u8, ValueKind.String, bytes.AsSpan(1), 0);

        using (var lease = table.AcquireLarge("large"u8))
        {
            Assert.NotNull(lease);
            table.Set("large"u8, ValueKind.String, "other"u8, 0);
            table.Dispose();
            Assert.Equal(bytes, lease.Memory.ToArray());
            Assert.NotEqual(0, arena.BytesInUse);
        }

        Assert.Equal(0, arena.BytesInUse);
    }

    [Fact]
    public void Only_large_values_are_leased()
    {
        using var table = new SegmentTable(arena);
        table.Set("small"u8, ValueKind.String, new byte[SegmentTable.LargeValueBytes], 0);
        Assert.Null(table.AcquireLarge("small"u8));
        Assert.Null(table.AcquireLarge("absent"u8));
    }

    [Fact]
    public void A_hundred_thousand_keys_of_a_hundred_bytes_cost_at_most_168_bytes_each()
    {
        using var table = new SegmentTable(arena);
        for (var i = 0; i < 100_000; i++)
        {
            table.Set(TableModel.Bytes($"key:{i:000000000000}"), ValueKind.String, new byte[100], 0);
        }

        Assert.InRange(table.NativeBytes / 100_000, 116, 168);
    }

    [Fact]
    public void Removing_what_was_set_gives_the_memory_back()
    {
        using var table = new SegmentTable(arena);
        for (var i = 0; i < 20_000; i++)
        {
            table.Set(TableModel.Bytes($"k{i}"), ValueKind.String, new byte[100], i);
        }

        for (var i = 0; i < 20_000; i++)
        {
            table.Remove(TableModel.Bytes($"k{i}"));
        }

        Assert.InRange(arena.BytesInUse, 0, 4096);
        Assert.Equal(arena.BytesInUse, table.NativeBytes);
    }

    [Fact]
    public void Changing_sizes_for_ever_keeps_the_waste_bounded()
    {
        using var table = new SegmentTable(arena);
        var random = new Random(3);
        for (var i = 0; i < 200_000; i++)
        {
            table.Set(TableModel.Bytes($"k{random.Next(2000)}"), ValueKind.String, new byte[random.Next(200)], 0);
        }

        Assert.InRange(table.NativeBytes, table.DataBytes, table.DataBytes * 2);
    }

    [Fact]
    public void Empty_tables_cost_no_native_memory()
    {
        using var table = new SegmentTable(arena);
        Assert.False(table.Remove("key"u8));
        Assert.False(table.TryGet("key"u8, out _));
        Assert.Equal(0UL, table.Scan(0, 10, (ReadOnlySpan<byte> key, in StoredValue value) => true));
        Assert.Equal(0, arena.BytesInUse);
    }

    [Fact]
    public void Keys_and_values_over_the_limits_are_refused_and_change_nothing()
    {
        using var table = new SegmentTable(arena);
        table.Set(new byte[SegmentTable.MaxKeyBytes], ValueKind.String, "v"u8, 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => table.Set(new byte[SegmentTable.MaxKeyBytes + 1], ValueKind.String, "v"u8, 0));
        Assert.Equal(1, table.Count);
    }
}
