using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Membership.Core;

/// <summary>
/// Who is a member and in which state, by the rules of SWIM (Das, Gupta, Motivala, section 4.2): of two things said of a member the one with the higher incarnation
/// counts, at the same incarnation Dead over Suspect over Alive; only the member itself raises its incarnation. Everything new is passed on.
/// </summary>
internal sealed class MemberTable(SwimOptions options, NodeMeta self, ulong incarnation, RumourQueue rumours, LocalHealth health)
{
    private readonly Dictionary<NodeId, MemberEntry> others = [];
    private readonly List<MemberChange> changes = [];
    private readonly ulong firstVersion = incarnation;

    // When the first suspicion or memory runs out; null: not known since something changed. Looked at with every turn, so it is not sought through all members each time.
    private long? dueAt;

    /// <summary>What this node says of itself.</summary>
    public NodeMeta Self { get; private set; } = self;

    public NodeId SelfId { get; } = self.Member.Id;

    public ulong Incarnation { get; private set; } = incarnation;

    /// <summary>This node's payload.</summary>
    public NodeGossip Gossip { get; private set; } = NodeGossip.Empty;

    /// <summary>Version of the payload; 0 before the first. Begins at the first incarnation, so that it rises over restarts.</summary>
    public ulong GossipVersion { get; private set; }

    /// <summary>This node has said good-bye: it refutes nothing any more.</summary>
    public bool IsLeaving { get; private set; }

    /// <summary>All others, forgotten ones excepted.</summary>
    public IReadOnlyDictionary<NodeId, MemberEntry> Others => others;

    /// <summary>Reachable members, this one included.</summary>
    public int Reachable { get; private set; } = 1;

    /// <summary>Rises with every change that a view would show.</summary>
    public long Version { get; private set; }

    /// <summary>Members of other clusters that were refused.</summary>
    public long Foreign { get; private set; }

    /// <summary>Times that somebody else said to be this node, at other addresses and after it had started: two nodes have one identity.</summary>
    public long Doubles { get; private set; }

    /// <summary>Where the last of them is reached; null before.</summary>
    public GossipAddress? Double { get; private set; }

    /// <summary>Suspicions of this node that it refuted.</summary>
    public long Refutations { get; private set; }

    /// <summary>State changes since the last call, in order.</summary>
    public IReadOnlyList<MemberChange> TakeChanges()
    {
        if (changes.Count == 0)
        {
            return [];
        }

        var taken = changes.ToList();
        changes.Clear();
        return taken;
    }

    /// <summary>Sets this node's payload. False when it is too large for datagrams.</summary>
    public bool Publish(NodeGossip gossip)
    {
        GossipVersion = Math.Max(GossipVersion + 1, firstVersion);
        Gossip = Trim(gossip);
        Version++;
        return rumours.Add(new PayloadRumour(SelfId, GossipVersion, Gossip));
    }

    /// <summary>Sets the cluster and forgets the members of other ones.</summary>
    public void SetClusterId(string clusterId)
    {
        if (clusterId == Self.ClusterId)
        {
            return;
        }

        Self = Self with { ClusterId = clusterId };
        Announce(Incarnation + 1);
        foreach (var (id, entry) in others.Where(o => ClusterTags.AreForeign(o.Value.Meta.ClusterId, clusterId)).ToList())
        {
            Foreign++;
            Forget(id);
        }
    }

    /// <summary>Tells the others that this node is there.</summary>
    public void Announce() => Announce(Incarnation);

    /// <summary>Tells the others that this node leaves.</summary>
    public void Leave()
    {
        IsLeaving = true;
        Version++;
        rumours.Add(new DeadRumour(SelfId, Incarnation, SelfId));
    }

    public void Apply(Rumour rumour, long now)
    {
        switch (rumour)
        {
            case AliveRumour alive:
                Alive(alive, now);
                break;
            case SuspectRumour suspect:
                Suspect(suspect, now);
                break;
            case DeadRumour dead:
                Dead(dead, now);
                break;
            case PayloadRumour payload:
                Payload(payload);
                break;
        }
    }

