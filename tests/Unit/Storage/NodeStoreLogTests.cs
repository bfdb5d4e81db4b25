using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;
using static ShardConsole.Unit.Storage.StoreFolder;

namespace ShardConsole.Unit.Storage;

public sealed class NodeStoreLogTests : IDisposable
{
    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Everything_that_was_committed_is_there_after_reopening()
    {
        var mark = new SnapshotMark(4, 1, new ConfigurationState([1, 2], [1], [5], [2], true));
        using (var store = folder.Open())
        {
            Assert.Equal(new NodeIdentity(new NodeId(77), "", 1), store.Identity);
            MustCommit(store, b =>
            {
                b.SetClusterId("cluster-é");
                b.SetHardState(Group, new HardState(2, 9, 6));
                b.Append(Group, Entries(1, 6, 1));
                b.SetSnapshot(Group, mark);
                b.SetRecord(Group, "record"u8.ToArray());
                b.Append(GroupId.Meta, [new Entry(7, 1, EntryKind.ConfigurationV2, default)]);
            });
        }

        using var again = folder.Open();
        Assert.Equal(new NodeIdentity(new NodeId(77), "cluster-é", 2), again.Identity);
        Assert.Equal([GroupId.Meta, Group], again.Groups);
        var image = again.LoadGroup(Group);
        Assert.Empty(image.Damages);
        Assert.Equal("record", System.Text.Encoding.ASCII.GetString(image.Record.Span));
        Assert.Equivalent(mark, image.Log.Snapshot, strict: true);
        Assert.Equal(
            "1:1:Normal:1/1 2:1:Normal:1/2 3:1:Normal:1/3 4:1:Normal:1/4 5:1:Normal:1/5 6:1:Normal:1/6 [1..6] before 0 "
            + "state HardState { Term = 2, Vote = 9, Commit = 6 } mark 4/1", Show(image.Log));
        Assert.Equal([new Entry(7, 1, EntryKind.ConfigurationV2, default)], again.LoadGroup(GroupId.Meta).Log.Read(1, 2, 100).Select(e => e with { Data = default }));
    }

    [Fact]
    public void A_conflicting_suffix_is_replaced_also_in_the_middle_of_a_row()
    {
        using (var store = folder.Open())
        {
            MustCommit(store, b => b.Append(Group, Entries(1, 3, 1)));
            MustCommit(store, b => b.Append(Group, Entries(4, 4, 1)));
            MustCommit(store, b => b.Append(Group, Entries(6, 1, 2)));
            MustCommit(store, b => b.Append(Group, Entries(3, 1, 3)));
            MustCommit(store, b => b.Append(Group, Entries(4, 1, 3)));
        }

        using var again = folder.Open();
        var image = again.LoadGroup(Group);
        Assert.Empty(image.Damages);
        Assert.Equal([1, 1, 3, 3], image.Log.Read(1, 100, 1000).Select(e => (int)e.Term));
    }

    [Fact]
    public void Truncation_deletes_whole_rows_and_hides_the_rest()
    {
        using (var store = folder.Open())
        {
            MustCommit(store, b =>
            {
                b.Append(Group, Entries(1, 5, 1));
                b.Append(Group, Entries(6, 5, 2));
                b.SetSnapshot(Group, new SnapshotMark(9, 2, ConfigurationState.OfVoters([1])));
                b.TruncateBefore(Group, 8, 2);
            });
        }

        folder.Execute("CREATE TABLE IF NOT EXISTS probe AS SELECT count(*) AS n FROM log");
        using var again = folder.Open();
        var log = again.LoadGroup(Group).Log;
        Assert.Equal((8UL, 10UL, 2UL, null), (log.FirstIndex, log.LastIndex, log.TermOf(7), log.TermOf(6)));
        Assert.Equal(3, log.Count);
        again.Dispose();
        using var database = StoreDatabase.Open(folder.Database);
        Assert.Equal("1", database.Execute("SELECT n FROM probe"));
    }

    [Fact]
    public void An_installed_snapshot_takes_the_place_of_the_log()
    {
        using (var store = folder.Open())
        {
            MustCommit(store, b => b.Append(Group, Entries(1, 5, 1)));
            MustCommit(store, b =>
            {
                b.InstallSnapshot(Group, new SnapshotMark(50, 4, ConfigurationState.OfVoters([1, 2, 3])));
                b.Append(Group, Entries(51, 2, 5));
            });
        }

        using var again = folder.Open();
        Assert.Equal(
            "51:5:Normal:5/51 52:5:Normal:5/52 [51..52] before 4 state HardState { Term = 0, Vote = 0, Commit = 0 } mark 50/4", Show(again.LoadGroup(Group).Log));
    }

