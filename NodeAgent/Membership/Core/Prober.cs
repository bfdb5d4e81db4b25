using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Membership.Core;

/// <summary>
/// SWIM's failure detector: every interval one member, in a random order that is drawn anew when all had their turn (SWIM, section 4.3); without an answer others
/// are asked to probe it too, and say so when they could not (Lifeguard's nack); without any answer it is suspected.
/// </summary>
internal sealed class Prober(SwimOptions options, MemberTable table, LocalHealth health, Random random, Action<GossipAddress, SwimBody, NodeId> send)
{
    private readonly Queue<NodeId> order = [];
    private readonly Dictionary<uint, Relay> relays = [];
    private uint sequence = (uint)random.Next();
    private long nextAt = long.MinValue;
    private Probe? current;

    /// <summary>Probes that ended in a suspicion.</summary>
    public long Failed { get; private set; }

    /// <summary>When <see cref="Tick"/> has something to do next, microseconds.</summary>
    public long DueAt
    {
        get
        {
            var due = nextAt;
            if (current is { IsAnswered: false } probe)
            {
                due = Math.Min(due, probe.IsIndirect || !table.Others.ContainsKey(probe.Target) ? probe.EndsAt : probe.DirectUntil);
            }

            return relays.Count == 0 ? due : Math.Min(due, relays.Values.Min(r => r.NackAt));
        }
    }

    public void Tick(long now)
    {
        if (current is { IsAnswered: false } waiting)
        {
            if (!waiting.IsIndirect && now >= waiting.DirectUntil)
            {
                ProbeIndirectly(waiting);
            }

            if (now >= waiting.EndsAt)
            {
                Fail(waiting, now);
            }
        }

        foreach (var (key, relay) in relays.Where(r => now >= r.Value.NackAt).ToList())
        {
            relays.Remove(key);
            send(relay.Origin, new Nack(relay.OriginSequence), relay.OriginNode);
        }

        if (now >= nextAt)
        {
            nextAt = now + health.Stretch(options.ProbeMs * 1000L);
            Start(now);
        }
    }

    /// <summary>Gives up the probe under way: this process stood still, so the silence says nothing of the other.</summary>
    public void Abandon() => current = null;

    public void OnPing(GossipAddress from, NodeId sender, Ping ping)
    {
        if (ping.Target == table.SelfId)
        {
            send(from, new Ack(ping.Sequence), sender);
        }
    }

    public void OnIndirectPing(GossipAddress from, NodeId sender, IndirectPing ask, long now)
    {
        if (relays.Count >= options.MaxRelays)
        {
            return;
        }

        relays[++sequence] = new Relay(from, ask.Sequence, sender, ask.Target, now + (options.ProbeTimeoutMs * 800L));
        send(ask.Address, new Ping(sequence, ask.Target), ask.Target);
    }

    public void OnAck(NodeId sender, Ack ack, long now)
    {
        if (relays.TryGetValue(ack.Sequence, out var relay) && relay.Target == sender)
        {
            relays.Remove(ack.Sequence);
            send(relay.Origin, new Ack(relay.OriginSequence), relay.OriginNode);
            return;
        }

        if (current is not { IsAnswered: false } probe || probe.Sequence != ack.Sequence)
        {
            return;
        }

        current = probe with { IsAnswered = true };
        health.Change(-1);
        if (sender == probe.Target)
        {
            table.AddRoundTrip(sender, now - probe.SentAt);
        }
    }

    public void OnNack(Nack nack)
    {
        if (current is { IsAnswered: false } probe && probe.Sequence == nack.Sequence)
        {
            current = probe with { NacksMissing = probe.NacksMissing - 1 };
        }
    }

    private void Start(long now)
    {
        current = null;
        for (var tries = 0; tries < 2; tries++)
        {
            while (order.TryDequeue(out var id))
            {
                if (table.Others.TryGetValue(id, out var entry) && entry.IsReachable)
                {
                    current = new Probe(++sequence, id, now, now + health.Stretch(options.ProbeTimeoutMs * 1000L), nextAt, false, 0, false);
                    send(entry.Meta.Address, new Ping(sequence, id), id);
                    return;
                }
            }

            var all = table.Others.Where(m => m.Value.IsReachable).Select(m => m.Key).ToArray();
            random.Shuffle(all);
            foreach (var id in all)
            {
                order.Enqueue(id);
            }
        }
    }

    private void ProbeIndirectly(Probe probe)
    {
        if (!table.Others.TryGetValue(probe.Target, out var target))
        {
            return;
        }

        var asked = table.Others.Where(m => m.Value.State == MemberState.Alive && m.Key != probe.Target).Select(m => m.Value).ToArray();
        random.Shuffle(asked);
        asked = [.. asked.Take(options.IndirectProbes)];
        current = probe with { IsIndirect = true, NacksMissing = asked.Length, Asked = asked.Length };
        foreach (var helper in asked)
        {
            send(helper.Meta.Address, new IndirectPing(probe.Sequence, probe.Target, target.Meta.Address), helper.Meta.Member.Id);
        }
    }

    private void Fail(Probe probe, long now)
    {
        Failed++;

        // Helpers that said that they could not reach it either speak for this node's health; helpers that said nothing speak against it.
        probe = current ?? probe;
        health.Change(probe.Asked > 0 ? Math.Max(0, probe.NacksMissing) : +1);
        current = null;
        if (table.Others.TryGetValue(probe.Target, out var entry))
        {
            table.Apply(new SuspectRumour(probe.Target, entry.Incarnation, table.SelfId), now);
        }
    }

    private sealed record Probe(uint Sequence, NodeId Target, long SentAt, long DirectUntil, long EndsAt, bool IsIndirect, int NacksMissing, bool IsAnswered)
    {
        public int Asked { get; init; }
    }

    private sealed record Relay(GossipAddress Origin, uint OriginSequence, NodeId OriginNode, NodeId Target, long NackAt);
}
