using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.Unit.Migration;

/// <summary>The leader of a source, its messages carried by hand to a target's state machine.</summary>
public sealed class SourceLeaderTests
{
    private const ulong Migration = 3;
    private const int BucketBytes = 1000;
    private static readonly ShardId Source = new(1);
    private static readonly ShardId Target = new(2);
    private readonly MachineScript source = new(owned: true);
    private readonly MachineScript target = new(owned: false);
    private readonly CopyBudget budget = new(long.MaxValue / 4, 0);
    private readonly ShardLeaderCore leader;
    private long copied;

    public SourceLeaderTests()
    {
        leader = new ShardLeaderCore(source.Machine, 1, new MigrationOptions(), budget, 0);
        target.Apply(ShardEntryCodec.Importing(MachineScript.Segment, Migration, 0));
    }

    [Fact]
    public void A_segment_that_nothing_has_ever_touched_is_verified_too()
    {
        Push(1, long.MaxValue / 4);

        for (var step = 1; step < 50 && target.Replica.VerifiedIndex == 0; step++)
        {
            Carry(step * 100_000);
        }

        Assert.True(target.Replica.VerifiedIndex > 0);
        Assert.True(target.Replica.Cursor.IsComplete);
    }

    [Fact]
    public void A_stream_begins_under_the_limits_that_came_with_its_record()
    {
        for (var i = 0; i < 600; i++)
        {
            source.Write($"key-{i}", new string('v', BucketBytes));
        }

        Push(1, 10_000);
        for (var step = 1; step <= 20; step++)
        {
            Carry(step * 100_000);
        }

        // Two seconds at 10 kB/s, and a chunk may overdraw what is saved.
        var largest = source.Replica.Table!.DataBytes / source.Replica.Table.BucketCount * 4;
        Assert.InRange(copied, 1, 20_000 + largest);
        Assert.False(target.Replica.Cursor.IsComplete);
    }

    private void Push(ulong index, long bytesPerSecond) => leader.OnMessage(
        new ShardMessage(GroupId.Meta, GroupId.Of(Source), new RecordsPushed(
            index,
            [new MigrationOrder(Migration, MachineScript.Segment, Source, Target, 0, MigrationPhase.Shadowing, true, false, false, 0, false, false, false)],
            new CopyLimits(bytesPerSecond, bytesPerSecond, false))),
        0);

    /// <summary>One round: what the leader sends is applied by the target at once, and the answers come back.</summary>
    private void Carry(long nowMicros)
    {
        leader.Tick(nowMicros);
        foreach (var message in leader.TakeWork(nowMicros).Messages.Where(m => m.To == GroupId.Of(Target)))
        {
            var (tag, restarts) = message.Body switch
            {
                StreamProbe probe => (probe.Tag, true),
                StreamData data => (data.Tag, target.Stream(Migration, data.Message) != ApplyOutcome.Applied),
                _ => throw new InvalidOperationException($"A source does not send {message.Body}."),
            };
            copied += message.Body is StreamData { Message: StreamChunk chunk } ? chunk.Content.Length : 0;
            var at = target.Replica;
            leader.OnMessage(
                new ShardMessage(GroupId.Of(Target), GroupId.Of(Source), new StreamAnswer(Migration, at.Id, tag, true, restarts, at.Cursor, at.VerifiedIndex, at.Ready)),
                nowMicros);
        }
    }
}
