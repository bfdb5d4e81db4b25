namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>
/// One replica of one Raft group as a pure state machine: it is told of time, messages and proposals, and answers with one <see cref="Ready"/> of all the
/// work that it owes to the world. Not safe for concurrent use. Nothing that it is told is acted on before <see cref="TakeReady"/>.
/// <para>A follower never forwards a proposal, so nothing runs twice; a proposal that was taken may still be lost with the leadership.</para>
/// </summary>
internal sealed partial class RaftCore
{
    private readonly RaftOptions options;
    private readonly ILogReader reader;
    private readonly RaftLog log;
    private readonly PeerTracker peers;
    private readonly HeartbeatRounds rounds = new();
    private readonly ReadQueue readQueue;
    private readonly bool startedWithHistory;
    private readonly HashSet<ulong> leftInTerm = [];

    private ulong vote;
    private ulong transferTo;
    private ulong pendingConfigurationIndex;
    private ulong configurationIndex;
    private long uncommittedBytes;
    private bool leaseGivenUp;
    private int campaignsSoon;

    private int electionElapsed;
    private int heartbeatElapsed;
    private int electionTimeoutTicks;
    private long clock;
    private long? startedAt;
    private long? heardAt;

    /// <param name="options">This replica's options.</param>
    /// <param name="log">Its stable log, as persisted.</param>
    /// <param name="appliedIndex">Everything up to it has been applied; 0: nothing.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="RaftInvariantException">The log lacks entries that were committed.</exception>
    public RaftCore(RaftOptions options, ILogReader log, ulong appliedIndex)
    {
        if (options.Id == 0 || options.HeartbeatTicks < 1 || options.ElectionTicks <= options.HeartbeatTicks || options.MaxInflightMessages < 1)
        {
            throw new ArgumentException(
                $"Raft options: Id {options.Id} must not be 0, HeartbeatTicks {options.HeartbeatTicks} must be 1 or more, ElectionTicks {options.ElectionTicks} must be larger, MaxInflightMessages {options.MaxInflightMessages} 1 or more.",
                nameof(options));
        }

        this.options = options;
        reader = log;
        var hard = log.InitialHardState;
        this.log = new RaftLog(log, hard.Commit, Math.Max(appliedIndex, log.FirstIndex - 1));
        peers = new PeerTracker(options, log.InitialConfiguration, this.log.LastIndex);
        readQueue = new ReadQueue(options.MaxPendingReads);
        (Term, vote) = (hard.Term, hard.Vote);
        startedWithHistory = hard.Term > 0;
        persisted = handed = Current;
        BecomeFollower(Term, 0);
        Trace("InitState");
    }

    /// <summary>The options with which it was made.</summary>
    public RaftOptions Options => options;

    /// <summary>The stable log.</summary>
    public ILogReader Log => reader;

    /// <summary>This replica.</summary>
    public ulong Id => options.Id;

    /// <summary>Its current term.</summary>
    public ulong Term { get; private set; }

    /// <summary>The leader of the term as far as known here; 0: unknown.</summary>
    public ulong Leader { get; private set; }

    /// <summary>Its part in the term.</summary>
    public RaftRole Role { get; private set; }

    /// <summary>Highest index known to be committed.</summary>
    public ulong Commit => log.Commit;

    /// <summary>Highest index that was applied and advanced.</summary>
    public ulong Applied => log.Applied;

    /// <summary>Last index of its log, persisted or not.</summary>
    public ulong LastIndex => log.LastIndex;

    /// <summary>Term of an entry of its log, persisted or not; null where it holds none at that index.</summary>
    public ulong? TermOf(ulong index) => log.TermOf(index);

    /// <summary>Leader only: entries of its own term have been committed (so reads and serving may begin once that is applied).</summary>
    public bool CommittedInTerm { get; private set; }

    /// <summary>
    /// Leader only: time (same clock as now) until which no other leader can have been elected; 0 when there is no lease, <see cref="long.MaxValue"/> for the
    /// only voter. Publish it before messages are sent, so that nobody reads by a lease that was given up.
    /// </summary>
    public long LeaseUntil { get; private set; }

    /// <summary>Who votes and learns, as of <see cref="Applied"/> (of the snapshot, where one is being installed). Persisted with the applied index.</summary>
    public ConfigurationState Configuration => peers.Configuration;

    /// <summary>Leader only: no change of the configuration stands behind this index of its log.</summary>
    public ulong LastChangeIndex => pendingConfigurationIndex;

    /// <summary>Leader only: who was a replica in this term and is none any more. Messages of this term may still be on their way to and from them.</summary>
    public IReadOnlySet<ulong> LeftInTerm => leftInTerm;

    /// <summary>Follower only: when it last heard from the leader of its term; null: not yet.</summary>
    public long? HeardAt => Role == RaftRole.Follower && Leader != 0 ? heardAt : null;

