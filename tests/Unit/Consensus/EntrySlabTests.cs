using System.Runtime.InteropServices;
using ShardConsole.NodeAgent.Consensus;

namespace ShardConsole.Unit.Consensus;

public sealed class EntrySlabTests
{
    [Fact]
    public void No_two_entries_share_a_byte()
    {
        var slab = new EntrySlab();
        var random = new Random(5);
        var taken = new List<(Memory<byte> Bytes, byte Mark)>();
        for (var i = 0; i < 20_000; i++)
        {
            var entry = slab.Take(random.Next(0, 600));
            entry.Span.Fill((byte)i);
            taken.Add((entry, (byte)i));
        }

        Assert.All(taken, t => Assert.Equal(-1, t.Bytes.Span.IndexOfAnyExcept(t.Mark)));
    }

    [Fact]
    public void Small_entries_share_arrays_that_grow_to_the_largest()
    {
        var slab = new EntrySlab();
        var arrays = Enumerable.Range(0, 2000).Select(_ => ArrayOf(slab.Take(100))).Distinct().Select(a => a.Length).ToList();
        Assert.Equal([4096, 8192, 16_384, 32_768, 65_536, 65_536], arrays.Take(6));
    }

    [Theory]
    [InlineData((EntrySlab.LargestBytes / 8) + 1)]
    [InlineData(16 << 20)]
    public void A_large_entry_has_an_array_of_its_own_and_leaves_the_shared_one_as_it_is(int length)
    {
        var slab = new EntrySlab();
        var before = ArrayOf(slab.Take(10));
        Assert.Equal(length, ArrayOf(slab.Take(length)).Length);
        Assert.Same(before, ArrayOf(slab.Take(10)));
    }

    [Fact]
    public void The_first_array_holds_an_entry_that_is_larger_than_it_begins()
    {
        var entry = new EntrySlab().Take(EntrySlab.LargestBytes / 8);
        Assert.Equal(EntrySlab.LargestBytes / 8, entry.Length);
    }

    private static byte[] ArrayOf(Memory<byte> memory) => MemoryMarshal.TryGetArray<byte>(memory, out var array) ? array.Array! : throw new InvalidOperationException();
}
