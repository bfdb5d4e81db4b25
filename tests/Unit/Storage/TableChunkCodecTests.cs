using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.Unit.Storage;

public sealed class TableChunkCodecTests
{
    [Theory]
    [InlineData(64)]
    [InlineData(1000)]
    [InlineData(TableChunkCodec.DefaultChunkBytes)]
    public void Bucket_by_bucket_a_table_comes_back_whole(int chunkBytes)
    {
        using var table = Table();
        using var restored = new SegmentTable();
        for (var bucket = 0; bucket < 8; bucket++)
        {
            var decoder = new TableChunkDecoder();
            var outcomes = Chunks(sink => TableChunkCodec.EncodeBucket(table, bucket, 8, chunkBytes, sink), chunkBytes).ConvertAll(c => decoder.Feed(c, restored));
            Assert.Equal(ChunkOutcome.Complete, outcomes[^1]);
            Assert.All(outcomes.SkipLast(1), o => Assert.Equal(ChunkOutcome.Taken, o));
            Assert.Equal(table.Digest(bucket, 8), restored.Digest(bucket, 8));
        }

        Assert.Equal(TableModel.Of(table).Keys, TableModel.Of(restored).Keys);
    }

    [Fact]
    public void Every_flipped_bit_and_every_wrong_order_is_refused()
    {
        using var table = Table();
        var chunks = Chunks(sink => TableChunkCodec.EncodeTable(table, 5000, sink), 5000);
        for (var at = 0; at < 5000; at += 7)
        {
            var flipped = chunks[0].ToArray();
            flipped[at] ^= 1;
            Assert.Equal(ChunkOutcome.Damaged, Feed(flipped));
        }

        Assert.Equal(ChunkOutcome.Damaged, Feed(chunks[1]));
        Assert.Equal(ChunkOutcome.Damaged, Feed(chunks[0], chunks[0]));
        Assert.Equal(ChunkOutcome.Damaged, Feed([[]]));
        Assert.Equal(ChunkOutcome.Damaged, Feed([.. chunks, chunks[0]]));
        Assert.Equal(ChunkOutcome.Complete, Feed([.. chunks]));
    }

    [Fact]
    public void An_empty_table_gives_no_chunk_and_an_empty_bucket_one()
    {
        using var table = new SegmentTable();
        Assert.Empty(Chunks(sink => TableChunkCodec.EncodeTable(table, 5000, sink), 5000));
        Assert.Equal(ChunkOutcome.Complete, Feed([.. Chunks(sink => TableChunkCodec.EncodeBucket(table, 3, 4, 5000, sink), 5000)]));
    }

    private static ChunkOutcome Feed(params byte[][] chunks)
    {
        using var table = new SegmentTable();
        var decoder = new TableChunkDecoder();
        return chunks.ToList().ConvertAll(c => decoder.Feed(c, table))[^1];
    }

    private static List<byte[]> Chunks(Action<ChunkSink> encode, int limit)
    {
        var chunks = new List<byte[]>();
        encode(chunk => chunks.Add(chunk.ToArray()));
        Assert.All(chunks, c => Assert.InRange(c.Length, TableChunkCodec.HeaderBytes, limit));
        return chunks;
    }

    private static SegmentTable Table()
    {
        var table = new SegmentTable(splitBytes: 4096);
        var random = new Random(4);
        for (var i = 0; i < 300; i++)
        {
            var value = new byte[i == 7 ? 100_000 : random.Next(200)];
            random.NextBytes(value);
            table.Set(TableModel.Bytes($"key{i}"), (ValueKind)random.Next(1, 6), value, random.Next(3) * 1_000_000_000_000L);
        }

        table.Set(""u8, ValueKind.String, ""u8, 0);
        return table;
    }
}
