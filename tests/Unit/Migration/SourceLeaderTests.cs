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
    private readonly CopyBudget budget = new(long.MaxValue / 4, 0, windowBytes: 4 * BucketBytes);
    private readonly ShardLeaderCore leader;
    private long copied;

    public SourceLeaderTests()
    {
        leader = new ShardLeaderCore(source.Machine, 1, new MigrationOptions { WindowMessages = 4 }, budget, 0);
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

    [Fact]
    public void Writes_that_never_cease_do_not_keep_the_copy_from_coming_on()
    {
        for (var i = 0; i < 4000; i++)
        {
            source.Write($"key-{i}", new string('v', BucketBytes));
        }

        // The target takes one message where the clients write twice: without a place of its own no bucket would ever find the window open.
        Push(1, long.MaxValue / 4);
        var onTheWay = new Queue<ShardMessage>();
        for (var step = 1; step < 500 && !target.Replica.Cursor.IsComplete; step++)
        {
            source.Write("key-0", $"{step}");
            leader.Tick(step * 1000);
            foreach (var message in leader.TakeWork(step * 1000).Messages.Where(m => m.To == GroupId.Of(Target)))
            {
                onTheWay.Enqueue(message);
            }

            if (step % 2 == 0 && onTheWay.TryDequeue(out var first))
            {
                Deliver(first, step * 1000);
            }
        }

        Assert.True(target.Replica.Cursor is { IsComplete: true, BucketCount: > 1 }, $"The copy stands at {target.Replica.Cursor}.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_lost_at_the_end_of_the_copy_is_sent_again_although_writes_never_cease(bool withItsBucket)
    {
        for (var i = 0; i < 4000; i++)
        {
            source.Write($"key-{i}", new string('v', BucketBytes));
        }

        // The effects that follow a lost bucket or marker fit without it, so the target goes on answering.
        Push(1, long.MaxValue / 4);
        var (losses, probes) = (0, 0);
        for (var step = 1; step < 100 && target.Replica.VerifiedIndex == 0; step++)
        {
            source.Write("key-0", $"{step}");
            leader.Tick(step * 10_000);
            var sent = leader.TakeWork(step * 10_000).Messages.Where(m => m.To == GroupId.Of(Target)).ToList();
            probes += sent.Count(m => m.Body is StreamProbe);
            var isLost = losses == 0 && sent.Exists(m => m.Body is StreamData { Message: StreamMarker });
            losses += isLost ? 1 : 0;
            foreach (var message in sent.Where(m => !isLost || m.Body is StreamData { Message: StreamEffects } || (!withItsBucket && m.Body is StreamData { Message: StreamChunk })))
            {
                Deliver(message, step * 10_000);
            }
        }

        Assert.True(target.Replica.VerifiedIndex > 0, $"The copy stands at {target.Replica.Cursor}.");
        Assert.Equal((1, 2), (losses, probes));
    }

    [Fact]
    public void Nothing_is_asked_of_a_target_of_which_M_does_not_know_that_it_receives()
    {
        Push(1, long.MaxValue / 4, MigrationPhase.Preparing);
        leader.Tick(1000);
        Assert.DoesNotContain(leader.TakeWork(1000).Messages, m => m.To == GroupId.Of(Target));

        Push(2, long.MaxValue / 4);
        Assert.Contains(leader.TakeWork(2000).Messages, m => m.Body is StreamProbe);
    }

    [Fact]
    public void What_other_streams_of_the_node_have_under_way_holds_the_copy_back_and_the_end_of_a_stream_frees_its_share()
    {
        for (var i = 0; i < 20; i++)
        {
            source.Write($"key-{i}", new string('v', BucketBytes));
        }

        budget.Send(4 * BucketBytes);
        Push(1, long.MaxValue / 4);
        Carry(1000);
        Carry(2000);
        Assert.Equal(0, copied);

        budget.Land(4 * BucketBytes);
        leader.Tick(3000);
        Assert.Contains(leader.TakeWork(3000).Messages, m => m.Body is StreamData { Message: StreamChunk });
        Assert.InRange(budget.UnderWay, 1, long.MaxValue);
        leader.Leave();
        Assert.Equal(0, budget.UnderWay);
    }

    private void Push(ulong index, long bytesPerSecond, MigrationPhase phase = MigrationPhase.Shadowing) => leader.OnMessage(
        new ShardMessage(GroupId.Meta, GroupId.Of(Source), new RecordsPushed(
            index,
            [new MigrationOrder(Migration, MachineScript.Segment, Source, Target, 0, phase, true, false, false, 0, false, false, false)],
            new CopyLimits(bytesPerSecond, bytesPerSecond, false))),
        0);

    /// <summary>One round: what the leader sends is applied by the target at once, and the answers come back.</summary>
    private void Carry(long nowMicros)
    {
        leader.Tick(nowMicros);
        foreach (var message in leader.TakeWork(nowMicros).Messages.Where(m => m.To == GroupId.Of(Target)))
        {
            Deliver(message, nowMicros);
        }
    }

    private void Deliver(ShardMessage message, long nowMicros)
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
