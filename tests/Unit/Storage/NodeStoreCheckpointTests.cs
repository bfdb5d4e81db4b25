using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;
using static ShardConsole.Unit.Storage.StoreFolder;

namespace ShardConsole.Unit.Storage;

public sealed class NodeStoreCheckpointTests : IDisposable
{
    private static readonly SegmentId Segment = new(12);
    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_table_comes_back_from_its_checkpoint()
    {
        using var table = new SegmentTable();
        for (var i = 0; i < 500; i++)
        {
            table.Set(TableModel.Bytes($"k{i}"), (ValueKind)(1 + (i % 5)), new byte[i * 3], i % 3);
        }

        using (var store = folder.Open())
        {
            var writer = store.BeginCheckpoint(Group, Segment);
            TableChunkCodec.EncodeTable(table, 10_000, chunk =>
            {
                var copy = chunk.ToArray();
                MustCommit(store, b => writer.Stage(b, copy));
            });
            MustCommit(store, b => writer.Finish(b, 5, "state"u8.ToArray()));
            Assert.InRange(writer.ChunkCount, 30, 60);
        }

        using var again = folder.Open();
        using var restored = new SegmentTable();
        var decoder = new TableChunkDecoder();
        using var reader = again.ReadCheckpoint(Group, Segment)!;
        Assert.Equal((5UL, "state"), (reader.Header.AppliedIndex, TableModel.Text(reader.Header.State.Span)));
        var outcome = ChunkOutcome.Taken;
        while (reader.ReadNext(out var chunk) == ChunkReadStatus.Chunk)
        {
            outcome = decoder.Feed(chunk.Span, restored);
        }

        Assert.Equal(ChunkOutcome.Complete, outcome);
        Assert.Equal(table.Digest(0, 1), restored.Digest(0, 1));
        Assert.Equal(500, restored.Count);
    }

    [Fact]
    public void A_checkpoint_stands_until_the_next_one_is_finished_also_after_a_kill()
    {
        using var store = folder.Open();
        Write(store, applied: 1, chunks: 3, fill: 1);
        var next = store.BeginCheckpoint(Group, Segment);
        MustCommit(store, b => next.Stage(b, Chunk(2)));
        MustCommit(store, b => next.Stage(b, Chunk(2)));
        Assert.Equal("1: 1 1 1", Read(store));

        using (var killed = folder.Crash())
        {
            var survivor = killed.Open();
            Assert.Equal("1: 1 1 1", Read(survivor));
            Assert.Equal(StoreResult.Success, survivor.CollectGarbage(100, out var left));
            Assert.Equal(0, left);
            Write(survivor, applied: 3, chunks: 1, fill: 3);
            Assert.Equal("3: 3", Read(survivor));
        }

        MustCommit(store, b => next.Finish(b, 2, default));
        Assert.Equal("2: 2 2", Read(store));
        Assert.Equal(StoreResult.Success, store.CollectGarbage(100, out _));
        Assert.Equal(2, CountChunks());
    }

    [Fact]
    public void Replaced_chunks_are_deleted_little_by_little()
    {
        using var store = folder.Open();
        Write(store, applied: 1, chunks: 10, fill: 1);
        MustCommit(store, b => store.BeginCheckpoint(Group, Segment).Finish(b, 2, default));
        Assert.Equal("2:", Read(store));
        Assert.Equal(8, CountChunks());
        Assert.Equal(StoreResult.Success, store.CollectGarbage(5, out var left));
        Assert.Equal((1, 3), (left, CountChunks()));
        Assert.Equal(StoreResult.Success, store.CollectGarbage(5, out left));
        Assert.Equal((0, 0), (left, CountChunks()));
    }

    [Fact]
    public void A_reader_keeps_the_chunks_of_the_checkpoint_that_it_reads()
    {
        using var store = folder.Open();
        Write(store, applied: 1, chunks: 3, fill: 1);
        using (var reader = store.ReadCheckpoint(Group, Segment)!)
        {
            Write(store, applied: 2, chunks: 20, fill: 2);
            Assert.Equal(StoreResult.Success, store.CollectGarbage(100, out var left));
            Assert.Equal(1, left);
            Assert.Equal("1: 1 1 1", Read(reader));
        }

        Assert.Equal(StoreResult.Success, store.CollectGarbage(100, out var rest));
        Assert.Equal((0, 20), (rest, CountChunks()));
        Assert.Equal(20, Read(store).Split(' ').Length - 1);
    }

    [Fact]
    public void An_abandoned_checkpoint_leaves_the_old_one_and_no_chunks()
    {
        using var store = folder.Open();
        Write(store, applied: 1, chunks: 1, fill: 1);
        var next = store.BeginCheckpoint(Group, Segment);
        MustCommit(store, b => next.Stage(b, Chunk(2)));
        MustCommit(store, next.Abandon);
        Assert.Equal(StoreResult.Success, store.CollectGarbage(100, out _));
        Assert.Equal(("1: 1", 1), (Read(store), CountChunks()));
    }

    [Fact]
    public void A_renewed_checkpoint_keeps_its_chunks_and_takes_the_new_index_and_state()
    {
        using (var store = folder.Open())
        {
            Write(store, applied: 1, chunks: 2, fill: 1);
            MustCommit(store, b => b.RenewCheckpoint(Group, Segment, 9, "new"u8.ToArray()));
        }

        using var again = folder.Open();
        Assert.Equal("9: 1 1", Read(again));
        Assert.Equal("new", TableModel.Text(again.LoadGroup(Group).Checkpoints.Single().State.Span));
        Assert.Throws<InvalidOperationException>(() => Commit(again, b => b.RenewCheckpoint(Group, new SegmentId(99), 9, default)));
    }

    [Fact]
    public void Chunks_over_the_limit_are_refused()
    {
        using var store = folder.Open();
        var writer = store.BeginCheckpoint(Group, Segment);
        Assert.Throws<ArgumentException>(() => Commit(store, b => writer.Stage(b, new byte[folder.Options.MaxChunkBytes + 1])));
    }

    private static void Write(NodeStore store, ulong applied, int chunks, byte fill)
    {
        var writer = store.BeginCheckpoint(Group, Segment);
        MustCommit(store, b =>
        {
            for (var i = 0; i < chunks; i++)
            {
                writer.Stage(b, Chunk(fill));
            }

            writer.Finish(b, applied, default);
        });
    }

    private static byte[] Chunk(byte fill)
    {
        var chunk = new byte[9000];
        Array.Fill(chunk, fill);
        return chunk;
    }

    private static string Read(NodeStore store)
    {
        using var reader = store.ReadCheckpoint(Group, Segment)!;
        return Read(reader);
    }

    private static string Read(CheckpointReader reader)
    {
        var text = $"{reader.Header.AppliedIndex}:";
        ChunkReadStatus status;
        while ((status = reader.ReadNext(out var chunk)) == ChunkReadStatus.Chunk)
        {
            Assert.Equal(Chunk(chunk.Span[0]), chunk.ToArray());
            text += $" {chunk.Span[0]}";
        }

        Assert.Equal(ChunkReadStatus.End, status);
        return text;
    }

    private int CountChunks()
    {
        using var copy = folder.Crash();
        using var database = StoreDatabase.Open(copy.Database);
        return int.Parse(database.Execute("SELECT count(*) FROM chunk"), null);
    }
}
