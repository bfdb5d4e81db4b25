using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Simulation;

/// <summary>One replica of one group: Raft core, its disk, and what is applied; does what a node's loop does, in the order of <see cref="Ready"/>.</summary>
internal abstract class SimReplica(World world, SimNode node, GroupId group)
{
    private readonly Dictionary<ulong, (ulong Term, Action<bool?> Done)> tickets = [];
    private readonly MemoryLog disk = new() { InitialConfiguration = ConfigurationState.OfVoters([1, 2, 3]) };
    private Ready? persisting;
    private long persistedAt;
    private ulong appliedTerm;
    private readonly List<ReadState> reads = [];

    public GroupId Group => group;
    public World World => world;
    public SimNode Node => node;

    /// <summary>Null while the node is down.</summary>
    public RaftCore? Core { get; private set; }

    /// <summary>It leads and has applied an entry of its own term.</summary>
    public bool Serves => Core is { Role: RaftRole.Leader, CommittedInTerm: true } core && appliedTerm == core.Term;

    public bool HoldsLease => Core is { } core && (world.Now < core.LeaseUntil || world.Options.Planted.HasFlag(Planted.ReadWithoutLease));

    public virtual void Start()
    {
        appliedTerm = 0;
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
            },
            disk, 0);
    }

    /// <summary>What was being persisted is lost or there, as one.</summary>
    public virtual void Crash()
    {
        if (persisting is not null && world.Random.Next(2) == 0)
        {
            Persist(persisting);
        }

        persisting = null;
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
        var core = Core!;
        if (world.Now % 10 == 0)
        {
            core.Tick(world.Now);
        }

        if (persisting is not null && world.Now >= persistedAt)
        {
            Finish(core, persisting);
        }

        if (core.HasReady && persisting is null)
        {
            persisting = core.TakeReady();
            persistedAt = world.Now + world.Random.Next(0, 3);
            Send(persisting.Early);
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

    protected abstract void OnRead(ulong context);

    private void Finish(RaftCore core, Ready ready)
    {
        Persist(ready);
        persisting = null;
        Send(ready.Late);
        foreach (var entry in ready.Committed)
        {
            world.Reference.OnApply(group, entry);
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
            world.Reference.OnLeader(group, core.Term, node.Id);
        }

        TakeReads(ready.Reads);
    }

    private void Persist(Ready ready)
    {
        if (ready.HardState is { } hard)
        {
            disk.SetHardState(hard);
        }

        disk.Append(ready.Entries);
    }

    private void TakeReads(IReadOnlyList<ReadState> confirmed)
    {
        reads.AddRange(confirmed);
        foreach (var read in reads.Where(r => r.Index <= Core!.Applied).ToList())
        {
            reads.Remove(read);
            OnRead(read.Context);
        }
    }

    private void Send(IReadOnlyList<RaftMessage> messages)
    {
        foreach (var message in messages)
        {
            world.Carry(node.Id, message.To, to => to.Replica(group).Core!.Step(message, world.Now));
        }
    }
}
