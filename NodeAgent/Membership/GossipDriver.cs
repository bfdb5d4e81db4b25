using System.Collections.Concurrent;
using System.Threading.Channels;
using ShardConsole.NodeAgent.Admin;
using ShardConsole.NodeAgent.Load;
using ShardConsole.NodeAgent.Membership.Core;

namespace ShardConsole.NodeAgent.Membership;

/// <summary>
/// Drives the <see cref="SwimCore"/>: one loop owns it, everything else reaches it through a bounded inbox. Others read an immutable view, so that a loop
/// that stands still makes them see an old view and nothing worse.
/// </summary>
internal sealed partial class GossipDriver : BackgroundService, IMembership, IMetricsSource
{
    private const long ForeignPauseMicros = 60_000_000;

    private readonly GossipOptions options;
    private readonly TimeProvider time;
    private readonly ILogger<GossipDriver> log;
    private readonly long startedAt;
    private readonly SwimCore core;
    private readonly GossipNet net;
    private readonly GossipCounters counters = new();
    private readonly Channel<Action<long>> inbox;
    private readonly ConcurrentQueue<Action<long>> orders = new();
    private readonly SemaphoreSlim outgoing;
    private readonly TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private MembershipView view;
    private NodeGossip? toPublish;
    private long shownVersion = -1;
    private string? trouble;
    private long foreignTold;
    private long foreignToldAt = long.MinValue / 2;

    /// <param name="options">Address, node, seeds, key.</param>
    /// <param name="random">Order of probes and targets.</param>
    public GossipDriver(GossipOptions options, TimeProvider time, Random random, NetworkCounter network, ILogger<GossipDriver> log)
    {
        this.options = options;
        this.time = time;
        this.log = log;
        startedAt = time.GetTimestamp();
        core = new SwimCore(
            options.Swim, options.Self, (ulong)time.GetUtcNow().ToUnixTimeMilliseconds(), options.Seeds, random, 0);
        net = new GossipNet(options, counters, network);
        inbox = Channel.CreateBounded<Action<long>>(new BoundedChannelOptions(options.InboxLimit) { SingleReader = true });
        outgoing = new SemaphoreSlim(options.PushPullLimit);
        view = core.View();
    }

    /// <inheritdoc/>
    public event Action<MembershipView>? Changed;

    /// <inheritdoc/>
    public MembershipView View => Volatile.Read(ref view);

    /// <inheritdoc/>
    public string? Trouble => Volatile.Read(ref trouble);

    /// <inheritdoc/>
    public void Publish(NodeGossip gossip)
    {
        // Only the newest counts, so that a stalled loop has one payload waiting and not many.
        Volatile.Write(ref toPublish, gossip);
        Wake();
    }

    /// <inheritdoc/>
    public void SetClusterId(string clusterId) => Order(_ => core.SetClusterId(clusterId));

    /// <inheritdoc/>
    public void AddSeeds(IEnumerable<GossipAddress> seeds)
    {
        var more = seeds.ToList();
        Order(_ => core.AddSeeds(more));
    }

