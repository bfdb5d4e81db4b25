namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>The replicas of the current configuration: progress, votes, and what a quorum of it has reached.</summary>
internal sealed class PeerTracker
{
    private readonly RaftOptions options;
    private readonly Dictionary<ulong, bool> votes = [];
    private SortedDictionary<ulong, Progress> byId = [];
    private ulong[] incoming = [];
    private ulong[] outgoing = [];

    /// <summary>Replicas of <paramref name="configuration"/>, of which nothing is known yet.</summary>
    public PeerTracker(RaftOptions options, ConfigurationState configuration, ulong lastIndex)
    {
        this.options = options;
        Change(configuration, lastIndex);
    }

    /// <summary>The configuration in force.</summary>
    public ConfigurationState Configuration { get; private set; } = ConfigurationState.Empty;

    /// <summary>Everybody, this replica too where it takes part; ascending ids.</summary>
    public Progress[] All { get; private set; } = [];

    /// <summary>True where the vote of this replica alone decides.</summary>
    public bool DecidesAlone => incoming.Length == 1 && incoming[0] == options.Id && (outgoing.Length == 0 || (outgoing.Length == 1 && outgoing[0] == options.Id));

    /// <summary>Voters of either half, ascending.</summary>
    public IEnumerable<ulong> Voters => incoming.Union(outgoing).Order();

    /// <summary>Progress of a replica; null where it takes no part.</summary>
    public Progress? Find(ulong id) => byId.GetValueOrDefault(id);

    /// <summary>True where this replica may become leader.</summary>
    public bool MayLead(ulong id) => incoming.Contains(id) || outgoing.Contains(id);

    /// <summary>Another configuration comes into force; what is known of replicas that stay is kept.</summary>
    public void Change(ConfigurationState configuration, ulong lastIndex)
    {
        Configuration = configuration;
        incoming = [.. configuration.Voters];
        outgoing = [.. configuration.VotersOutgoing];
        var next = new SortedDictionary<ulong, Progress>();
        foreach (var id in configuration.Members())
        {
            // A newcomer counts as alive, or the next check of the quorum would end the term before it could answer.
            var progress = byId.GetValueOrDefault(id) ?? Fresh(id, Math.Max(lastIndex, 1), active: true);
            progress.Learner = configuration.Learners.Contains(id);
            next.Add(id, progress);
        }

        byId = next;
        All = [.. next.Values];
    }

    /// <summary>Nothing is known any more: a new term begins. Of itself a replica knows that it holds <paramref name="stableIndex"/>.</summary>
    public void Reset(ulong self, ulong lastIndex, ulong stableIndex)
    {
        votes.Clear();
        foreach (var old in All)
        {
            var fresh = Fresh(old.Id, lastIndex + 1, active: false);
            fresh.Learner = old.Learner;
            if (old.Id == self)
            {
                fresh.MaybeUpdate(stableIndex);
            }

            byId[old.Id] = fresh;
        }

        All = [.. byId.Values];
    }

    /// <summary>Forgets the votes.</summary>
    public void ResetVotes() => votes.Clear();

    /// <summary>Counts the first vote of a replica and answers how the vote stands.</summary>
    public VoteResult Record(ulong id, bool granted)
    {
        votes.TryAdd(id, granted);
        return Quorum.Both(Tally(incoming), Tally(outgoing));
    }

    /// <summary>The largest index that a quorum holds; 0 where nobody votes.</summary>
    public ulong CommittedIndex() => Reached(static (_, p) => p?.Match ?? 0);

    /// <summary>The latest heartbeat round that a quorum answered; this replica answers all of its own.</summary>
    public ulong ConfirmedRound() => Reached(static (self, p) => p is null ? 0 : p.Id == self ? ulong.MaxValue : p.AckedRound);

    /// <summary>1 + time of the latest sending that a quorum answered; <see cref="ulong.MaxValue"/> where this replica decides alone, 0 for none.</summary>
    public ulong ConfirmedSince() => Reached(static (self, p) => p is null ? 0 : p.Id == self ? ulong.MaxValue : p.AckedSince);

    /// <summary>True where a quorum answered since the last call; begins the next period.</summary>
    public bool TakeQuorumActive(ulong self)
    {
        var heard = Reached(static (self, p) => p is not null && (p.Id == self || p.RecentlyActive) ? 1UL : 0UL);
        foreach (var peer in All)
        {
            peer.RecentlyActive = peer.Id == self;
        }

        return heard > 0;
    }

    private VoteResult Tally(ulong[] voters)
    {
        var yes = 0;
        var no = 0;
        foreach (var id in voters)
        {
            if (votes.TryGetValue(id, out var granted))
            {
                _ = granted ? yes++ : no++;
            }
        }

        return Quorum.Vote(voters.Length, yes, no, options.Rules.Majority(voters.Length));
    }

    private Progress Fresh(ulong id, ulong next, bool active) =>
        new(id, 0, next, new Inflight(options.MaxInflightMessages, options.MaxInflightBytes)) { RecentlyActive = active };

    private ulong Reached(Func<ulong, Progress?, ulong> value)
    {
        if (incoming.Length == 0)
        {
            return 0;
        }

        Span<ulong> values = stackalloc ulong[Math.Max(incoming.Length, outgoing.Length)];
        var first = Quorum.Reached(Fill(values, incoming, value), options.Rules.Majority(incoming.Length));
        return Math.Min(first, Quorum.Reached(Fill(values, outgoing, value), options.Rules.Majority(outgoing.Length)));
    }

    private Span<ulong> Fill(Span<ulong> values, ulong[] voters, Func<ulong, Progress?, ulong> value)
    {
        for (var i = 0; i < voters.Length; i++)
        {
            values[i] = value(options.Id, Find(voters[i]));
        }

        return values[..voters.Length];
    }
}