    [Fact]
    public void Long_runs_of_entries_are_split_into_rows()
    {
        using (var store = folder.Open(folder.Options with { MaxLogRowBytes = 4096 }))
        {
            MustCommit(store, b => b.Append(Group, Entries(1, 100, 1, bytes: 500)));
            MustCommit(store, b => b.Append(Group, Entries(101, 1, 1, bytes: 10_000)));
        }

        using (var again = folder.Open())
        {
            Assert.Equal((100 * 500) + 10_000 + (101 * GroupLog.EntryOverheadBytes), again.LoadGroup(Group).Log.BytesHeld);
        }

        using var database = StoreDatabase.Open(folder.Database);
        Assert.InRange(int.Parse(database.Execute("SELECT count(*) FROM log"), null), 13, 16);
    }

    [Fact]
    public void A_removed_group_leaves_nothing()
    {
        using var store = folder.Open();
        var writer = store.BeginCheckpoint(Group, new SegmentId(1));
        MustCommit(store, b =>
        {
            b.Append(Group, Entries(1, 5, 1));
            b.SetRecord(Group, new byte[5]);
            writer.Stage(b, new byte[5]);
            writer.Finish(b, 5, new byte[1]);
        });
        MustCommit(store, b => b.RemoveGroup(Group));
        Assert.Empty(store.Groups);
        Assert.Null(store.ReadCheckpoint(Group, new SegmentId(1)));
        Assert.Equal(0, store.LoadGroup(Group).Log.Count);
    }

    [Fact]
    public void What_does_not_fit_the_log_is_refused_and_the_whole_batch_with_it()
    {
        using var store = folder.Open();
        MustCommit(store, b => b.Append(Group, Entries(1, 3, 1)));
        Assert.Throws<InvalidOperationException>(() => Commit(store, b =>
        {
            b.Append(GroupId.Meta, Entries(1, 1, 1));
            b.Append(Group, Entries(5, 1, 1));
        }));
        Assert.Throws<InvalidOperationException>(() => Commit(store, b => b.TruncateBefore(Group, 2, 1)));
        Assert.Equal([Group], store.Groups);
        MustCommit(store, b => b.Append(Group, Entries(4, 1, 1)));
        Assert.Equal(4UL, store.LoadGroup(Group).Log.LastIndex);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void After_any_commits_and_kills_the_logs_are_what_was_acknowledged(int seed)
    {
        var random = new Random(seed);
        var models = new Dictionary<ushort, GroupLog>();
        var here = folder;
        var copies = new List<StoreFolder>();
        var store = here.Open();
        for (var step = 0; step < 120; step++)
        {
            var batch = new StoreBatch();
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                RandomStep(random, batch, models, (ushort)random.Next(3));
            }

            Assert.Equal(StoreResult.Success, store.Commit(batch));
            if (step % 30 == 29)
            {
                copies.Add(here = here.Crash());
                store = here.Open();
                Assert.Equal(models.Keys.Order(), store.Groups.Select(g => g.Value));
                foreach (var (group, model) in models)
                {
                    var image = store.LoadGroup(new GroupId(group));
                    Assert.Empty(image.Damages);
                    Assert.Equal(Show(model), Show(image.Log));
                }
            }
        }

        copies.ForEach(c => c.Dispose());
    }

    private static void RandomStep(Random random, StoreBatch batch, Dictionary<ushort, GroupLog> models, ushort group)
    {
        if (!models.TryGetValue(group, out var model))
        {
            models[group] = model = new GroupLog(default, SnapshotMark.None);
        }

        var id = new GroupId(group);
        switch (random.Next(10))
        {
            case < 6:
                var first = random.Next(4) == 0 && model.Count > 0 ? model.FirstIndex + (ulong)random.Next(model.Count) : model.LastIndex + 1;
                var entries = Entries(first, random.Next(1, 6), model.TermOf(first - 1)!.Value + (ulong)random.Next(2));
                var commit = Math.Min(model.InitialHardState.Commit, first - 1);
                batch.Append(id, entries);
                batch.SetHardState(id, new HardState(entries[^1].Term, 1, commit));
                model.Append(entries);
                model.SetHardState(new HardState(entries[^1].Term, 1, commit));
                break;
            case < 7:
                batch.SetHardState(id, new HardState(model.InitialHardState.Term, 2, model.LastIndex));
                model.SetHardState(new HardState(model.InitialHardState.Term, 2, model.LastIndex));
                break;
            case < 9 when model.Count > 0:
                var mark = model.FirstIndex + (ulong)random.Next(model.Count);
                var kept = model.FirstIndex + (ulong)random.Next((int)(mark - model.FirstIndex) + 2);
                var snapshot = new SnapshotMark(mark, model.TermOf(mark)!.Value, ConfigurationState.OfVoters([mark]));
                snapshot = snapshot.Index > model.Snapshot.Index ? snapshot : model.Snapshot;
                batch.SetSnapshot(id, snapshot);
                batch.TruncateBefore(id, kept, model.TermOf(kept - 1)!.Value);
                model.SetSnapshot(snapshot);
                model.TruncateBefore(kept);
                break;
            default:
                var install = new SnapshotMark(model.LastIndex + 10, 1 + model.InitialHardState.Term, ConfigurationState.OfVoters([9]));
                batch.InstallSnapshot(id, install);
                model.Install(install);
                break;
        }
    }
}
