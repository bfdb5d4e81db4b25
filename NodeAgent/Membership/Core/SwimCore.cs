using System.Collections.Frozen;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Membership.Core;

/// <summary>
/// SWIM with Lifeguard as a state machine: ticks and messages in, datagrams, push/pulls and member changes out. Any message may be lost, doubled or late.
/// Times are microseconds of any clock that only rises. One thread.
/// </summary>
internal sealed class SwimCore
{
    private readonly SwimOptions options;
    private readonly Random random;
    private readonly RumourQueue rumours;
    private readonly LocalHealth health;
    private readonly MemberTable table;
    private readonly Prober prober;
    private readonly List<GossipAddress> seeds = [];
    private readonly List<(GossipAddress To, Datagram Datagram)> datagrams = [];
    private readonly List<(GossipAddress To, PushPull Message)> pushPulls = [];
    private ulong clusterTag;
    private long lastTickAt = long.MinValue;
    private long nextGossipAt = long.MinValue;
    private long nextPushPullAt;
    private long nextReconnectAt = long.MinValue;
    private int nextSeed;
    private long foreign;
    private long stalls;

    /// <param name="options">Times and limits.</param>
    /// <param name="self">This node.</param>
    /// <param name="incarnation">Higher than at any earlier start of the same node: its start in Unix milliseconds.</param>
    /// <param name="seeds">Addresses to try; this node's own one is left out.</param>
    /// <param name="random">Order of probes, targets of gossip.</param>
    /// <param name="now">Microseconds.</param>
    public SwimCore(SwimOptions options, NodeMeta self, ulong incarnation, IEnumerable<GossipAddress> seeds, Random random, long now)
    {
        this.options = options;
        this.random = random;
        rumours = new RumourQueue(options);
        health = new LocalHealth(options.MaxHealth);
        table = new MemberTable(options, self, incarnation, rumours, health);
        prober = new Prober(options, table, health, random, Send);
        clusterTag = ClusterTags.Of(self.ClusterId);
        nextPushPullAt = now + (long)(random.NextDouble() * options.PushPullMs * 1000);
        AddSeeds(seeds);
        table.Announce();
    }

    /// <summary>This node.</summary>
    public NodeId Self => table.SelfId;

    /// <summary>Rises with every change that <see cref="View"/> would show.</summary>
    public long Version => table.Version;

    /// <summary>True from the good-bye on.</summary>
    public bool IsLeaving => table.IsLeaving;

    /// <summary>True once the good-bye was sent as often as it is to be.</summary>
    public bool HasLeft => table.IsLeaving && !rumours.HoldsLiveness(Self);

    /// <summary>When <see cref="Tick"/> has something to do next, if nothing comes in before: microseconds. Calling it earlier changes nothing, later makes it late.</summary>
    public long DueAt
    {
        get
        {
            // A process that sleeps for long must not take its own sleep for a stall.
            var due = Math.Min(Math.Min(table.DueAt, prober.DueAt), Math.Min(nextPushPullAt, nextReconnectAt));
            due = lastTickAt == long.MinValue ? due : Math.Min(due, lastTickAt + (options.StallMs * 250L));
            return rumours.Count > 0 ? Math.Min(due, nextGossipAt) : due;
        }
    }

    public SwimCounts Counts => new(foreign + table.Foreign, table.Refutations, prober.Failed, stalls, table.Doubles, table.Double);

    /// <summary>All members.</summary>
    public MembershipView View()
    {
        var members = table.Others.ToDictionary(m => m.Key, m => m.Value.ToView());
        members[Self] = new MemberView(table.Self, table.IsLeaving ? MemberState.Left : MemberState.Alive, table.Incarnation, table.Gossip, table.GossipVersion, 0);
        return new MembershipView(Self, members.ToFrozenDictionary(), health.Score);
    }

    /// <summary>Members that are known, this node included; as <see cref="View"/> would say, without making one.</summary>
    public int MemberCount => table.Others.Count + 1;

    /// <summary>What a member last said of itself, as far as it is known here; null: the member is not known. Without making a view of all.</summary>
    public NodeGossip? GossipOf(NodeId member) => member == Self ? table.Gossip : table.Others.TryGetValue(member, out var seen) ? seen.Gossip : null;

    public void Publish(NodeGossip gossip, long now)
    {
        if (!table.Publish(gossip))
        {
            nextPushPullAt = Math.Min(nextPushPullAt, now + (options.ProbeMs * 1000L));
        }
    }

    public void SetClusterId(string clusterId)
    {
        table.SetClusterId(clusterId);
        clusterTag = ClusterTags.Of(clusterId);
    }

    public void AddSeeds(IEnumerable<GossipAddress> more) =>
        seeds.AddRange(more.Where(s => s != table.Self.Address && !seeds.Contains(s)).Distinct().ToList());

    public void Leave() => table.Leave();

