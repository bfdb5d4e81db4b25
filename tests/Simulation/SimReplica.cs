using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Simulation;

/// <summary>One replica of one group: Raft core, its disk, and what is applied; does what a node's loop does, in the order of <see cref="Ready"/>.</summary>
internal abstract partial class SimReplica(World world, SimNode node, GroupId group)
{
    private static readonly Planted[] LosesTheDisk = [Planted.SkipFsync, Planted.ForgetTheTerm, Planted.ShortenedLogVotes, Planted.WipedNodeKeepsItsName];

    private readonly Dictionary<ulong, (ulong Term, Action<bool?> Done)> tickets = [];
    private MemoryLog disk = EmptyDisk(world, node, group);
    private (HardState Hard, ulong LastIndex) safe;
    private ulong committed;
    private (ulong Term, long Until) longestLease;
    private long lastTick;
    private Ready? persisting;
    private ulong electedTerm;
    private HostedGroups hosted = world.FirstVoters(group).Contains(new NodeId(node.Id)) ? HostedGroups.Founded([group]) : HostedGroups.None;
    private ulong? deletedBy;
    private ReplicaCarrier? carrier;
    private long persistedAt;
    private ulong appliedTerm;
    private readonly List<ReadState> reads = [];

    public GroupId Group => group;
    public World World => world;
    public SimNode Node => node;

    /// <summary>What is on its disk; survives a crash.</summary>
    public MemoryLog Disk => disk;

    /// <summary>Orders the transaction under way among those of its node; 0: there is none.</summary>
    public long WriteNumber { get; private set; }

    /// <summary>Its copy cannot be read: it is not open.</summary>
    public bool IsDamaged { get; set; }

    /// <summary>Carries out changes of replicas.</summary>
    public ReplicaCarrier Carrier => carrier ??= new ReplicaCarrier(this);

    /// <summary>Null while the node is down.</summary>
    public RaftCore? Core { get; private set; }

    /// <summary>The change for which it was opened last, 0 since the founding; null: the node holds no replica of the group. Survives a crash.</summary>
    public ulong? OpenedBy => hosted.OpenedBy(group);

    /// <summary>It leads and has applied an entry of its own term.</summary>
    public bool Serves => Core is { Role: RaftRole.Leader, CommittedInTerm: true } core && appliedTerm == core.Term;

    public bool HoldsLease => Core is { } core && (LeaseClock < LeaseUntil(core) || world.Options.Planted.HasFlag(Planted.ReadWithoutLease));

    private bool Plants(Planted bug) => world.Options.Planted.HasFlag(bug);

    private long LeaseClock => Plants(Planted.LeaseStopsWhilePaused) ? node.ClockWithoutPauses : node.Clock;

    public virtual void Start()
    {
        appliedTerm = 0;
        committed = 0;
        electedTerm = 0;
        lastTick = node.Clock / 10;
        Core = new RaftCore(
            new RaftOptions
            {
                Id = node.Id,
                TickMs = 10,
                ElectionTicks = 15,
                HeartbeatTicks = 2,
                Random = new Random(world.Random.Next()),
                CheckQuorum = !world.Options.Planted.HasFlag(Planted.ReadWithoutLease),
                LeaderLease = !world.Options.Planted.HasFlag(Planted.ReadWithoutLease),
                RestartGuard = !Plants(Planted.RestartedVoterInsideALease) && !Plants(Planted.ForgetTheTerm) && !Plants(Planted.ShortenedLogVotes),
                PreVote = !Plants(Planted.VoteAgainstPromise),
                MaxMessageBytes = world.Options.SmallMessages ? 1 : 1 << 20,
                Rules = world.Options.RaftRules,
                VotesFrom = Plants(Planted.ReopenedReplicaVotes) || Plants(Planted.ReopenedReplicaVotesAtOnce) ? 0 : hosted.Held.GetValueOrDefault(group).VotesFrom,
            },
            disk, 0);
    }

