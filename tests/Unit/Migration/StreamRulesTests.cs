using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.Unit.Migration;

public sealed class StreamRulesTests
{
    private static MachineScript Importing(params (string Key, string Value)[] pairs)
    {
        var target = new MachineScript(owned: false);
        target.Apply(ShardEntryCodec.Importing(MachineScript.Segment, 3, 0));
        target.Stream(3, MachineScript.Chunk(10, pairs));
        return target;
    }

    [Fact]
    public void An_effect_is_taken_only_behind_its_previous_index()
    {
        var target = Importing(("a", "1"));

        Assert.Equal(ApplyOutcome.Nothing, target.Stream(3, MachineScript.Effects(11, 12, ("a", "3"))));
        Assert.Equal("1", target.Look("a"));
        Assert.Equal(ApplyOutcome.Applied, target.Stream(3, MachineScript.Effects(10, 11, ("a", "2"))));
        Assert.Equal(ApplyOutcome.Nothing, target.Stream(3, MachineScript.Effects(10, 11, ("a", "2"))));
        Assert.Equal(("2", 11UL), (target.Look("a"), target.Replica.Cursor.Index));
    }

    [Fact]
    public void The_first_chunk_is_that_of_bucket_0()
    {
        var target = new MachineScript(owned: false);
        target.Apply(ShardEntryCodec.Importing(MachineScript.Segment, 3, 0));

        Assert.Equal(ApplyOutcome.Nothing, target.Stream(3, MachineScript.Chunk(10) with { BucketCount = 2, Bucket = 1 }));
        Assert.Equal(ApplyOutcome.Nothing, target.Stream(3, MachineScript.Effects(0, 10, ("a", "1"))));
        Assert.True(target.Replica.Cursor.IsNone);
    }

    [Fact]
    public void A_chunk_is_taken_at_the_cursor_for_the_next_bucket_or_one_already_received()
    {
        var cursor = new ImportCursor(10, 1, 4, []);

        Assert.Null(cursor.After(MachineScript.Chunk(11) with { BucketCount = 4, Bucket = 1 }));
        Assert.Null(cursor.After(MachineScript.Chunk(10) with { BucketCount = 4, Bucket = 2 }));
        Assert.Null(cursor.After(MachineScript.Chunk(10) with { BucketCount = 4, Bucket = 4 }));
        Assert.Null(cursor.After(MachineScript.Chunk(10) with { BucketCount = 2, Bucket = 0 }));
        Assert.Equal(2, cursor.After(MachineScript.Chunk(10) with { BucketCount = 4, Bucket = 1 })!.Next);
        Assert.Equal(1, cursor.After(MachineScript.Chunk(10) with { BucketCount = 4, Bucket = 0 })!.Next);
    }

    [Fact]
    public void The_position_survives_the_doubling_of_the_bucket_count()
    {
        var fine = new ImportCursor(10, 3, 4, [1]).Refined(8)!;

        Assert.Equal((6, 8), (fine.Next, fine.BucketCount));
        Assert.Equal([2, 3], fine.Missing);
    }

    [Fact]
    public void A_resent_chunk_replaces_what_is_in_its_bucket()
    {
        var target = Importing(("a", "1"), ("b", "1"));

        target.Stream(3, MachineScript.Chunk(10, ("b", "2")));

        Assert.Equal((null, "2"), (target.Look("a"), target.Look("b")));
    }

    [Fact]
    public void Effects_on_buckets_that_have_not_come_are_not_taken()
    {
        var target = new MachineScript(owned: false);
        target.Apply(ShardEntryCodec.Importing(MachineScript.Segment, 3, 0));
        target.Stream(3, MachineScript.Chunk(10) with { BucketCount = 2 });
        var keys = Enumerable.Range(0, 40).Select(i => $"k{i}").ToList();

        target.Stream(3, MachineScript.Effects(10, 11, [.. keys.Select(k => (k, "1"))]));

        Assert.Equal(
            keys.Where(k => SegmentTable.BucketOf(System.Text.Encoding.UTF8.GetBytes(k), 2) == 0), keys.Where(k => target.Look(k) == "1"));
    }

    [Fact]
    public void A_marker_with_equal_digests_verifies_and_the_final_one_is_Ready()
    {
        var target = Importing(("a", "1"));

        target.Stream(3, MachineScript.Marker(10, final: false, ("a", "1")));
        Assert.Equal((10UL, false), (target.Replica.VerifiedIndex, target.Replica.Ready));

        target.Stream(3, MachineScript.Marker(10, final: true, ("a", "1")));
        Assert.Equal((true, false), (target.Replica.Ready, target.Replica.Unequal));
    }

