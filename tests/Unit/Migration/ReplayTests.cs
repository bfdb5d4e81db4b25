using System.Buffers;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.Unit.Migration;

/// <summary>Recovery of one replica from segment checkpoints, each at an index of its own, and the log: it ends where a replica that never stopped ends.</summary>
public sealed class ReplayTests
{
    private static readonly Func<int, byte[]>[] Alphabet =
    [
        i => MachineScript.Command(MachineScript.Segment, "k", $"{i}"),
        _ => ShardEntryCodec.Freeze(MachineScript.Segment, 3),
        _ => ShardEntryCodec.Unfreeze(MachineScript.Segment, 3),
        _ => ShardEntryCodec.Importing(MachineScript.Segment, 3, 0),
        i => ShardEntryCodec.StreamApply(MachineScript.Segment, 3, MachineScript.Chunk(1, ("k", $"{i}"))),
        i => ShardEntryCodec.StreamApply(MachineScript.Segment, 3, MachineScript.Effects(1, 2, ("k", $"{i}"))),
        _ => ShardEntryCodec.Drop(MachineScript.Segment, SegmentState.Importing, 3),
        _ => ShardEntryCodec.Flush([MachineScript.Segment, MachineScript.Other]),
    ];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_log_of_three_entries_recovers_from_every_checkpoint(bool owned)
    {
        var tried = 0;
        foreach (var kinds in Enumerable.Range(0, (int)Math.Pow(Alphabet.Length, 3)))
        {
            var script = new MachineScript(owned);
            var images = new List<Image> { Image.Of(script.Machine) };
            for (var (i, rest) = (0, kinds); i < 3; i++, rest /= Alphabet.Length)
            {
                script.Apply(Alphabet[rest % Alphabet.Length](i));
                images.Add(Image.Of(script.Machine));
            }

            for (var checkpoint = 0; checkpoint <= 3; checkpoint++)
            {
                var recovered = images[checkpoint].Recover(owned);
                foreach (var entry in script.Log)
                {
                    recovered.Apply(entry, 2, null);
                }

                Assert.Equal(Text(script.Machine), Text(recovered));
                tried++;
            }
        }

        Assert.Equal(512 * 4, tried);
    }

    [Fact]
    public void An_entry_over_several_segments_is_replayed_as_it_was_decided_although_one_of_them_stands_later()
    {
        var script = new MachineScript(owned: true);
        script.Apply(MachineScript.Command(MachineScript.Other, "b", "1"));
        script.Apply(ShardEntryCodec.Freeze(MachineScript.Segment, 3));
        Assert.Equal(ApplyOutcome.NotOwned, script.Apply(ShardEntryCodec.Flush([MachineScript.Segment, MachineScript.Other])));
        script.Apply(ShardEntryCodec.Unfreeze(MachineScript.Segment, 3));

        // Only the one segment has a checkpoint: there it is Owned again.
        var recovered = Image.Of(script.Machine).Recover(owned: true);
        foreach (var entry in script.Log)
        {
            recovered.Apply(entry, 2, null);
        }

        Assert.Equal("1", MachineScript.Look(recovered.Segment(MachineScript.Other), "b"));
    }

    [Fact]
    public void Expiry_is_decided_by_the_entrys_time_also_when_it_is_replayed_later()
    {
        var script = new MachineScript(owned: true);
        script.Replica.Table!.Set("a"u8, ValueKind.String, "1"u8, 1000);
        var early = ShardEntryCodec.Expire(MachineScript.Segment, "a"u8);
        script.Apply(early, timeMs: 999);
        Assert.Equal("1", script.Look("a"));

        script.Apply(ShardEntryCodec.Expire(MachineScript.Segment, "a"u8), timeMs: 1000);
        Assert.Null(script.Look("a"));
        Assert.Equal(1000, script.Machine.GroupTimeMs);
    }

    [Fact]
    public void The_log_must_be_kept_from_the_first_entry_behind_a_segments_checkpoint()
    {
        var script = new MachineScript(owned: true);
        script.Write("a", "1");
        script.Write("a", "2");
        Assert.Equal(1UL, script.Replica.DirtySince);

        script.Machine.Checkpointed(MachineScript.Segment, 1);
        Assert.Equal(2UL, script.Replica.DirtySince);
        script.Machine.Checkpointed(MachineScript.Segment, 2);
        Assert.Equal((0UL, 0L), (script.Replica.DirtySince, script.Replica.LogBytes));
    }

    [Fact]
    public void Entries_are_applied_in_order_once()
    {
        var script = new MachineScript(owned: true);
        script.Write("a", "1");

        Assert.Throws<InvalidOperationException>(() => script.Machine.Apply(script.Log[0], 2, null));
    }

    private static string Text(ShardMachine machine)
    {
        static string One(SegmentReplica s) => $"{Convert.ToHexString(SegmentStateCodec.Encode(s))}:{MachineScript.Look(s, "k")}:{s.Table?.Count}";
        return One(machine.Segment(MachineScript.Segment)) + One(machine.Segment(MachineScript.Other));
    }

    private sealed record Image(byte[] State, byte[]? Data, ulong Index)
    {
        public static Image Of(ShardMachine machine)
        {
            var segment = machine.Segment(MachineScript.Segment);
            var bytes = new ArrayBufferWriter<byte>();
            segment.Table?.VisitBucket(0, 1, (ReadOnlySpan<byte> key, in StoredValue value) =>
            {
                EffectCodec.Set(bytes, key, value);
                return true;
            });
            return new Image(SegmentStateCodec.Encode(segment), segment.Table is null ? null : bytes.WrittenSpan.ToArray(), machine.AppliedIndex);
        }

        public ShardMachine Recover(bool owned)
        {
            var machine = MachineScript.NewMachine(owned);
            var table = Data is null ? null : new SegmentTable();
            if (table is not null)
            {
                EffectCodec.Apply(Data, table, new ImportCursor(0, 1, 1, []));
            }

            Assert.True(machine.TryRestore(MachineScript.Segment, State, table, Index));
            return machine;
        }
    }
}