    /// <summary>Commit index of the leader as of <see cref="HeardAt"/>: a follower that has applied it was up to date then.</summary>
    public ulong HeardCommit { get; private set; }

    /// <summary>The replica to which leadership is being handed over; 0: none. Meanwhile proposals are refused.</summary>
    public ulong TransferTarget => transferTo;

    /// <summary>Drawn election timeout in ticks. Settable so that a script can decide an election.</summary>
    public int ElectionTimeoutTicks
    {
        get => electionTimeoutTicks;
        set => electionTimeoutTicks = value;
    }

    /// <summary>One tick has passed.</summary>
    public void Tick(long now)
    {
        Observe(now);
        electionElapsed++;
        if (Role == RaftRole.Leader)
        {
            TickLeader();
        }
        else if (electionElapsed >= electionTimeoutTicks && peers.MayLead(Id) && !BoundToOthers)
        {
            electionElapsed = 0;
            StartElection();
        }
    }

    /// <summary>A message of another replica of this group. One for somebody else is ignored.</summary>
    /// <exception cref="RaftInvariantException">It shows that this or another replica forgot what it had acknowledged.</exception>
    public void Step(RaftMessage message, long now)
    {
        Observe(now);
        if (message.To != Id || (IsResponse(message) && peers.Find(message.From) is null))
        {
            return;
        }

        Trace("Receive", message);
        LearnCommit(message);
        if (!PassesTerm(message))
        {
            return;
        }

        switch (message)
        {
            case PreVoteRequest m: AnswerPreVote(m); break;
            case VoteRequest m: AnswerVote(m); break;
            case PreVoteResponse m when m.Rejected || m.Term == Term + 1: CountVote(m.From, m.Rejected, RaftRole.PreCandidate); break;
            case VoteResponse m: CountVote(m.From, m.Rejected, RaftRole.Candidate); break;
            case AppendRequest m: Follow(m.From); TakeAppend(m); break;
            case HeartbeatRequest m: Follow(m.From); TakeHeartbeat(m); break;
            case SnapshotRequest m: Follow(m.From); TakeSnapshot(m); break;
            case AppendResponse m when Role == RaftRole.Leader: TakeAppendResponse(m); break;
            case HeartbeatResponse m when Role == RaftRole.Leader: TakeHeartbeatResponse(m); break;
            case TimeoutNowRequest when Role == RaftRole.Follower && Leader == message.From: StartForcedElection(); break;
        }
    }

    /// <summary>A picture for metrics and consoles.</summary>
    public RaftStatus Status()
    {
        var known = Role != RaftRole.Leader ? [] : peers.All.Select(p => new PeerStatus(
            p.Id, p.Match, p.Next, p.State, p.Learner, p.RecentlyActive, p.Paused, p.Inflight.Count, p.PendingSnapshot)).ToArray();
        return new RaftStatus(
            Id, Term, vote, Leader, Role, Commit, Applied, log.FirstIndex, log.LastIndex, Configuration, LeaseUntil, transferTo, uncommittedBytes, known);
    }

    private void Trace(string name, RaftMessage? message = null) =>
        options.Trace?.Invoke(new RaftTraceEvent(name, Id, Term, vote, Commit, Role, LastIndex, Configuration, message));

    private static bool IsResponse(RaftMessage message) =>
        message is AppendResponse or HeartbeatResponse or VoteResponse or PreVoteResponse;

    private void Observe(long now)
    {
        // Time that seems to run backwards is time that stands still: a lease or promise never becomes longer by it.
        clock = startedAt is null ? now : Math.Max(clock, now);
        startedAt ??= now;
    }

    /// <summary>Raft's rule for terms. False: the message is of an old term, or of a campaign that this replica is bound to ignore.</summary>
    private bool PassesTerm(RaftMessage message)
    {
        var campaign = message is PreVoteRequest or VoteRequest { Forced: false };
        if (campaign && (options.LeaderLease ? message.Term >= Term : message.Term > Term) && BoundToOthers)
        {
            return false;
        }

        if (message.Term > Term)
        {
            if (message is not (PreVoteRequest or PreVoteResponse { Rejected: false }))
            {
                BecomeFollower(message.Term, message is AppendRequest or HeartbeatRequest or SnapshotRequest ? message.From : 0);
            }

            return true;
        }

        if (message.Term < Term)
        {
            AnswerOldTerm(message);
            return false;
        }

        return true;
    }

    private void AnswerOldTerm(RaftMessage message)
    {
        if (message is PreVoteRequest)
        {
            AddPreVoteResponse(message.From, Term, rejected: true);
        }
        else if (message is AppendRequest or HeartbeatRequest && (options.CheckQuorum || options.PreVote))
        {
            // A leader that was cut off while this replica's term rose: nobody else's campaign would be heard, so tell it that its term is over.
            late.Add(new AppendResponse(Id, message.From, Term, 0, false, 0, 0));
        }
    }
}