    [Fact]
    public void Nothing_is_accepted_after_Ready()
    {
        var target = Importing(("a", "1"));
        target.Stream(3, MachineScript.Marker(10, final: true, ("a", "1")));

        Assert.Equal(ApplyOutcome.Nothing, target.Stream(3, MachineScript.Effects(10, 11, ("a", "2"))));
        Assert.Equal(ApplyOutcome.Nothing, target.Stream(3, MachineScript.Chunk(10)));
        Assert.Equal("1", target.Look("a"));
    }

    [Fact]
    public void A_final_marker_that_differs_is_never_Ready_and_shows_the_bucket()
    {
        var target = Importing(("a", "1"));

        target.Stream(3, MachineScript.Marker(10, final: true, ("a", "2")));

        Assert.Equal((false, true), (target.Replica.Ready, target.Replica.Unequal));
        Assert.Equal([0], target.Replica.Cursor.Missing);
    }

    [Fact]
    public void A_marker_needs_the_cursors_index_and_all_buckets()
    {
        var target = Importing(("a", "1"));
        Assert.Equal(ApplyOutcome.Nothing, target.Stream(3, MachineScript.Marker(11, final: true, ("a", "1"))));

        var half = new ImportCursor(10, 1, 2, []);
        Assert.Null(half.After(new StreamMarker(10, 0, 2, [default, default], true)));
    }

    [Fact]
    public void A_restart_moves_the_cursor_only_forward_and_marks_what_differs()
    {
        var target = Importing(("a", "1"));
        using var ahead = MachineScript.Table(("a", "2"));

        Assert.Equal(ApplyOutcome.Nothing, target.Stream(3, new StreamRestart(10, 0, 1, [ahead.Digest(0, 1)])));
        Assert.Equal(ApplyOutcome.Applied, target.Stream(3, new StreamRestart(20, 0, 1, [ahead.Digest(0, 1)])));
        Assert.Equal((20UL, false), (target.Replica.Cursor.Index, target.Replica.Cursor.IsComplete));
        target.Stream(3, MachineScript.Effects(20, 21, ("a", "3")));
        Assert.Equal("1", target.Look("a"));
        target.Stream(3, MachineScript.Chunk(21, ("a", "3")));
        Assert.Equal(("3", true), (target.Look("a"), target.Replica.Cursor.IsComplete));
    }

    [Fact]
    public void A_clear_in_the_stream_clears_the_copy_and_nothing_expires_there()
    {
        var target = Importing(("a", "1"));
        var set = new System.Buffers.ArrayBufferWriter<byte>();
        EffectCodec.Clear(set);
        EffectCodec.Set(set, "b"u8, new StoredValue(ValueKind.String, "1"u8, 5));

        target.Stream(3, new StreamEffects(10, 11, 1000, 1, set.WrittenSpan.ToArray()));

        Assert.Equal((null, "1"), (target.Look("a"), target.Look("b")));
    }

    [Fact]
    public void Activation_raises_the_groups_time_to_the_sources()
    {
        var target = Importing(("a", "1"));
        target.Stream(3, MachineScript.Marker(10, final: true, ("a", "1")) with { TimeMs = 5000 });
        Assert.Equal(0, target.Machine.GroupTimeMs);

        target.Apply(ShardEntryCodec.Activate(MachineScript.Segment, 3, 2, 0), timeMs: 100);

        Assert.Equal(5000, target.Machine.GroupTimeMs);
    }

    [Fact]
    public void The_log_of_effects_gives_what_follows_a_cursor_and_begins_again_when_it_overflows()
    {
        var log = new EffectLog(10, maxEntries: 2, maxBytes: 1000);
        log.OnRemove("a"u8);
        log.Close(12);
        log.Close(13);
        Assert.Equal((10UL, 13UL, 2), (log.After(10, 0, 1000)!.Previous, log.After(10, 0, 1000)!.Index, log.After(10, 0, 1000)!.Entries));
        Assert.Equal(12UL, log.After(10, 0, 1)!.Index);

        log.Close(14);
        Assert.Equal((false, true, 1), (log.Reaches(13), log.Reaches(14), log.Overflows));
    }
}