    public void Tick(long now)
    {
        NoteStall(now);
        table.Expire(now);
        prober.Tick(now);
        if (now >= nextGossipAt)
        {
            nextGossipAt = now + (options.GossipMs * 1000L);
            Gossip(now);
        }

        if (now >= nextPushPullAt)
        {
            nextPushPullAt = now + (options.PushPullMs * 1000L);
            if (Choose(table.Others.Values.Where(m => m.IsReachable), 1) is [var partner])
            {
                Push(partner.Meta.Address);
            }
        }

        if (now >= nextReconnectAt)
        {
            nextReconnectAt = now + ((table.Reachable == 1 ? options.JoinMs : options.ReconnectMs) * 1000L);
            Reconnect();
        }
    }

    public void Receive(GossipAddress from, Datagram datagram, long now)
    {
        if (datagram.From == Self || IsForeign(datagram.ClusterTag))
        {
            return;
        }

        foreach (var rumour in datagram.Rumours)
        {
            table.Apply(rumour, now);
        }

        switch (datagram.Body)
        {
            case Ping ping:
                prober.OnPing(from, datagram.From, ping);
                break;
            case IndirectPing ask:
                prober.OnIndirectPing(from, datagram.From, ask, now);
                break;
            case Ack ack:
                prober.OnAck(datagram.From, ack, now);
                break;
            case Nack nack:
                prober.OnNack(nack);
                break;
        }
    }

    /// <summary>Takes over what a node sent and answers what this one holds; null where it is refused (another cluster, or this node itself).</summary>
    public PushPull? Answer(PushPull request, long now) =>
        Merge(request, now) ? new PushPull(Self, clusterTag, true, table.Records()) : null;

    /// <summary>Takes over what a node sent. False where it is refused.</summary>
    public bool Merge(PushPull message, long now)
    {
        if (message.From == Self || IsForeign(message.ClusterTag))
        {
            return false;
        }

        foreach (var record in message.Members)
        {
            table.Merge(record, message.From, now);
        }

        return true;
    }

    /// <summary>What is owed since the last call.</summary>
    public SwimOutput TakeOutput()
    {
        var output = new SwimOutput([.. datagrams], [.. pushPulls], table.TakeChanges());
        datagrams.Clear();
        pushPulls.Clear();
        return output;
    }

    private bool IsForeign(ulong tag)
    {
        var isForeign = ClusterTags.AreForeign(tag, clusterTag);
        foreign += isForeign ? 1 : 0;
        return isForeign;
    }

    private void NoteStall(long now)
    {
        var gap = lastTickAt == long.MinValue ? 0 : now - lastTickAt;
        lastTickAt = now;
        if (gap < options.StallMs * 1000L)
        {
            return;
        }

        stalls++;
        health.Change(+1);
        table.ShiftSuspicions(gap);
        prober.Abandon();
    }

    private void Gossip(long now)
    {
        if (rumours.Count == 0)
        {
            return;
        }

        var targets = table.Others.Values.Where(m => m.IsReachable || (m.State == MemberState.Dead && now - m.Since < options.GossipToDeadMs * 1000L));
        foreach (var target in Choose(targets, options.GossipNodes))
        {
            if (rumours.Count > 0)
            {
                Send(target.Meta.Address, new GossipOnly(), target.Meta.Member.Id);
            }
        }
    }

    /// <summary>Tries whoever should be there and is not: the next missing seed, and one dead member.</summary>
    private void Reconnect()
    {
        if (table.IsLeaving)
        {
            return;
        }

        var reachable = table.Others.Values.Where(m => m.IsReachable).Select(m => m.Meta.Address).ToHashSet();
        var missing = seeds.Where(s => !reachable.Contains(s)).ToList();
        if (missing.Count > 0)
        {
            Push(missing[nextSeed++ % missing.Count]);
        }

        if (Choose(table.Others.Values.Where(m => m.State == MemberState.Dead && !missing.Contains(m.Meta.Address)), 1) is [var dead])
        {
            Push(dead.Meta.Address);
        }
    }

    private void Push(GossipAddress to) => pushPulls.Add((to, new PushPull(Self, clusterTag, false, table.Records())));

    private void Send(GossipAddress to, SwimBody body, NodeId receiver)
    {
        // Whoever is accused hears of it first, so that it can refute at once (Lifeguard's buddy system).
        var accusation = body is Ping or Ack ? table.AccusationOf(receiver) : null;
        var room = options.MaxDatagramBytes - SwimSeal.Bytes - SwimCodec.MaxHeaderBytes - (body is IndirectPing ? SwimCodec.MaxAddressBytes : 0)
            - (accusation is null ? 0 : SwimCodec.MaxAccusationBytes);
        var riding = rumours.Take(room, table.Reachable);
        datagrams.Add((to, new Datagram(Self, clusterTag, body, accusation is null ? riding : [accusation, .. riding])));
    }

    private MemberEntry[] Choose(IEnumerable<MemberEntry> candidates, int count)
    {
        // Only as much of a shuffle (Fisher and Yates) as there are places.
        var all = candidates.ToArray();
        var chosen = Math.Min(count, all.Length);
        for (var i = 0; i < chosen; i++)
        {
            var other = random.Next(i, all.Length);
            (all[i], all[other]) = (all[other], all[i]);
        }

        return all[..chosen];
    }
}