    /// <inheritdoc/>
    public async Task LeaveAsync(CancellationToken cancellation)
    {
        Order(_ => core.Leave());
        try
        {
            await left.Task.WaitAsync(TimeSpan.FromMilliseconds(options.LeaveMs), time, cancellation);
        }
        catch (TimeoutException)
        {
            // The others will find out by their probes.
        }
    }

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        net.Bind();
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await LeaveAsync(cancellationToken);
        await base.StopAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        net.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    public IEnumerable<Metric> Metrics()
    {
        var members = View.Members.Values;
        yield return new Metric(
            "shardconsole_gossip_members", "Members by their state as this node's gossip sees them.", MetricKind.Gauge,
            [.. Enum.GetValues<MemberState>().Select(s => new MetricSample([("state", s.ToString().ToLowerInvariant())], members.Count(m => m.State == s)))]);
        yield return Metric.Gauge("shardconsole_gossip_health_score", "Local health score, 0 is well.", View.Health);
        yield return Metric.Counter("shardconsole_gossip_received_datagrams_total", "Datagrams received.", Volatile.Read(ref counters.Received));
        yield return Metric.Counter("shardconsole_gossip_sent_datagrams_total", "Datagrams sent.", Volatile.Read(ref counters.Sent));
        yield return Metric.Counter("shardconsole_gossip_rubbish_total", "Messages that were unreadable or sealed with another key.", Volatile.Read(ref counters.Rubbish));
        yield return Metric.Counter("shardconsole_gossip_dropped_total", "Messages dropped by a limit or by the socket.", Volatile.Read(ref counters.Dropped));
        yield return Metric.Counter("shardconsole_gossip_push_pulls_total", "Push/pulls that were answered.", Volatile.Read(ref counters.PushPullsDone));
        yield return Metric.Counter("shardconsole_gossip_push_pulls_failed_total", "Push/pulls that were not answered.", Volatile.Read(ref counters.PushPullsFailed));

        // Counted by the loop and read without it: a figure may be a tick old.
        var counts = core.Counts;
        yield return Metric.Counter("shardconsole_gossip_foreign_total", "Messages and members of other clusters that were refused.", counts.Foreign);
        yield return Metric.Counter("shardconsole_gossip_refutations_total", "Suspicions of this node that it refuted.", counts.Refutations);
        yield return Metric.Counter("shardconsole_gossip_failed_probes_total", "Probes that ended in a suspicion.", counts.ProbesFailed);
        yield return Metric.Counter("shardconsole_gossip_stalls_total", "Times that this process stood still for longer than the limit.", counts.Stalls);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        await using var due = time.CreateTimer(_ => Wake(), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        Task[] parts = [LoopAsync(due, stop.Token), net.ReceiveAsync(OnDatagram, stop.Token), net.AcceptAsync(OnPushPullAsync, stop.Token)];
        try
        {
            // The first that ends, ends them all: a node that only hears or only speaks would mislead the others.
            await await Task.WhenAny(parts);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    private async Task LoopAsync(ITimer due, CancellationToken stopping)
    {
        var wakesAt = 0L;
        while (await inbox.Reader.WaitToReadAsync(stopping))
        {
            while (orders.TryDequeue(out var order))
            {
                order(Now());
            }

            for (var count = 0; count < options.InboxLimit && inbox.Reader.TryRead(out var item); count++)
            {
                item(Now());
            }

            if (Interlocked.Exchange(ref toPublish, null) is { } gossip)
            {
                core.Publish(gossip, Now());
            }

            core.Tick(Now());
            Act(core.TakeOutput(), stopping);
            Show();
            Complain(core.Counts, Now());

            // Armed only where it would come too late: a turn too early costs less than setting a timer with every message.
            var now = Now();
            var dueAt = Math.Max(core.DueAt, now + (options.TickMs * 1000L));
            if (wakesAt <= now || dueAt < wakesAt)
            {
                wakesAt = dueAt;
                due.Change(TimeSpan.FromMicroseconds(dueAt - now), Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Says once that two nodes have one identity, and once a minute that another cluster's nodes call here.</summary>
    private void Complain(in SwimCounts counts, long now)
    {
        if (counts.Trouble is { } sentence && trouble is null)
        {
            Volatile.Write(ref trouble, sentence);
            InTrouble(log, sentence);
        }

        if (counts.Foreign > foreignTold && now - foreignToldAt >= ForeignPauseMicros)
        {
            (foreignTold, foreignToldAt) = (counts.Foreign, now);
            ForeignSeen(log, counts.Foreign, options.Self.Member.Name);
        }
    }

    private void Act(SwimOutput output, CancellationToken stopping)
    {
        foreach (var (to, datagram) in output.Datagrams)
        {
            net.Send(to, datagram);
        }

        foreach (var (to, message) in output.PushPulls)
        {
            if (outgoing.Wait(0, CancellationToken.None))
            {
                _ = ExchangeAsync(to, message, stopping);
            }
        }

        foreach (var change in output.Changes)
        {
            StateChanged(log, change.Name, change.Node, change.From?.ToString() ?? "not known", change.To);
        }
    }

    private void Show()
    {
        if (core.Version != shownVersion)
        {
            shownVersion = core.Version;
            var newest = core.View();
            Volatile.Write(ref view, newest);
            Changed?.Invoke(newest);
        }

        if (core.HasLeft || (core.IsLeaving && View.Members.Values.All(m => m.Id == core.Self || !m.IsReachable)))
        {
            left.TrySetResult();
        }
    }

    private void OnDatagram(GossipAddress from, Datagram datagram)
    {
        // The moment of arrival, not of its turn in the loop: round-trip times are taken from it.
        var at = Now();
        if (!inbox.Writer.TryWrite(_ => core.Receive(from, datagram, at)))
        {
            Interlocked.Increment(ref counters.Dropped);
        }
    }

    private async Task<PushPull?> OnPushPullAsync(PushPull request)
    {
        var answer = new TaskCompletionSource<PushPull?>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!inbox.Writer.TryWrite(now => answer.SetResult(core.Answer(request, now))))
        {
            Interlocked.Increment(ref counters.Dropped);
            return null;
        }

        return await answer.Task;
    }

    private async Task ExchangeAsync(GossipAddress to, PushPull message, CancellationToken stopping)
    {
        try
        {
            if (await net.ExchangeAsync(to, message, stopping) is { } reply)
            {
                Order(now => core.Merge(reply, now));
            }
        }
        finally
        {
            outgoing.Release();
        }
    }

    private void Order(Action<long> order)
    {
        orders.Enqueue(order);
        Wake();
    }

    /// <summary>Lets the loop turn. Where the inbox is full it turns anyway.</summary>
    private void Wake() => inbox.Writer.TryWrite(static _ => { });

    /// <summary>Microseconds since the start.</summary>
    private long Now() => time.GetElapsedTime(startedAt).Ticks / TimeSpan.TicksPerMicrosecond;

    [LoggerMessage(Level = LogLevel.Error, Message = "{Sentence}")]
    private static partial void InTrouble(ILogger logger, string sentence);

    [LoggerMessage(Level = LogLevel.Error, Message = "Nodes of another cluster call {Name}: refused {Count} times so far. A seed of theirs or of this node names the wrong cluster, or a data folder of one cluster was started in the other: correct the seed, or start that node with an empty folder")]
    private static partial void ForeignSeen(ILogger logger, long count, string name);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Name} ({Node}) is {To}, was {From}")]
    private static partial void StateChanged(ILogger logger, string name, Shared.Cluster.NodeId node, string from, MemberState to);
}
