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
    private readonly Dictionary<SegmentId, SimCommand> unapplied = [];
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
                throw new SimulationFailedException(Invariant.CoreCheck, $"The checkpoint of segment {segment} of {shard} cannot be read back.");
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
        ForgetChecks();
        unapplied.Clear();
        base.Crash();
    }

    public override bool TryClose()
    {
        var data = checkpoints.ToList();
        checkpoints.Clear();
        if (base.TryClose())
        {
            return true;
        }

        data.ForEach(c => checkpoints.Add(c.Key, c.Value));
        return false;
    }

    protected override void OnWiped() => checkpoints.Clear();

    protected override void OnSnapshot(SnapshotMark mark) => Machine!.RestoreGroup(mark.Index, 0);

    protected override void OnRead(ulong context) => Carrier.OnRead(context);

    public void OnMessage(ShardMessage message) => Leader?.OnMessage(message, World.NowMicros);

    /// <summary>Proposes with the leader's time, which never goes back.</summary>
    public bool ProposeTimed(byte[] entry, Action<bool?>? done = null)
    {
        lastTimeMs = Math.Max(Math.Max(lastTimeMs, Node.UnixMs), Machine!.GroupTimeMs);
        var head = ShardEntryCodec.Head(entry);
        if (head.Kind == ShardEntryKind.Activate && World.Options.Planted.HasFlag(Planted.ReuseAnEpoch))
        {
            entry = ShardEntryCodec.Activate(head.Segment, ShardEntryCodec.Control(entry).Migration, 1, head.TimeMs);
        }

        if (head.Kind == ShardEntryKind.Command)
        {
            unapplied[head.Segment] = SimCommand.Decode(ShardEntryCodec.Body(entry));
        }

        ShardEntryCodec.RaiseTime(entry, lastTimeMs);
        return Propose(entry, done);
    }

    protected override void Apply(in Entry entry, out bool refused)
    {
        var result = Machine!.Apply(AsHere(entry), 2, null);
        refused = result.Outcome != ApplyOutcome.Applied;
        Leader?.OnApplied(result, World.NowMicros);
        OnAppliedForChecks(entry, result);
        if (result.Kind != 0 && !World.Options.Corrupts)
        {
            World.Reference.CompareAtEqualIndex(Machine, result.Segment);
        }

        if (result.Kind == ShardEntryKind.Command)
        {
            unapplied.Remove(result.Segment);
        }

        if (World.Random.Next(12) == 0)
        {
            Checkpoint();
        }
    }

    protected override void OnStep()
    {
        Carrier.Step();
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
            Node.Route(AsSent(message));
        }

        if (work.Alarms.Count > 0)
        {
            throw new SimulationFailedException(Invariant.Alarm, work.Alarms[0]);
        }
    }

    /// <summary>The entry as this replica applies it.</summary>
    private Entry AsHere(in Entry entry)
    {
        if (!World.Options.Planted.HasFlag(Planted.ExpireByOwnClock) || entry.Kind != EntryKind.Normal || entry.Data.IsEmpty
            || ShardEntryCodec.Head(entry.Data.Span).Kind != ShardEntryKind.Expire)
        {
            return entry;
        }

        var data = entry.Data.ToArray();
        System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(1), Node.UnixMs);
        return entry with { Data = data };
    }

    /// <summary>The message as this source sends it.</summary>
    private ShardMessage AsSent(ShardMessage message)
    {
        if (message.Body is not StreamData { Message: StreamEffects effects } data)
        {
            return message;
        }

        if (World.Options.Planted.HasFlag(Planted.StreamEffectsLost) && World.Random.Next(4) == 0)
        {
            return message with { Body = data with { Message = effects with { Effects = default } } };
        }

        if (!World.Options.Planted.HasFlag(Planted.ForwardBeforeCommit) || !unapplied.TryGetValue(data.Segment, out var proposed))
        {
            return message;
        }

        var ahead = new System.Buffers.ArrayBufferWriter<byte>();
        System.Buffers.BuffersExtensions.Write(ahead, effects.Effects.Span);
        EffectCodec.Set(ahead, System.Text.Encoding.UTF8.GetBytes(proposed.Key), new StoredValue(ValueKind.String, System.Text.Encoding.UTF8.GetBytes(proposed.Attempt), 0));
        return message with { Body = data with { Message = effects with { Effects = ahead.WrittenMemory } } };
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

        // Also made while the log is replayed, where the segment may stand later than the machine: named as of the machine's index, a crash made it take entries twice.
        var index = Machine.CheckpointIndex(segment);
        checkpoints[segment.Id] = (SegmentStateCodec.Encode(segment), data, index);
        Machine.Checkpointed(segment.Id, index);
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
