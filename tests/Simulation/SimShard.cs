using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Simulation;

/// <summary>A replica of a shard's group, with its checkpoints: each segment's at an index of its own.</summary>
internal sealed partial class SimShard(World world, SimNode node, ShardId shard) : SimReplica(world, node, GroupId.Of(shard))
{
    private readonly Dictionary<SegmentId, (byte[] State, byte[]? Data, ulong Index)> checkpoints = [];
    private readonly Dictionary<SegmentId, long> frozenSince = [];
    private ulong leaderTerm;
    private long lastTimeMs;

    public ShardId Shard => shard;

    public ShardMachine? Machine { get; private set; }

    public ShardLeaderCore? Leader { get; private set; }

    public override void Start()
    {
        Leader = null;
        Machine = World.NewMachine(World.Options, World.Genesis, shard);
        foreach (var (segment, (state, data, index)) in checkpoints)
        {
            SegmentTable? table = null;
            if (data is not null)
            {
                table = new SegmentTable(splitBytes: 256);
                EffectCodec.Apply(data, table, new ImportCursor(0, 1, 1, []));
            }

            if (!Machine.TryRestore(segment, state, table, index))
            {
                throw new SimulationFailedException($"The checkpoint of segment {segment} of {shard} cannot be read back.");
            }
        }

        if (World.Options.Replaces)
        {
            Machine.RestoreGroup(Mark.Index, 0);
        }

        base.Start();
    }

    public override void Crash()
    {
        Leader = null;
        replicas = null;
        ForgetChecks();
        base.Crash();
    }

    public void OnMessage(ShardMessage message) => Leader?.OnMessage(message, World.NowMicros);

    /// <summary>Proposes with the leader's time, which never goes back.</summary>
    public bool ProposeTimed(byte[] entry, Action<bool?>? done = null)
    {
        lastTimeMs = Math.Max(Math.Max(lastTimeMs, Node.UnixMs), Machine!.GroupTimeMs);
        ShardEntryCodec.RaiseTime(entry, lastTimeMs);
        return Propose(entry, done);
    }

    protected override void Apply(in Entry entry, out bool refused)
    {
        var result = Machine!.Apply(entry, 2, null);
        refused = result.Outcome != ApplyOutcome.Applied;
        Leader?.OnApplied(result, World.NowMicros);
        OnAppliedForChecks(entry, result);
        if (World.Random.Next(12) == 0)
        {
            Checkpoint();
        }
    }

    protected override void OnStep()
    {
        CarryReplicas();
        CarryChecks();
        if (Leader is not null && (!Serves || leaderTerm != Core!.Term))
        {
            Leader.Leave();
            Leader = null;
        }

        if (!Serves)
        {
            return;
        }

        if (Leader is null)
        {
            leaderTerm = Core!.Term;
            Leader = new ShardLeaderCore(Machine!, leaderTerm, World.Options.Migration, Node.Budget, World.NowMicros);
        }

        if (World.Now % 20 == 0)
        {
            Leader.Tick(World.NowMicros);
            PlantedProposals();
        }

        var work = Leader.TakeWork(World.NowMicros);
        foreach (var entry in work.Proposals)
        {
            ProposeTimed(entry);
        }

        foreach (var message in work.Messages)
        {
            Node.Route(message);
        }

        if (work.Alarms.Count > 0)
        {
            throw new SimulationFailedException(work.Alarms[0]);
        }
    }

    private void Checkpoint()
    {
        var segment = Machine!.Segment(World.Keys[World.Random.Next(World.Keys.Length)].Segment);
        byte[]? data = null;
        if (segment.Table is { } table)
        {
            var bytes = new System.Buffers.ArrayBufferWriter<byte>();
            table.VisitBucket(0, 1, (ReadOnlySpan<byte> key, in StoredValue value) =>
            {
                EffectCodec.Set(bytes, key, value);
                return true;
            });
            data = bytes.WrittenSpan.ToArray();
        }

        checkpoints[segment.Id] = (SegmentStateCodec.Encode(segment), data, Machine.AppliedIndex);
        Machine.Checkpointed(segment.Id, Machine.AppliedIndex);
    }

    private void PlantedProposals()
    {
        var planted = World.Options.Planted;
        foreach (var segment in Machine!.Segments.Where(s => s.Migration != 0))
        {
            var since = frozenSince.TryGetValue(segment.Id, out var at) && segment.State == SegmentState.Frozen ? at : frozenSince[segment.Id] = World.Now;
            if (planted.HasFlag(Planted.UnfreezeByTimer) && segment.State == SegmentState.Frozen && World.Now - since >= 20)
            {
                ProposeTimed(ShardEntryCodec.Unfreeze(segment.Id, segment.Migration));
            }

            if (planted.HasFlag(Planted.ActivateWithoutCommit) && segment.Ready)
            {
                ProposeTimed(ShardEntryCodec.Activate(segment.Id, segment.Migration, segment.Migration, 0));
            }

            if (planted.HasFlag(Planted.DropByLocalDecision) && segment.Ready && Node.Meta.Machine.State.Map.OwnerOf(segment.Id) != shard)
            {
                ProposeTimed(ShardEntryCodec.Drop(segment.Id, segment.State, segment.Migration));
            }
        }
    }
}
