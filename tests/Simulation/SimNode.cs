using System.Buffers;
using ShardConsole.NodeAgent.AntiEntropy.Core;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Simulation;

/// <summary>How a node answered a client.</summary>
internal enum Answered
{
    Done,
    NotExecuted,
    Unknown,
}

/// <summary>A node: a replica of M and one of each shard.</summary>
internal sealed class SimNode
{
    private readonly World world;
    private readonly double clockRate;
    private int life;
    private long pausedMs;
    private long pausedUntil;

    public SimNode(World world, ulong id)
    {
        this.world = world;
        Id = id;
        clockRate = world.Options.Clocks ? 0.96 + (world.Random.Next(81) / 1000.0) : 1;
        Level = world.Options.Upgrades && id <= (ulong)world.Options.Nodes ? 1 + (int)((id + (ulong)world.Options.Seed) % MetaCommand.NewestLevel) : MetaCommand.NewestLevel;
        Meta = new SimMeta(world, this);
        Shards = [.. world.ShardIds.Select(s => new SimShard(world, this, s))];
        Start();
    }

    public ulong Id { get; }
    public SimMeta Meta { get; }
    public SimShard[] Shards { get; }
    public bool IsUp { get; private set; }

    /// <summary>Kinds of M's commands that its version reads: those up to this level.</summary>
    public int Level { get; private set; }

    /// <summary>Its folder was wiped: nothing of it ever comes back.</summary>
    public bool IsGone { get; private set; }

    /// <summary>The disk that all its groups share.</summary>
    public SimDisk Disk { get; } = new();

    /// <summary>How far its wall clock is off.</summary>
    public long WallOffsetMs { get; set; }

    /// <summary>Its clock that never goes back and goes on while it is paused, in milliseconds.</summary>
    public long Clock => (long)(world.Now * clockRate);

    /// <summary>The same without the time during which it was paused.</summary>
    public long ClockWithoutPauses => Clock - pausedMs;

    /// <summary>Virtual Unix milliseconds as it believes them to be.</summary>
    public long UnixMs => world.UnixMs + WallOffsetMs;
    public CopyBudget Budget { get; private set; } = new(1, 0);

    public SimReplica Replica(GroupId group) => group == GroupId.Meta ? Meta : Shards[group.Value - 1];

    public void Start()
    {
        if (IsUp || IsGone)
        {
            return;
        }

        IsUp = true;
        life++;
        world.Note(EventKind.Start, Id);
        Budget = new CopyBudget(1_000_000, world.NowMicros);
        Meta.Start();
        foreach (var shard in Shards)
        {
            shard.Start();
        }
    }

    public void Crash()
    {
        IsUp = false;
        world.Note(EventKind.Crash, Id);
        LeaveWritesUnfinished();
        Meta.Crash();
        foreach (var shard in Shards)
        {
            shard.Crash();
        }
    }

    /// <summary>The next start is of the newest version.</summary>
    public void Upgrade() => Level = MetaCommand.NewestLevel;

    /// <summary>The connection from another node has ended.</summary>
    public void Suspect(ulong other) => WhenRunning(() =>
    {
        foreach (var replica in Shards.Prepend<SimReplica>(Meta))
        {
            replica.Core?.SuspectLeader(other);
        }
    });

    /// <summary>Loses its folder, and with it its name.</summary>
    public void Wipe()
    {
        if (IsUp)
        {
            Crash();
        }

        IsGone = true;
    }

    /// <summary>Stands still for a while: it does nothing, and what comes in waits.</summary>
    public void Pause(int ms)
    {
        if (world.Now >= pausedUntil)
        {
            pausedUntil = world.Now + ms;
            pausedMs += ms;
        }
    }

    /// <summary>No more faults.</summary>
    public void Heal()
    {
        pausedUntil = 0;
        WallOffsetMs = 0;
        Disk.Heal();
    }

    /// <summary>Does it now, or when the pause is over; not at all where the process ended meanwhile.</summary>
    public void WhenRunning(Action action)
    {
        if (world.Now >= pausedUntil)
        {
            action();
            return;
        }

        var lived = life;
        world.After(pausedUntil - world.Now, () =>
        {
            if (IsUp && life == lived)
            {
                WhenRunning(action);
            }
        });
    }

    public void Step()
    {
        if (!IsUp || world.Now < pausedUntil)
        {
            return;
        }

        if (Disk.TakeFailure(world.Now))
        {
            // An fsync failed: what it should have made safe is lost, and the process ends rather than to go on with a disk that forgets.
            Crash();
            world.After(world.Random.Next(50, 800), Start);
            return;
        }

        Meta.Step();
        foreach (var shard in Shards)
        {
            shard.Step();
        }
    }

    /// <summary>Brings a message to the leader of its group, as far as this node knows it; through the codec, as on the wire.</summary>
    public void Route(ShardMessage message)
    {
        var known = Replica(message.To).Core!;
        var leader = !world.Options.Replaces || known.Configuration.Contains(Id) ? known.Leader : 0;
        leader = leader == 0 && world.Options.Replaces ? world.LeaderOf(message.To) : leader;
        if (leader == 0)
        {
            return;
        }

        var wire = new ArrayBufferWriter<byte>();
        MigrationMessageCodec.Write(wire, message);
        var read = MigrationMessageCodec.Read(wire.WrittenMemory) ?? throw new SimulationFailedException(Invariant.CoreCheck, $"A {message.Body.GetType().Name} does not survive its codec.");
        world.Carry(Id, leader, to =>
        {
            if (message.To == GroupId.Meta)
            {
                to.Meta.OnMessage(read);
            }
            else
            {
                to.Shards[message.To.Value - 1].OnMessage(read);
            }
        });
    }

