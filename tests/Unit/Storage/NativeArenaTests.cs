using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.Unit.Storage;

public sealed unsafe class NativeArenaTests
{
    [Fact]
    public void Size_classes_round_up_by_at_most_a_quarter()
    {
        for (var bytes = 65L; bytes <= NativeArena.MaxSlabBlockBytes; bytes += bytes < 5000 ? 1 : 997)
        {
            var size = NativeArena.SizeOf(NativeArena.ClassOf(bytes));
            Assert.InRange(size, bytes, bytes * 5 / 4);
            Assert.Equal(0, size % 16);
            Assert.Equal(NativeArena.ClassOf(bytes), NativeArena.ClassOf(size));
        }
    }

    [Fact]
    public void Blocks_do_not_overlap_and_all_of_them_come_back()
    {
        var arena = new NativeArena(poison: true);
        var random = new Random(1);
        var rented = new List<(nint Start, long Capacity)>();
        for (var i = 0; i < 5000; i++)
        {
            if (rented.Count > 0 && random.Next(3) == 0)
            {
                var at = random.Next(rented.Count);
                arena.Return((byte*)rented[at].Start, rented[at].Capacity);
                rented.RemoveAt(at);
                continue;
            }

            var bytes = 1L << random.Next(3, 22);
            bytes -= random.Next((int)bytes / 2);
            rented.Add(((nint)arena.Rent(bytes, out var capacity), capacity));
            Assert.True(capacity >= bytes);
        }

        rented.Sort();
        for (var i = 1; i < rented.Count; i++)
        {
            Assert.True(rented[i - 1].Start + rented[i - 1].Capacity <= rented[i].Start);
        }

        Assert.Equal(rented.Sum(r => r.Capacity), arena.BytesInUse);
        rented.ForEach(r => arena.Return((byte*)r.Start, r.Capacity));
        Assert.Equal(0, arena.BytesInUse);
        arena.Trim();
        Assert.InRange(arena.BytesReserved, 0, (long)NativeArena.MaxSpareSlabs * NativeArena.SlabBytes);
    }

    [Fact]
    public void A_returned_block_is_overwritten_where_poison_is_asked_for()
    {
        var arena = new NativeArena(poison: true);
        var block = arena.Rent(256, out var capacity);
        arena.Rent(256, out _);
        arena.Return(block, capacity);
        Assert.Equal(NativeArena.FreedByte, block[capacity - 1]);
    }
}
