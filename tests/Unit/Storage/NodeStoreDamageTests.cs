using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;
using static ShardConsole.Unit.Storage.StoreFolder;

namespace ShardConsole.Unit.Storage;

public sealed class NodeStoreDamageTests : IDisposable
{
    private static readonly SegmentId Segment = new(2);
    private readonly StoreFolder folder = new();

    public NodeStoreDamageTests()
    {
        using var store = folder.Open();
        var writer = store.BeginCheckpoint(Group, Segment);
        for (var i = 0UL; i < 5; i++)
        {
            MustCommit(store, b =>
            {
                b.Append(Group, Entries(1 + (3 * i), 3, 1 + i));
                b.SetHardState(Group, new HardState(1 + i, 1, 1));
            });
        }

        MustCommit(store, b =>
        {
            b.SetSnapshot(Group, new SnapshotMark(5, 2, ConfigurationState.OfVoters([1])));
            b.TruncateBefore(Group, 2, 1);
            b.SetRecord(Group, "record"u8.ToArray());
            writer.Stage(b, new byte[20_000]);
            writer.Finish(b, 5, "state"u8.ToArray());
        });
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_sound_store_has_no_damage()
    {
        using var store = folder.Open();
        var report = StoreVerifier.Verify(store);
        Assert.Empty(report.Damages);
        Assert.Empty(report.BehindLog);
        Assert.Equal((1, 14L, 1, 1L), (report.Groups, report.Entries, report.Checkpoints, report.Chunks));
        Assert.False(store.IsQuarantined);
    }

    [Theory]
    [InlineData("hard_state", (int)StoreDamageKind.HardState)]
    [InlineData("log_start", (int)StoreDamageKind.HardState)]
    [InlineData("log", (int)StoreDamageKind.Log)]
    [InlineData("snapshot_mark", (int)StoreDamageKind.SnapshotMark)]
    [InlineData("group_record", (int)StoreDamageKind.GroupRecord)]
    public void A_flipped_bit_in_what_must_not_be_forgotten_quarantines_the_store(string table, int kind)
    {
        folder.FlipBlob(table);
        using var store = folder.Open();
        var report = StoreVerifier.Verify(store);
        Assert.Contains(report.Damages, d => d.Kind == (StoreDamageKind)kind && d.Group == Group);
        Assert.True(store.IsQuarantined);
        Assert.Equal(StoreErrorKind.Quarantined, Commit(store, b => b.Append(Group, Entries(16, 1, 6))).Kind);
    }

    [Theory]
    [InlineData("checkpoint")]
    [InlineData("chunk")]
    public void A_flipped_bit_in_a_checkpoint_is_listed_and_the_store_goes_on(string table)
    {
        folder.FlipBlob(table);
        using var store = folder.Open();
        var damage = Assert.Single(StoreVerifier.Verify(store).Damages);
        Assert.Equal((StoreDamageKind.Checkpoint, Group, Segment, false), (damage.Kind, damage.Group!.Value, damage.Segment!.Value, damage.Quarantines));

        var writer = store.BeginCheckpoint(Group, Segment);
        MustCommit(store, b => writer.Finish(b, 6, default));
        Assert.Empty(StoreVerifier.Verify(store).Damages);
    }

    [Fact]
    public void A_flipped_identity_is_refused()
    {
        folder.FlipBlob("identity");
        Assert.Equal(StoreOpenError.Damaged, folder.TryOpen().Error);
    }

    [Theory]
    [InlineData("DELETE FROM log WHERE first = 1", "missing")]
    [InlineData("DELETE FROM log WHERE first = 7", "missing")]
    [InlineData("DELETE FROM log WHERE first = 13", "although entry 15 was written")]
    [InlineData("UPDATE log SET grp = 9 WHERE first = 13", "although entry 15 was written")]
    [InlineData("UPDATE log SET count = 2 WHERE first = 13", "belongs to another row")]
    [InlineData("UPDATE log SET last_term = 77 WHERE first = 13", "belongs to another row")]
    [InlineData("UPDATE log SET data = (SELECT data FROM log WHERE first = 10) WHERE first = 13", "belongs to another row")]
    public void A_row_of_the_log_that_is_missing_or_strayed_is_damage(string sql, string message)
    {
        folder.Execute(sql);
        using var store = folder.Open();
        Assert.Contains(store.LoadGroup(Group).Damages, d => d.Kind == StoreDamageKind.Log && d.Message.Contains(message, StringComparison.Ordinal));
        Assert.True(store.IsQuarantined);
    }

    [Fact]
    public void A_missing_row_that_had_replaced_a_suffix_is_damage_although_no_index_is_missing()
    {
        using (var store = folder.Open())
        {
            MustCommit(store, b => b.Append(Group, Entries(14, 1, 8)));
            MustCommit(store, b => b.Append(Group, Entries(15, 1, 8)));
        }

        folder.Execute("DELETE FROM log WHERE first = 14");
        using var again = folder.Open();
        Assert.Contains(again.LoadGroup(Group).Damages, d => d.Kind == StoreDamageKind.Log && d.Message.Contains("a row between is missing", StringComparison.Ordinal));
    }
}
