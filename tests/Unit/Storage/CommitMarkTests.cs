using ShardConsole.NodeAgent.Storage;
using static ShardConsole.Unit.Storage.StoreFolder;

namespace ShardConsole.Unit.Storage;

public sealed class CommitMarkTests : IDisposable
{
    private const int Frame = 4096 + 24;
    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_log_that_was_cut_after_a_finished_commit_is_damage_whatever_is_left_of_it(bool sameBoot)
    {
        var store = folder.Open();
        Append(store, 1, 4);
        var whole = (int)new FileInfo(folder.Wal).Length;
        foreach (var left in new[] { 0, 31, 32, 32 + Frame, whole - Frame, whole - 1 })
        {
            using var crash = folder.Crash(sameBoot);
            File.WriteAllBytes(crash.Wal, File.ReadAllBytes(crash.Wal)[..left]);
            Refused(crash, "-wal");
        }

        using var gone = folder.Crash(sameBoot);
        File.Delete(gone.Wal);
        Refused(gone, "gone or another one");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_flipped_bit_in_the_last_commit_is_damage_also_where_power_may_have_failed(bool sameBoot)
    {
        var store = folder.Open();
        Append(store, 1, 4);
        using var crash = folder.Crash(sameBoot);
        var bytes = File.ReadAllBytes(crash.Wal);
        bytes[^100] ^= 1;
        File.WriteAllBytes(crash.Wal, bytes);
        Refused(crash, "was cut or is damaged");
    }

    [Fact]
    public void A_database_that_is_gone_or_empty_is_not_taken_for_a_new_node()
    {
        var store = folder.Open();
        Append(store, 1, 1);
        using var gone = folder.Crash();
        File.Delete(gone.Database);
        Refused(gone, "is gone");
        using var empty = folder.Crash();
        File.WriteAllBytes(empty.Database, []);
        Refused(empty, "is empty");
    }

    [Fact]
    public void What_was_never_noted_is_not_missed_so_a_power_failure_is_no_damage()
    {
        var store = folder.Open();
        Append(store, 1, 2);
        var behind = File.ReadAllBytes(folder.Mark);
        var wal = new FileInfo(folder.Wal).Length;
        Append(store, 3, 4);

        // What a power failure may leave: the log up to any commit that the mark on the disk does not name, and any older mark of the same log.
        using var older = folder.Crash(sameBoot: false);
        File.WriteAllBytes(older.Mark, behind);
        Assert.Equal("4", LastOf(older));
        using var shorter = folder.Crash(sameBoot: false);
        File.WriteAllBytes(shorter.Mark, behind);
        File.WriteAllBytes(shorter.Wal, File.ReadAllBytes(shorter.Wal)[..(int)wal]);
        Assert.Equal("2", LastOf(shorter));
    }

    [Fact]
    public void A_mark_that_cannot_be_read_says_nothing()
    {
        var store = folder.Open();
        Append(store, 1, 2);
        foreach (var rubbish in new byte[][] { [], [1, 2, 3], new byte[24], [.. File.ReadAllBytes(folder.Mark).Select((b, i) => i == 9 ? (byte)(b ^ 8) : b)] })
        {
            using var crash = folder.Crash();
            File.WriteAllBytes(crash.Mark, rubbish);
            Assert.Equal("2", LastOf(crash));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void However_a_node_ends_between_commits_and_moves_of_its_log_it_opens_again_with_everything(int seed)
    {
        var random = new Random(seed);
        var (last, current) = (0UL, folder.Open());
        StoreFolder? from = null;
        for (var step = 0; step < 120; step++)
        {
            switch (random.Next(8))
            {
                case 0:
                    Assert.True(current.CheckpointWal().Succeeded);
                    break;
                case 1:
                    Assert.True(current.CollectGarbage(8, out _).Succeeded);
                    break;
                case 2:
                    current.Dispose();
                    current = (from ?? folder).Open();
                    break;
                case 3:
                    var killed = (from ?? folder).Crash(sameBoot: random.Next(2) == 0);
                    current.Dispose();
                    from?.Dispose();
                    (from, current) = (killed, killed.Open());
                    break;
                default:
                    var count = (ulong)random.Next(1, 4);
                    Append(current, last + 1, last + count, bytes: random.Next(2) == 0 ? 20 : 9000);
                    last += count;
                    break;
            }

            Assert.Equal(last, Math.Max(last, 0) == 0 ? 0 : current.LoadGroup(Group).Log.LastIndex);
        }

        from?.Dispose();
    }

    private static void Append(NodeStore store, ulong first, ulong last, int bytes = 20)
    {
        for (var i = first; i <= last; i++)
        {
            MustCommit(store, b => b.Append(Group, Entries(i, 1, 1, bytes)));
        }
    }

    private static string LastOf(StoreFolder folder) => $"{folder.Open().LoadGroup(Group).Log.LastIndex}";

    private static void Refused(StoreFolder folder, string because)
    {
        var opening = folder.TryOpen();
        Assert.Equal(StoreOpenError.Damaged, opening.Error);
        Assert.Contains(because, opening.Message, StringComparison.Ordinal);

        // It is still so the next time: what was found is evidence, and trying again changes nothing.
        Assert.Equal(opening, folder.TryOpen());
    }
}
