using System.Collections.Immutable;
using ShardConsole.NodeAgent.Admin;
using ShardConsole.NodeAgent.AntiEntropy.Core;
using ShardConsole.NodeAgent.Membership;
using ShardConsole.NodeAgent.Node;
using ShardConsole.NodeAgent.Peers;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.AntiEntropy;

/// <summary>
/// Carries comparisons of replicas out: brings their messages to where they belong, answers for the meta group, and looks whether members' maps are the meta group's. What decides is
/// in the cores. On the raft loop's thread unless a member says otherwise.
/// </summary>
internal sealed partial class AntiEntropyDriver(
    NodeHost host, ClusterKnowledge knowledge, IMembership membership, PeerHub hub, AntiEntropyOptions options, TimeProvider time, ILogger<AntiEntropyDriver> log) : IMetricsSource
{
    private const int LookMs = 1000;

    private readonly Dictionary<GroupId, ShardChecking> shards = [];
    private readonly HashSet<(NodeId, ulong, ulong)> suspectMaps = [];
    private ImmutableArray<MapDifference> maps = [];
    private long lookedAt;
    private long checks;
    private long differences;
    private long repaired;
    private volatile NodeIntegrity published = new([], [], 0, 0, 0, 0);

    /// <summary>Options of comparisons.</summary>
    public AntiEntropyOptions Options => options;

    /// <summary>This node.</summary>
    public NodeId Self => knowledge.Self;

    /// <summary>Milliseconds on the loop's clock.</summary>
    public long Now => host.Loop.Now;

    /// <summary>Unix milliseconds.</summary>
    public long UnixMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>What this node knows, as of the last second. From any thread.</summary>
    public NodeIntegrity Status => published;

    /// <summary>Registers for the frames and the loop; before the first connection.</summary>
    public void Listen()
    {
        hub.Handle(PeerFrameKind.AntiEntropy, OnFrame);
        host.Loop.Ticked += OnTick;
    }

    /// <summary>Begins comparisons of the shards that this node leads. From any thread.</summary>
    /// <param name="shard">One shard; null: all.</param>
    /// <returns>The shards whose comparison begins.</returns>
    public Task<ImmutableArray<ShardId>> BeginAsync(ShardId? shard, string by) => OnLoop(
        () => shards.Where(s => (shard is null || s.Key == GroupId.Of(shard.Value)) && s.Value.TryBegin(by, Now)).Select(s => s.Key.Shard).Order().ToImmutableArray());

    /// <summary>Drops an orphan of a shard that this node leads, after asking the meta group once more. From any thread. False: it is none here.</summary>
    public Task<bool> DropAsync(SegmentId segment) => OnLoop(() => shards.Values.Any(s => s.TryDrop(segment, Now)));

    /// <summary>To the leader of the meta group.</summary>
    public void ToMeta(AntiEntropyMessage message) => Send(knowledge.MetaLeader.Node, message);

    /// <summary>Sends a message; to nobody it is lost. Answers its bytes.</summary>
    public int Send(NodeId to, AntiEntropyMessage message)
    {
        if (to.IsNone)
        {
            return 0;
        }

        var bytes = message.Encode();
        if (to == Self)
        {
            host.Loop.Post(() => Deliver(to, message, bytes.Length));
        }
        else
        {
            _ = hub.Send(to, PeerLane.Data, PeerFrameKind.AntiEntropy, bytes);
        }

        return bytes.Length;
    }

    /// <summary>Tells the operator.</summary>
    public void Alarm(IReadOnlyList<string> sentences)
    {
        foreach (var sentence in sentences)
        {
            Alarmed(log, sentence);
        }
    }

    /// <summary>A comparison has ended.</summary>
    public void OnEnded(ShardId shard, CheckReport report)
    {
        checks++;
        differences += report.Differences;
        repaired += report.Repaired;
        Publish();
        if (report.Outcome is not CheckOutcome.Equal)
        {
            Ended(log, shard, report.Outcome, report.Differences, report.Repaired, report.Detail);
        }
    }

    /// <inheritdoc/>
    public IEnumerable<Metric> Metrics()
    {
        var status = published;
        yield return Metric.Counter("shardconsole_checks_total", "Comparisons of the replicas of a shard that ended at this leader.", status.Checks);
        yield return Metric.Counter("shardconsole_check_differences_total", "Buckets in which replicas were found to differ.", status.Differences);
        yield return Metric.Counter("shardconsole_check_repaired_total", "Buckets that were repaired from the majority's side.", status.Repaired);
        yield return Metric.Counter("shardconsole_repaired_buckets_total", "Buckets of this node's own replicas that were repaired.", status.RepairedHere);
        yield return Metric.Gauge("shardconsole_orphan_segments", "Segments held here that the meta group gives to another shard.", status.Shards.Sum(s => s.Orphans.Length));
        yield return Metric.Gauge("shardconsole_map_differences", "Members whose map differs from the meta group's at the same epoch.", status.Maps.Length);
        yield return new Metric(
            "shardconsole_check_age_seconds", "Time since the last comparison of a shard that is led here ended.", MetricKind.Gauge,
            [.. status.Shards.Where(s => s is { Leads: true, Last: not null }).Select(s => new MetricSample([("shard", s.Shard.ToString())], (UnixMs - s.Last!.EndedUnixMs) / 1000.0))]);
    }

    private void OnFrame(NodeId from, ReadOnlySpan<byte> body)
    {
        var bytes = body.Length;
        if (AntiEntropyMessage.Decode(body) is { } message)
        {
            host.Loop.Post(() => Deliver(from, message, bytes));
        }
    }

    private void Deliver(NodeId from, AntiEntropyMessage message, int bytes)
    {
        if (message is AskOwners asked)
        {
            AnswerForMeta(from, asked);
        }
        else if (shards.TryGetValue(message.Group, out var shard))
        {
            shard.OnMessage(from, message, bytes, Now);
        }
    }

    private void AnswerForMeta(NodeId from, AskOwners asked)
    {
        if (host.Meta is not { IsServing: true } replica)
        {
            return;
        }

        replica.Confirm(replica.Core.Term, Now, confirmed =>
        {
            if (confirmed)
            {
                _ = Send(from, OrphanCore.Answer(replica.Machine.State, asked));
            }
        });
    }

    private void OnTick(long now)
    {
        Attach();
        foreach (var shard in shards.Values)
        {
            shard.Tick(now);
        }

        if (now - lookedAt >= LookMs)
        {
            lookedAt = now;
            LookAtMaps();
            Publish();
        }
    }

    private void Attach()
    {
        foreach (var replica in host.Shards.Where(s => s.Checking is null))
        {
            replica.Checking = shards[replica.Id] = new ShardChecking(this, replica);
            if (replica.ServingTerm != 0)
            {
                replica.Checking.OnTerm(replica.ServingTerm, Now);
            }
        }

        foreach (var gone in shards.Keys.Where(g => host.Loop.Find(g) is null).ToList())
        {
            shards.Remove(gone);
        }
    }

    /// <summary>A map of the same epoch with another digest in two looks one after the other; a member that lags has a lower epoch and fetches the map by itself.</summary>
    private void LookAtMaps()
    {
        if (host.Meta is not { IsServing: true })
        {
            maps = [];
            suspectMaps.Clear();
            return;
        }

        var (epoch, digest) = (knowledge.Map.Epoch, knowledge.MapDigest);
        var found = membership.View.Members.Values.Where(m => m.IsReachable && m.Gossip.Epoch == epoch && m.Gossip.MapDigest != digest)
            .Select(m => new MapDifference(m.Id, m.Gossip.Epoch, m.Gossip.MapDigest, digest)).ToList();
        var known = maps.Select(m => m.Node).ToHashSet();
        maps = [.. found.Where(f => suspectMaps.Contains((f.Node, f.Epoch, f.Digest)))];
        suspectMaps.Clear();
        suspectMaps.UnionWith(found.Select(f => (f.Node, f.Epoch, f.Digest)));
        Alarm([.. maps.Where(m => !known.Contains(m.Node)).Select(m => $"The map of {m.Node} differs from the meta group's at epoch {m.Epoch}: it is to fetch it again.")]);
    }

    private void Publish() => published = new NodeIntegrity(
        [.. shards.OrderBy(s => s.Key).Select(s => s.Value.Status(Now)).OfType<ShardIntegrity>()], maps, checks, differences, repaired,
        host.Shards.Sum(s => s.Machine.RepairedBuckets));

    private Task<T> OnLoop<T>(Func<T> ask)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Loop.Post(() =>
        {
            answer.TrySetResult(ask());
            Publish();
        });
        return answer.Task;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Sentence}")]
    private static partial void Alarmed(ILogger logger, string sentence);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The comparison of the replicas of {Shard} ended: {Outcome}, {Differences} buckets differed, {Repaired} were repaired. {Detail}")]
    private static partial void Ended(ILogger logger, ShardId shard, CheckOutcome outcome, int differences, int repaired, string detail);
}
