using ShardConsole.NodeAgent.Storage;
using static ShardConsole.Unit.Storage.StoreFolder;

namespace ShardConsole.Unit.Storage;

public sealed class WalInspectorTests : IDisposable
{
    private const int FrameBytes = 4096 + 24;
    private readonly StoreFolder folder = new();
    private readonly List<StoreFolder> copies = [];

    public WalInspectorTests()
    {
        var store = folder.Open();
        for (var i = 0UL; i < 100; i++)
        {
            MustCommit(store, b => b.Append(Group, Entries(1 + i, 1, 1)));
        }
    }

    public void Dispose()
    {
        copies.ForEach(c => c.Dispose());
        folder.Dispose();
    }

    [Fact]
    public void A_whole_log_is_sound()
    {
        var inspection = WalInspector.Inspect(folder.Wal, powerMayHaveFailed: true);
        Assert.Equal(WalVerdict.Sound, inspection.Verdict);
        Assert.InRange(inspection.GoodFrames, 200, 400);
        Assert.Equal(WalVerdict.Empty, WalInspector.Inspect(folder.Wal + "-none", powerMayHaveFailed: true).Verdict);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(0, false)]
    [InlineData(20, true)]
    [InlineData(4000, true)]
    [InlineData(9, true)]
    [InlineData(17, true)]
    public void A_flipped_bit_in_the_middle_is_damage_and_the_store_is_not_opened(int offsetInFrame, bool sameBoot)
    {
        var copy = Copy(sameBoot);
        Flip(copy, 32 + (50 * FrameBytes) + offsetInFrame);
        var opening = copy.TryOpen();
        Assert.Equal(StoreOpenError.Damaged, opening.Error);
        Assert.Contains("frame 51 fails its checksum", opening.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flipped_header_is_damage()
    {
        var copy = Copy(sameBoot: true);
        Flip(copy, 17);
        Assert.Equal(StoreOpenError.Damaged, copy.TryOpen().Error);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(FrameBytes - 5)]
    [InlineData((2 * FrameBytes) - 5)]
    public void A_torn_tail_is_dropped_and_the_commits_before_it_stand(int cut)
    {
        var copy = Copy(sameBoot: true);
        using (var wal = new FileStream(copy.Wal, FileMode.Open))
        {
            wal.SetLength(wal.Length - cut);
        }

        var log = copy.Open().LoadGroup(Group).Log;
        Assert.Equal((99UL, 99), (log.LastIndex, log.Count));
    }

    [Fact]
    public void A_bad_page_in_the_last_commit_is_damage_unless_power_may_have_failed_before_it_was_synced()
    {
        var (damaged, torn) = (Copy(sameBoot: true), Copy(sameBoot: false));
        var lastButOne = new FileInfo(folder.Wal).Length - (2 * FrameBytes) + 100;
        Flip(damaged, lastButOne);
        Flip(torn, lastButOne);
        Assert.Equal(StoreOpenError.Damaged, damaged.TryOpen().Error);
        Assert.Equal(99UL, torn.Open().LoadGroup(Group).Log.LastIndex);
    }

    [Fact]
    public void Frames_of_an_older_age_and_of_a_transaction_rolled_back_are_not_damage()
    {
        using var other = new StoreFolder();
        var store = other.Open(other.Options with { CacheBytes = 1 << 20, MaxPages = 2000 });
        MustCommit(store, b => b.Append(Group, Entries(1, 40, 1, bytes: 20_000)));
        Assert.Equal(StoreResult.Success, store.CheckpointWal());
        MustCommit(store, b => b.Append(Group, Entries(41, 1, 1)));

        // Larger than the cache, so pages reach the log before the transaction fails.
        Assert.Equal(StoreErrorKind.Full, Commit(store, b => b.Append(Group, Entries(42, 500, 1, bytes: 20_000))).Kind);
        MustCommit(store, b => b.Append(Group, Entries(42, 1, 1)));
        using var killed = other.Crash();
        Assert.Equal(WalVerdict.TornTail, WalInspector.Inspect(killed.Wal, powerMayHaveFailed: false).Verdict);
        Assert.Equal(42UL, killed.Open().LoadGroup(Group).Log.LastIndex);
    }

    [Fact]
    public void A_store_opened_after_a_torn_tail_begins_its_log_anew()
    {
        var copy = Copy(sameBoot: true);
        using (var wal = new FileStream(copy.Wal, FileMode.Open))
        {
            wal.SetLength(wal.Length - 5);
        }

        var store = copy.Open();
        MustCommit(store, b => b.Append(Group, Entries(100, 1, 2)));
        var again = copy.Crash();
        copies.Add(again);
        Assert.Equal(WalVerdict.Sound, WalInspector.Inspect(again.Wal, powerMayHaveFailed: false).Verdict);
        Assert.InRange(new FileInfo(again.Wal).Length, 1, 20 * FrameBytes);
        Assert.Equal(2UL, again.Open().LoadGroup(Group).Log.TermOf(100));
    }

    private StoreFolder Copy(bool sameBoot)
    {
        // Without its mark, as a power failure may leave it: what the log alone shows.
        var copy = folder.Crash(sameBoot);
        File.Delete(copy.Mark);
        copies.Add(copy);
        return copy;
    }

    private static void Flip(StoreFolder folder, long at)
    {
        using var wal = new FileStream(folder.Wal, FileMode.Open);
        wal.Position = at;
        var value = wal.ReadByte();
        wal.Position = at;
        wal.WriteByte((byte)(value ^ 1));
    }
}