    /// <summary>Takes over what another node holds of a member. Its dead are only suspected here: so they get the time to say that they live.</summary>
    public void Merge(MemberRecord record, NodeId from, long now)
    {
        var id = record.Meta.Member.Id;
        if (record.State is MemberState.Alive or MemberState.Suspect)
        {
            Alive(new AliveRumour(record.Meta, record.Incarnation), now);
        }

        if (record.State is MemberState.Suspect or MemberState.Dead)
        {
            Suspect(new SuspectRumour(id, record.Incarnation, from), now);
        }
        else if (record.State == MemberState.Left)
        {
            Dead(new DeadRumour(id, record.Incarnation, id), now);
        }

        if (record.GossipVersion > 0)
        {
            Payload(new PayloadRumour(id, record.GossipVersion, record.Gossip));
        }
    }

    /// <summary>When <see cref="Expire"/> has something to do next, microseconds.</summary>
    public long DueAt => dueAt ??= others.Values.Select(Due).DefaultIfEmpty(long.MaxValue).Min();

    /// <summary>Declares dead whose suspicion ran out, and forgets those who have been gone for long.</summary>
    public void Expire(long now)
    {
        if (now < DueAt)
        {
            return;
        }

        foreach (var (id, entry) in others.Where(o => now >= Due(o.Value)).ToList())
        {
            if (entry.Suspicion is not null)
            {
                Dead(new DeadRumour(id, entry.Incarnation, SelfId), now);
            }
            else
            {
                Forget(id);
                Version++;
            }
        }

        dueAt = null;
    }

    /// <summary>Gives back the time in which this process stood still.</summary>
    public void ShiftSuspicions(long micros)
    {
        dueAt = null;
        foreach (var entry in others.Values)
        {
            entry.Suspicion?.Shift(micros);
        }
    }

    public void AddRoundTrip(NodeId node, long micros)
    {
        if (others.TryGetValue(node, out var entry))
        {
            entry.AddRoundTrip(micros, options.RoundTripsKept);
            Version++;
        }
    }

    /// <summary>What is held against a member, to be told to it first; null for one that is well.</summary>
    public Rumour? AccusationOf(NodeId node) => others.GetValueOrDefault(node) switch
    {
        { State: MemberState.Suspect } entry => new SuspectRumour(node, entry.Incarnation, SelfId),
        { State: MemberState.Dead } entry => new DeadRumour(node, entry.Incarnation, SelfId),
        _ => null,
    };

    /// <summary>Everything for a push/pull, this node first.</summary>
    public IReadOnlyList<MemberRecord> Records() =>
    [
        new MemberRecord(Self, Incarnation, IsLeaving ? MemberState.Left : MemberState.Alive, GossipVersion, Gossip),
        .. others.Values.Select(m => new MemberRecord(m.Meta, m.Incarnation, m.State, m.GossipVersion, m.Gossip)),
    ];

    private void Alive(AliveRumour alive, long now)
    {
        var id = alive.Meta.Member.Id;
        if (ClusterTags.AreForeign(alive.Meta.ClusterId, Self.ClusterId))
        {
            Foreign++;
            return;
        }

        if (id == SelfId)
        {
            // Something that this node said before a restart, or that another with a copy of its data folder says. A start's incarnation is above all of before.
            if (alive.Incarnation > Incarnation && alive.Meta.Member.Addresses != Self.Member.Addresses)
            {
                Doubles++;
                Double = alive.Meta.Address;
            }

            if (alive.Incarnation > Incarnation || (alive.Incarnation == Incarnation && alive.Meta != Self))
            {
                Refute(alive.Incarnation);
            }

            return;
        }

        if (!others.TryGetValue(id, out var entry))
        {
            if (others.Count + 1 < options.MaxMembers)
            {
                others.Add(id, new MemberEntry(alive.Meta, alive.Incarnation, now));
                Reachable++;
                Changed(alive.Meta, null, MemberState.Alive);
                rumours.Add(alive);
            }

            return;
        }

        if (alive.Incarnation <= entry.Incarnation)
        {
            return;
        }

        entry.Meta = alive.Meta;
        entry.Incarnation = alive.Incarnation;
        SetState(entry, MemberState.Alive, now);
        rumours.Add(alive);
    }

