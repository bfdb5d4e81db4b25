using System.Buffers;
using ShardConsole.NodeAgent.Migration.Core;
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
    private int life;

    public SimNode(World world, ulong id)
    {
        this.world = world;
        Id = id;
        Meta = new SimMeta(world, this);
        Shards = [.. world.Genesis.Map.Shards.Select(s => new SimShard(world, this, s.Id))];
        Start();
    }

    public ulong Id { get; }
    public SimMeta Meta { get; }
    public SimShard[] Shards { get; }
    public bool IsUp { get; private set; }
    public CopyBudget Budget { get; private set; } = new(1, 0);

    public SimReplica Replica(GroupId group) => group == GroupId.Meta ? Meta : Shards[group.Value - 1];

    public void Start()
    {
        if (IsUp)
        {
            return;
        }

        IsUp = true;
        life++;
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
        Meta.Crash();
        foreach (var shard in Shards)
        {
            shard.Crash();
        }
    }

    public void Step()
    {
        if (!IsUp)
        {
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
        var leader = Replica(message.To).Core!.Leader;
        if (leader == 0)
        {
            return;
        }

        var wire = new ArrayBufferWriter<byte>();
        MigrationMessageCodec.Write(wire, message);
        var read = MigrationMessageCodec.Read(wire.WrittenMemory) ?? throw new SimulationFailedException($"A {message.Body.GetType().Name} does not survive its codec.");
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

    /// <summary>A client's write or (value null) read. The answer comes once, or never.</summary>
    public void Serve(string key, SegmentId segment, bool isWrite, string? value, Action<Answered, string?> answer)
    {
        var replica = Array.Find(Shards, s => s.Serves && Served(s.Machine!.Segment(segment)));
        if (replica is null)
        {
            answer(Answered.NotExecuted, null);
            return;
        }

        if (isWrite)
        {
            var entry = ShardEntryCodec.Command(segment, System.Text.Encoding.UTF8.GetBytes($"{key}={value}"));
            var taken = replica.ProposeTimed(entry, done => answer(done switch { true => Answered.Done, false => Answered.NotExecuted, null => Answered.Unknown }, null));
            if (!taken)
            {
                answer(Answered.NotExecuted, null);
            }

            return;
        }

        // Take the value, then check that lease, term and epoch are those of the moment when it was taken, then reply.
        var state = replica.Machine!.Segment(segment);
        var (seen, term, epoch, lived) = (SimExecutor.Look(state, key), replica.Core!.Term, state.Epoch, life);
        world.After(world.Random.Next(0, 3), () =>
        {
            var good = IsUp && life == lived && replica.HoldsLease && replica.Core!.Term == term && replica.Serves && Served(state) && state.Epoch == epoch;
            answer(good || (world.Options.Planted.HasFlag(Planted.ReadWithoutLease) && IsUp && life == lived) ? Answered.Done : Answered.NotExecuted, seen);
        });
    }

    private bool Served(SegmentReplica segment) => segment.State == SegmentState.Owned
        || (world.Options.Planted.HasFlag(Planted.ReadWhileFrozen) && segment.State is SegmentState.Frozen or SegmentState.Retained)
        || (world.Options.Planted.HasFlag(Planted.ApplyAfterFreeze) && segment.State == SegmentState.Frozen);
}