    /// <summary>The process ends; what it was writing has been dealt with.</summary>
    public virtual void Crash()
    {
        (persisting, WriteNumber) = (null, 0);
        if (LosesTheDisk.Any(Plants))
        {
            LoseTheDisk();
        }

        Carrier.Forget();
        Core = null;
        reads.Clear();
        foreach (var (_, done) in tickets.Values)
        {
            done(null);
        }

        tickets.Clear();
    }

    /// <summary>False: certainly not executed. The answer: true applied, false refused when applied, null unknown.</summary>
    public bool Propose(byte[] entry, Action<bool?>? done = null)
    {
        if (!Serves || !Core!.TryPropose(EntryKind.Normal, entry, out var term, out var index))
        {
            return false;
        }

        if (done is not null)
        {
            tickets[index] = (term, done);
        }

        return true;
    }

    public void Step()
    {
        if (OpenedBy is null)
        {
            return;
        }

        if (IsDamaged)
        {
            Carrier.ReportDamage();
            return;
        }

        var core = Core!;
        if (core.Role == RaftRole.Leader && core.Term != electedTerm)
        {
            electedTerm = core.Term;
            world.OnElected(this);
        }

        if (Plants(Planted.LeaseKeptOnTransfer))
        {
            _ = HoldsLease;
        }

        if (node.Clock / 10 != lastTick)
        {
            lastTick = node.Clock / 10;
            core.Tick(node.Clock);
        }

        if (persisting is not null && world.Now >= persistedAt && !node.Disk.IsFull(world.Now))
        {
            Finish(core, persisting);
        }

        if (core.HasReady && persisting is null)
        {
            persisting = core.TakeReady();
            WriteNumber = world.NextNumber();
            persistedAt = world.Now + world.Random.Next(0, 3) + node.Disk.ExtraMs(world.Now);
            Send(persisting.Early);
            if (Plants(Planted.AnswerBeforeFsync))
            {
                Send(persisting.Late);
            }
        }
        else if (core.HasEarly)
        {
            Send(core.TakeEarly());
        }

        TakeReads(core.TakeReads());
        OnStep();
    }

    protected abstract void Apply(in Entry entry, out bool refused);

    protected abstract void OnStep();

    /// <summary>The state as of the mark is taken over.</summary>
    protected virtual void OnSnapshot(SnapshotMark mark)
    {
    }

    /// <summary>Where its log on disk begins.</summary>
    protected SnapshotMark Mark => disk.Snapshot;

    protected abstract void OnRead(ulong context);

    private void Finish(RaftCore core, Ready ready)
    {
        Persist(ready);
        (persisting, WriteNumber) = (null, 0);
        if (ready.Snapshot is { } mark)
        {
            OnSnapshot(mark);
        }

        if (!Plants(Planted.AnswerBeforeFsync))
        {
            Send(ready.Late);
        }

        foreach (var entry in ready.Committed)
        {
            world.Note(EventKind.Apply, ((ulong)group.Value << 8) | node.Id, entry.Index, entry.Term);
            if (world.Reference.OnApply(group, entry, core.Term))
            {
                world.CheckSurvivesElection(group, entry);
            }

            Apply(entry, out var refused);
            appliedTerm = entry.Term;
            if (tickets.Remove(entry.Index, out var ticket))
            {
                ticket.Done(ticket.Term == entry.Term ? !refused : null);
            }
        }

        core.Advance(ready);
        if (core.Role == RaftRole.Leader)
        {
            world.Reference.OnLeader(group, core.Term, node.Id, disk);
        }

        if (core.Commit < committed)
        {
            throw new SimulationFailedException(Invariant.CommitNeverFalls, $"The commit index of {group} at node {node.Id} went back from {committed} to {core.Commit}.");
        }

        committed = core.Commit;

        TakeReads(ready.Reads);
    }
}
