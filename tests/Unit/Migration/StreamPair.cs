using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.Unit.Migration;

/// <summary>A source's leader and a target's state machine, with the messages between them in a queue that a test empties as fast as it wants.</summary>
internal sealed class StreamPair
{
    public const ulong Migration = 3;
    private const int StepMicros = 10_000;
    private static readonly ShardId From = new(1);
    private static readonly ShardId To = new(2);
    private readonly ShardLeaderCore leader;
    private readonly Queue<ShardMessage> onTheWay = new();
    private long nowMicros;

    public StreamPair(MigrationOptions options, long bytesPerSecond = long.MaxValue / 4)
    {
        leader = new ShardLeaderCore(Source.Machine, 1, options, new CopyBudget(bytesPerSecond, 0), 0);
        Target.Apply(ShardEntryCodec.Importing(MachineScript.Segment, Migration, 0));
        leader.OnMessage(
            new ShardMessage(GroupId.Meta, GroupId.Of(From), new RecordsPushed(
                1,
                [new MigrationOrder(Migration, MachineScript.Segment, From, To, 0, MigrationPhase.Shadowing, true, false, false, 0, false, false, false)],
                new CopyLimits(bytesPerSecond, bytesPerSecond, false))),
            0);
    }

    public MachineScript Source { get; } = new(owned: true);

    public MachineScript Target { get; } = new(owned: false);

    /// <summary>The target has found all digests equal.</summary>
    public bool IsVerified => Target.Replica.VerifiedIndex != 0;

    private bool HasAll => IsVerified && Target.Replica.Cursor.Index == Source.Replica.LastIndex;

    /// <summary>Most bytes that were on their way at once.</summary>
    public long MostOnTheWay { get; private set; }

    /// <summary>What the source wants M to do.</summary>
    public List<MetaCommand> Asked { get; } = [];

    /// <summary>Bytes of buckets that have come.</summary>
    public long Copied { get; private set; }

    /// <summary>The source sends what it may, and the target takes that many of the messages.</summary>
    public void Step(int take = int.MaxValue)
    {
        nowMicros += StepMicros;
        leader.Tick(nowMicros);
        var work = leader.TakeWork(nowMicros).Messages;
        Asked.AddRange(work.Select(m => m.Body).OfType<ProposeToMeta>().Select(p => p.Command));
        foreach (var message in work.Where(m => m.To == GroupId.Of(To)))
        {
            onTheWay.Enqueue(message);
        }

        MostOnTheWay = Math.Max(MostOnTheWay, onTheWay.Sum(Bytes));
        for (; take > 0 && onTheWay.TryDequeue(out var first); take--)
        {
            Take(first);
        }
    }

    /// <summary>Steps until the digests were equal and the target has all that was written; fails where that never comes.</summary>
    public void UntilVerified(int steps)
    {
        for (; steps > 0 && !HasAll; steps--)
        {
            Step();
        }

        Assert.True(HasAll, $"The copy stands at {Target.Replica.Cursor}; {string.Join(", ", Asked)}");
    }

    private void Take(ShardMessage message)
    {
        var (tag, restarts) = message.Body switch
        {
            StreamProbe probe => (probe.Tag, true),
            StreamData data => (data.Tag, Target.Stream(Migration, data.Message) != ApplyOutcome.Applied),
            _ => throw new InvalidOperationException($"A source does not send {message.Body}."),
        };
        Copied += message.Body is StreamData { Message: StreamChunk chunk } ? chunk.Content.Length : 0;
        var at = Target.Replica;
        leader.OnMessage(
            new ShardMessage(GroupId.Of(To), GroupId.Of(From), new StreamAnswer(Migration, at.Id, tag, true, restarts, at.Cursor, at.VerifiedIndex, at.Ready)), nowMicros);
    }

    private static long Bytes(ShardMessage message) => message.Body is StreamData data
        ? data.Message switch
        {
            StreamChunk chunk => chunk.Content.Length,
            StreamEffects effects => effects.Effects.Length,
            _ => 0,
        }
        : 0;
}