    /// <summary>Brings a message about replicas to a node; through the codec, as on the wire. To nobody (0) it is lost.</summary>
    public void Send(ulong to, ReplicaMessage message)
    {
        if (to == 0)
        {
            return;
        }

        var read = ReplicaMessage.Decode(message.Encode()) ?? throw new SimulationFailedException(Invariant.CoreCheck, $"A {message.GetType().Name} does not survive its codec.");
        world.Carry(Id, to, node => node.Receive(Id, read));
        if (message is OpenReplica or BearShard)
        {
            world.CarryLate(to, node => node.Receive(Id, read));
        }
    }

    /// <summary>Brings a message about comparisons to a node; through the codec, as on the wire.</summary>
    public void Send(ulong to, AntiEntropyMessage message)
    {
        var read = AntiEntropyMessage.Decode(message.Encode()) ?? throw new SimulationFailedException(Invariant.CoreCheck, $"A {message.GetType().Name} does not survive its codec.");
        world.Carry(Id, to, node => node.Shards[message.Group.Value - 1].OnCheckMessage(Id, read));
    }

    private void Receive(ulong from, ReplicaMessage message)
    {
        switch (message)
        {
            case AskOrder or AskExists or ShardBorn or ReplicasReport or ReplicaDamaged or SaysLevel: Meta.OnReplica(from, message); break;
            case OpenReplica m when Replica(m.Group).Open(m, from): Send(from, new ReplicaOpened(m.Group, m.Change)); break;
            case BearShard m when Replica(m.Group).Bear(m): Send(from, new ShardBorn(m.Group, m.Birth)); break;
            case ShardGone m when Replica(m.Group).OpenedBy == m.OpenedBy: _ = Replica(m.Group).TryClose(); break;
            case NotKept m when Replica(m.Group).OpenedBy == m.OpenedBy: _ = Replica(m.Group).TryClose(); break;
            default: Replica(message.Group).Carrier.OnMessage(from, message); break;
        }
    }

    /// <summary>
    /// The transactions under way go to one file, in the order in which they were begun: some are whole, the next one is torn, and recovery takes neither it nor what follows.
    /// </summary>
    private void LeaveWritesUnfinished()
    {
        var begun = Shards.Append<SimReplica>(Meta).Where(r => r.WriteNumber != 0).OrderBy(r => r.WriteNumber).ToList();
        var whole = world.Random.Next(begun.Count + 1);
        for (var i = 0; i < begun.Count; i++)
        {
            begun[i].LeaveWrite(i < whole ? WriteLeft.Whole : i == whole ? WriteLeft.Torn : WriteLeft.Nothing);
        }
    }

    /// <summary>A client's write or read. The answer comes once, or never.</summary>
    public void Serve(SimCommand command, SegmentId segment, bool isWrite, Action<Answered, string?> answer)
    {
        Serve(command.Key, command, segment, isWrite, (answered, read) =>
        {
            if (isWrite && answered == Answered.NotExecuted)
            {
                world.Ledger.OnDenied(command.Attempt);
            }
            else if (isWrite && answered == Answered.Done)
            {
                world.Ledger.OnDone(command.Key, command.Attempt);
            }

            answer(answered, read);
        });
    }

    private void Serve(string key, SimCommand command, SegmentId segment, bool isWrite, Action<Answered, string?> answer)
    {
        var anyRole = world.Options.Planted.HasFlag(Planted.FollowerReads) && !isWrite;
        var replica = Array.Find(Shards, s => (s.Serves || anyRole) && Served(s.Machine!.Segment(segment)));
        if (replica is null)
        {
            answer(Answered.NotExecuted, null);
            return;
        }

        if (isWrite)
        {
            if (replica.Holds(segment) || !replica.ProposeTimed(ShardEntryCodec.Command(segment, command.Encode()), done => answer(Outcome(done), null)))
            {
                answer(Answered.NotExecuted, null);
            }
            else if (world.Options.Planted.HasFlag(Planted.AckBeforeCommit))
            {
                answer(Answered.Done, null);
            }

            return;
        }

        // Take the value, then check that lease, term and epoch are those of the moment when it was taken, then reply.
        var state = replica.Machine!.Segment(segment);
        var (seen, term, epoch, lived) = (SimExecutor.Look(state, key), replica.Core!.Term, state.Epoch, life);
        world.After(world.Random.Next(0, 3), () => WhenRunning(() =>
        {
            var good = anyRole || IsUp && life == lived && replica.HoldsLease && replica.Core!.Term == term && replica.Serves && Served(state) && state.Epoch == epoch;
            answer(good || (world.Options.Planted.HasFlag(Planted.ReadWithoutLease) && IsUp && life == lived) ? Answered.Done : Answered.NotExecuted, seen);
        }));
    }

    private Answered Outcome(bool? done) => done switch
    {
        true => Answered.Done,
        false => world.Options.Planted.HasFlag(Planted.AckRefused) ? Answered.Done : Answered.NotExecuted,
        null => world.Options.Planted.HasFlag(Planted.UnknownAsNotExecuted) ? Answered.NotExecuted : Answered.Unknown,
    };

    private bool Served(SegmentReplica segment) => segment.State == SegmentState.Owned
        || (world.Options.Planted.HasFlag(Planted.ReadWhileFrozen) && segment.State is SegmentState.Frozen or SegmentState.Retained)
        || (world.Options.Planted.HasFlag(Planted.ApplyAfterFreeze) && segment.State == SegmentState.Frozen);
}