    private void Suspect(SuspectRumour suspect, long now)
    {
        if (suspect.Subject == SelfId)
        {
            MaybeRefute(suspect.Incarnation);
            return;
        }

        if (!others.TryGetValue(suspect.Subject, out var entry) || suspect.Incarnation < entry.Incarnation)
        {
            return;
        }

        if (entry.Suspicion is { } suspicion)
        {
            entry.Incarnation = suspect.Incarnation;
            if (suspicion.Confirm(suspect.By))
            {
                dueAt = null;
                rumours.Add(suspect);
            }

            return;
        }

        if (entry.State != MemberState.Alive)
        {
            return;
        }

        entry.Incarnation = suspect.Incarnation;
        SetState(entry, MemberState.Suspect, now);
        entry.Suspicion = new Suspicion(options, Reachable, suspect.By, now);
        rumours.Add(suspect);
    }

    private void Dead(DeadRumour dead, long now)
    {
        if (dead.Subject == SelfId)
        {
            MaybeRefute(dead.Incarnation);
            return;
        }

        if (!others.TryGetValue(dead.Subject, out var entry) || dead.Incarnation < entry.Incarnation || !entry.IsReachable)
        {
            return;
        }

        entry.Incarnation = dead.Incarnation;
        SetState(entry, dead.By == dead.Subject ? MemberState.Left : MemberState.Dead, now);
        rumours.Add(dead);
    }

    private void Payload(PayloadRumour payload)
    {
        if (others.TryGetValue(payload.Subject, out var entry) && payload.Version > entry.GossipVersion)
        {
            entry.GossipVersion = payload.Version;
            entry.Gossip = payload.Gossip;
            Version++;
            rumours.Add(payload);
        }
    }

    private void MaybeRefute(ulong accused)
    {
        if (!IsLeaving && accused >= Incarnation)
        {
            Refute(accused);
        }
    }

    private void Refute(ulong accused)
    {
        Refutations++;
        health.Change(+1);
        Announce(accused + 1);
    }

    private void Announce(ulong newIncarnation)
    {
        Incarnation = newIncarnation;
        Version++;
        rumours.Add(new AliveRumour(Self, Incarnation));
    }

    private void SetState(MemberEntry entry, MemberState state, long now)
    {
        Version++;
        dueAt = null;
        entry.Suspicion = null;
        if (entry.State == state)
        {
            return;
        }

        Changed(entry.Meta, entry.State, state);
        Reachable -= entry.IsReachable ? 1 : 0;
        entry.State = state;
        Reachable += entry.IsReachable ? 1 : 0;
        entry.Since = now;
    }

    private long Due(MemberEntry entry) => entry.Suspicion?.Deadline ?? (entry.IsReachable ? long.MaxValue : entry.Since + (options.ForgetMs * 1000));

    private void Forget(NodeId id)
    {
        if (others.Remove(id, out var entry))
        {
            Reachable -= entry.IsReachable ? 1 : 0;
        }

        rumours.Remove(id);
        dueAt = null;
    }

    private void Changed(NodeMeta meta, MemberState? from, MemberState to)
    {
        Version++;
        changes.Add(new MemberChange(meta.Member.Id, meta.Member.Name, from, to));
    }

    private static NodeGossip Trim(NodeGossip gossip) => gossip with
    {
        Leads = [.. gossip.Leads.Take(NodeGossip.MaxShards)],
        Migrations = [.. gossip.Migrations.Take(NodeGossip.MaxMigrations)],
        Hottest = [.. gossip.Hottest.Take(NodeGossip.MaxHottest)],
    };
}
