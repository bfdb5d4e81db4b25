using System.Buffers.Binary;
using System.Text;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.Unit.Migration;

/// <summary>Segments that are large, or change all the time, on their way: all of it arrives, and what is on its way at once stays bounded.</summary>
public sealed class LargeSegmentTests
{
    private static readonly MigrationOptions Options = new();

    // The window, and the message that may overdraw it: a bucket, or effects.
    private static readonly long MostOnTheWay = Options.WindowBytes + (2 << 20);

    [Fact]
    public void A_million_small_keys_arrive_in_bounded_steps()
    {
        const int keys = 1_000_000;
        var pair = new StreamPair(Options);
        Span<byte> key = stackalloc byte[sizeof(int)];
        for (var i = 0; i < keys; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(key, i);
            pair.Source.Replica.Table!.Set(key, ValueKind.String, "12345678"u8, 0);
        }

        pair.UntilVerified(2000);

        AssertEqual(pair);
        Assert.Equal(keys, pair.Target.Replica.Table!.Count);
        Assert.True(pair.Target.Replica.Cursor.BucketCount > 8, $"The copy came in {pair.Target.Replica.Cursor.BucketCount} pieces.");
        Assert.InRange(pair.MostOnTheWay, 1, MostOnTheWay);
    }

    [Fact]
    public void Values_of_16_MiB_travel_one_by_one()
    {
        const int largest = 16 << 20;
        var pair = new StreamPair(Options);
        for (var i = 0; i < 2; i++)
        {
            Put(pair.Source, $"large{i}", new string((char)('a' + i), largest), 0);
            Put(pair.Source, $"small{i}", "x", 0);
        }

        // One more is written while the copy is under way: its effect is a message of its own, kept although it alone is half of what is kept.
        pair.Step(take: 2);
        pair.Source.Write("late", new string('z', largest));
        pair.UntilVerified(2000);

        AssertEqual(pair);
        Assert.Equal(5, pair.Target.Replica.Table!.Count);
        Assert.InRange(pair.MostOnTheWay, largest, MostOnTheWay + (2 * largest));
    }

    [Fact]
    public void Keys_that_expire_under_way_are_gone_at_both_ends_and_the_target_expires_nothing_by_itself()
    {
        var pair = new StreamPair(Options with { WindowMessages = 2 });
        for (var i = 0; i < 40_000; i++)
        {
            Put(pair.Source, $"k{i}", new string('v', 100), i % 2 == 0 ? 5000 : 0);
        }

        for (var i = 0; i < 400; i++)
        {
            // The target's own entries carry a time at which all of them would be over.
            pair.Step(take: 1);
            pair.Target.Apply(MachineScript.Command(MachineScript.Other, "a", "b"), timeMs: 9000);
            pair.Source.Apply(ShardEntryCodec.Expire(MachineScript.Segment, Encoding.UTF8.GetBytes($"k{i * 2}")), timeMs: 6000);
        }

        pair.UntilVerified(2000);

        AssertEqual(pair);
        Assert.Equal(40_000 - 400, pair.Target.Replica.Table!.Count);
        Assert.Null(pair.Target.Look("k0"));
        Assert.NotNull(pair.Target.Look("k39998"));
    }

    [Fact]
    public void FLUSHALL_under_way_empties_both_ends_and_what_is_written_behind_it_arrives()
    {
        var pair = new StreamPair(Options with { WindowMessages = 2 });
        for (var i = 0; i < 40_000; i++)
        {
            Put(pair.Source, $"k{i}", new string('v', 100), 0);
        }

        for (var i = 0; i < 4; i++)
        {
            pair.Step(take: 1);
        }

        Assert.True(pair.Target.Replica.Table!.Count > 0 && !pair.IsVerified, "The copy is not under way.");
        pair.Source.Apply(ShardEntryCodec.Flush([MachineScript.Segment, MachineScript.Other]));
        pair.Source.Write("after", "1");
        pair.UntilVerified(2000);

        AssertEqual(pair);
        Assert.Equal((1L, "1"), (pair.Target.Replica.Table!.Count, pair.Target.Look("after")));
    }

    [Fact]
    public void Writes_above_the_copy_rate_slow_the_copy_and_never_the_clients_and_what_is_kept_for_it_is_bounded()
    {
        var options = Options with { MaxLogBytes = 256 << 10, MessageBytes = 32 << 10, WindowBytes = 128 << 10, WindowMessages = 8, MaxRestarts = 1000 };
        var pair = new StreamPair(options, bytesPerSecond: 400_000);
        for (var i = 0; i < 20_000; i++)
        {
            Put(pair.Source, $"k{i}", new string('v', 100), 0);
        }

        // The target takes 16 messages of at most 32 KiB a second; the clients write 1 MB a second to the segment.
        var mostKept = 0L;
        for (var step = 0; step < 600; step++)
        {
            for (var i = 0; i < 100; i++)
            {
                Assert.Equal(ApplyOutcome.Applied, pair.Source.Write($"k{((step * 7919) + (i * 104_729)) % 20_000}", $"{step}:{i}:{new string('w', 90)}"));
            }

            pair.Step(take: step % 6 == 0 ? 1 : 0);
            mostKept = Math.Max(mostKept, pair.Source.Replica.Outgoing!.Bytes);
        }

        Assert.True(pair.Source.Replica.Outgoing!.Overflows > 0, "The writes were not above the copy rate.");
        Assert.False(pair.IsVerified);
        Assert.DoesNotContain(pair.Asked, c => c is AbortMigration);
        Assert.InRange(mostKept, 1, options.MaxLogBytes);
        Assert.InRange(pair.MostOnTheWay, 1, options.WindowBytes + (2 << 20));

        // They become fewer: the copy comes to its end.
        for (var step = 0; step < 3000 && !pair.IsVerified; step++)
        {
            pair.Source.Write($"k{step % 20_000}", $"slow {step}");
            pair.Step();
        }

        pair.UntilVerified(100);
        AssertEqual(pair);
    }

    private static void Put(MachineScript script, string key, string value, long expiresAtMs) =>
        script.Replica.Table!.Set(Encoding.UTF8.GetBytes(key), ValueKind.String, Encoding.UTF8.GetBytes(value), expiresAtMs);

    private static void AssertEqual(StreamPair pair)
    {
        var (source, target) = (pair.Source.Replica.Table!, pair.Target.Replica.Table!);
        Assert.Equal((source.Count, source.DataBytes, source.Digest(0, 1)), (target.Count, target.DataBytes, target.Digest(0, 1)));
    }
}
