using ShardConsole.NodeAgent.Consensus;
using ShardConsole.NodeAgent.Load;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Node;
using ShardConsole.NodeAgent.Peers;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Migration;

/// <summary>
/// Drives the migration cores of this node's leaders: brings their messages to the leaders of other groups, on this node or elsewhere, and carries
/// their work out. What decides is in the cores. On the raft loop's thread unless a member says otherwise.
/// </summary>
internal sealed partial class MigrationDriver(
    NodeHost host, ClusterKnowledge knowledge, PeerHub hub, MigrationOptions options, Func<ILoadView> load, TimeProvider time, ILogger<MigrationDriver> log) : IMigrationDriver, IMigrationView
{
    private const int PaceMs = 1000;

    private readonly Dictionary<GroupId, ShardLeading> shards = [];
    private readonly CopyPace pace = new();
    private MetaLeading? meta;
    private long pacedAt;
    private long takenBefore;
    private int targetsP99Micros;

    /// <summary>Options of migrations.</summary>
    public MigrationOptions Options => options;

    /// <summary>The copy limit that all streams of the node share.</summary>
    public CopyBudget Budget { get; } = new(MigrationLimits.Default.NodeBytesPerSecond, 0, options.NodeWindowBytes);

    /// <summary>Microseconds on the loop's clock.</summary>
    public long NowMicros => host.Loop.NowMicros;

    /// <summary>Unix milliseconds.</summary>
    public long UnixMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <inheritdoc/>
    public IReadOnlyList<MigrationStatus> Migrations => meta?.Statuses ?? [];

    /// <summary>Registers for the frames; before the first connection.</summary>
    public void Listen() => hub.Handle(PeerFrameKind.Migration, OnFrame);

    /// <inheritdoc/>
    public void Attach()
    {
        foreach (var shard in host.Shards)
        {
            Attach(shard);
        }

        if (host.Meta is { } replica)
        {
            Attach(replica);
        }

        host.Loop.Ticked += now =>
        {
            KeepQuiet();
            KeepPace(now);
        };
    }

    /// <inheritdoc/>
    public void Attach(GroupReplica replica)
    {
        if (replica is ShardReplica shard)
        {
            shard.Leading = shards[shard.Id] = new ShardLeading(this, shard);
        }
        else if (replica is MetaReplica leading)
        {
            leading.Leading = meta = new MetaLeading(this, leading);
        }
    }

    /// <inheritdoc/>
    public void Detach(GroupReplica replica)
    {
        if (!shards.Remove(replica.Id) && replica is MetaReplica)
        {
            meta = null;
        }
    }

    /// <summary>SQLite's own checkpoint never runs while a segment is closed, or about to be, at a leader here: looked at whenever a leader has stepped.</summary>
    public void KeepQuiet() => host.Writer.HoldWalCheckpoint = shards.Values.Any(s => s.IsClosingSegment) || meta is { IsClosingSegment: true };

    /// <summary>Once a second: slows copying down while clients wait here or at a target, and speeds it up again.</summary>
    private void KeepPace(long now)
    {
        if (now - pacedAt < PaceMs)
        {
            return;
        }

        var guard = knowledge.State?.Limits.ClientP99GuardMicros ?? 0;
        var worst = Math.Max(load().Last.LatencyP99Micros, targetsP99Micros);
        Budget.Share = pace.Look(worst, guard, Budget.Taken != takenBefore);
        if (guard > 0 && worst > guard && shards.FirstOrDefault(s => s.Value.Streams) is { Value: not null } source)
        {
            Route(new ShardMessage(source.Key, GroupId.Meta, new ClientsWait(worst)));
        }

        (pacedAt, takenBefore, targetsP99Micros) = (now, Budget.Taken, 0);
    }

    /// <summary>Clients that are held should look again.</summary>
    public void WakeClients() => knowledge.SignalChange();

    /// <summary>Brings a message to the leader of its group, as far as it is known; else it is lost, and comes again.</summary>
    public void Route(ShardMessage message)
    {
        if (message.Body is StreamAnswer answer)
        {
            message = message with { Body = answer with { ClientP99Micros = load().Last.LatencyP99Micros } };
        }

        var leader = message.To == GroupId.Meta ? knowledge.MetaLeader.Node : knowledge.LeaderOf(message.To.Shard);
        if (leader == knowledge.Self)
        {
            // Not at once: the receiver may be the sender, in the middle of its own work.
            host.Loop.Post(() => Deliver(message));
        }
        else if (!leader.IsNone)
        {
            var lane = message.Body is StreamData or StreamProbe ? PeerLane.Data : PeerLane.Control;
            hub.Send(leader, lane, PeerFrameKind.Migration, message, static (m, writer) => MigrationMessageCodec.Write(writer, m));
        }
    }

    /// <summary>Tells the operator.</summary>
    public void Alarm(string sentence) => Alarmed(log, sentence);

    private void OnFrame(NodeId from, ReadOnlySpan<byte> body)
    {
        if (MigrationMessageCodec.Read(body.ToArray()) is { } message)
        {
            host.Loop.Post(() => Deliver(message));
        }
    }

    private void Deliver(ShardMessage message)
    {
        if (message.Body is StreamAnswer { ClientP99Micros: var p99 })
        {
            targetsP99Micros = Math.Max(targetsP99Micros, p99);
        }

        if (message.To == GroupId.Meta)
        {
            meta?.OnMessage(message);
        }
        else if (shards.TryGetValue(message.To, out var shard))
        {
            shard.OnMessage(message);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Sentence}")]
    private static partial void Alarmed(ILogger logger, string sentence);
}
