using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.Unit.AntiEntropy;

/// <summary>Damage of memory, which no write has counted, becomes a difference of digests.</summary>
public sealed class ScrubTests
{
    [Theory]
    [InlineData(10)]
    [InlineData(SegmentTable.LargeValueBytes + 1)]
    public void A_flipped_bit_is_found_by_reading_and_gone_when_the_bucket_is_filled_anew(int valueBytes)
    {
        using var healthy = Filled(valueBytes);
        using var damaged = Filled(valueBytes);
        Assert.False(Pass(damaged));
        Flip(damaged, "k7");
        Assert.Equal(healthy.Digest(0, 1), damaged.Digest(0, 1));

        Assert.True(Pass(damaged));

        Assert.NotEqual(healthy.Digest(0, 1), damaged.Digest(0, 1));
        Assert.False(Pass(damaged));
        var wrong = Enumerable.Range(0, 4).Single(b => healthy.Digest(b, 4) != damaged.Digest(b, 4));
        damaged.ClearBucket(wrong, 4);
        healthy.VisitBucket(wrong, 4, (ReadOnlySpan<byte> key, in StoredValue value) =>
        {
            damaged.Set(key, value.Kind, value.Bytes, value.ExpiresAtMs);
            return true;
        });
        Assert.Equal(healthy.Digest(0, 1), damaged.Digest(0, 1));
        Assert.Equal(healthy.Count, damaged.Count);
    }

    [Fact]
    public void A_damaged_key_that_is_written_over_leaves_a_difference_that_filling_anew_removes()
    {
        using var healthy = Filled(10);
        using var damaged = Filled(10);
        Flip(damaged, "k7");
        damaged.Set("k7"u8, ValueKind.String, new byte[10], 0);
        healthy.Set("k7"u8, ValueKind.String, new byte[10], 0);
        Assert.NotEqual(healthy.Digest(0, 1), damaged.Digest(0, 1));

        damaged.ClearBucket(0, 1);

        Assert.Equal(default, damaged.Digest(0, 1));
    }

    private static bool Pass(SegmentTable table)
    {
        var (found, cursor) = (false, 0UL);
        do
        {
            cursor = table.Scrub(cursor, out _, out var differed);
            found |= differed;
        }
        while (cursor != 0);

        return found;
    }

    private static void Flip(SegmentTable table, string key)
    {
        Assert.True(table.TryGet(Encoding.UTF8.GetBytes(key), out var value));
        Unsafe.AsRef(in MemoryMarshal.GetReference(value.Bytes)) ^= 4;
    }

    private static SegmentTable Filled(int valueBytes)
    {
        var table = new SegmentTable(splitBytes: 256);
        for (var i = 0; i < 40; i++)
        {
            table.Set(Encoding.UTF8.GetBytes($"k{i}"), ValueKind.String, new byte[valueBytes], 0);
        }

        return table;
    }
}
