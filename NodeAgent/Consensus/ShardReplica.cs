using System.Buffers;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Failpoints;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Routing;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Consensus;

/// <summary>
/// A shard's replica on this node. Applying runs on the loop's thread, under the locks of the segments that an entry names; what
/// <see cref="IShardReplica"/> offers may be called from any thread.
/// </summary>
internal sealed partial class ShardReplica : GroupReplica, IShardReplica
{
    private readonly RaftLoop loop;
    private readonly ShardServices services;
    private readonly ShardMachine machine;
    private readonly CheckpointRound checkpoints;
    private readonly List<SegmentReplica> locked = [];
    private readonly EntrySlab slab = new();
    private readonly Lock[] gates;
    private readonly ArrayBufferWriter<byte> reply = new(4096);
    private ulong servingTerm;

    // A timestamp, so that a read compares what the clock says and converts nothing.
    private long leaseEnd;
    private long leaseMs;
    private long freshUntil;
    private ulong leader;
    private long lastStampMs;

    /// <param name="machine">Restored from its checkpoints.</param>
    /// <param name="core">At the applied index of the machine.</param>
    /// <param name="log">The persisted log.</param>
    /// <param name="record">The group record as of the log's snapshot mark.</param>
    /// <param name="loop">The loop that owns this replica.</param>
    /// <param name="services">What all shards of the node share.</param>
    public ShardReplica(ShardMachine machine, RaftCore core, GroupLog log, ReadOnlyMemory<byte> record, RaftLoop loop, ShardServices services)
        : base(GroupId.Of(machine.Shard), core, log, services.Options)
    {
        this.loop = loop;
        this.services = services;
        this.machine = machine;
        this.record = record;
        gates = [.. machine.Segments.Select(_ => new Lock())];
        checkpoints = new CheckpointRound(this, loop, services);
    }

    /// <inheritdoc/>
    public ShardId Shard => machine.Shard;

    /// <summary>The replicated state. On the loop's thread; segments under their locks.</summary>
    public ShardMachine Machine => machine;

    /// <inheritdoc/>
    public NodeId Leader => new(Volatile.Read(ref leader));

    /// <inheritdoc/>
    public ulong ServingTerm => Volatile.Read(ref servingTerm);

    /// <inheritdoc/>
    public long GroupTimeMs => machine.GroupTimeMs;

    /// <inheritdoc/>
    public bool FreshFollower => loop.Now < Volatile.Read(ref freshUntil);

    /// <summary>Does what a leader owes to migrations; null on replicas of a node without them.</summary>
    public IShardLeading? Leading { get; set; }

    /// <summary>Takes part in comparisons of replicas; null until it is attached.</summary>
    public IShardChecking? Checking { get; set; }

    /// <inheritdoc/>
    public bool HoldsLease(ulong term, long timestamp) => term != 0 && Volatile.Read(ref servingTerm) == term && timestamp < Volatile.Read(ref leaseEnd);

    /// <inheritdoc/>
    public SegmentReplica Segment(SegmentId segment) => machine.Segment(segment);

    /// <inheritdoc/>
    public Lock Gate(SegmentId segment) => gates[segment.Value];

    /// <inheritdoc/>
    public void ConfirmLeadership(ulong term, Action<bool> done) => loop.Post(() => Confirm(term, loop.Now, ok => done(ok && IsServing && Core.Term == term)));

    /// <inheritdoc/>
    public void Propose(SegmentId segment, ReadOnlyMemory<byte> command, bool mayAddData, IProposalWaiter waiter) =>
        Propose(ShardEntryKind.Command, segment, command, mayAddData, waiter);

    /// <inheritdoc/>
    public void ProposeFlush(IReadOnlyList<SegmentId> segments, IProposalWaiter waiter) => Propose(ShardEntryKind.Flush, default, ShardEntryCodec.Flush(segments).AsMemory(ShardEntryCodec.HeadBytes), false, waiter);

    /// <inheritdoc/>
    public void ProposeExpire(SegmentId segment, ReadOnlyMemory<byte> key, IProposalWaiter waiter) =>
        Propose(ShardEntryKind.Expire, segment, key, false, waiter);

    /// <summary>Gives an entry the leader's time: never before one that is in the log. On the loop's thread.</summary>
    public void Stamp(Span<byte> entry)
    {
        lastStampMs = Math.Max(Math.Max(lastStampMs, machine.GroupTimeMs), services.Time.GetUtcNow().ToUnixTimeMilliseconds());
        ShardEntryCodec.RaiseTime(entry, lastStampMs);
    }

    /// <summary>Makes the entry of a client's write and proposes it. On the loop's thread.</summary>
    public bool TryPropose(ShardEntryKind kind, SegmentId segment, ReadOnlySpan<byte> body, ShardProposal proposal)
    {
        var entry = slab.Take(ShardEntryCodec.HeadBytes + body.Length);
        ShardEntryCodec.Write(entry.Span, kind, segment, body);
        Stamp(entry.Span);
        return TryPropose(entry, proposal);
    }

    /// <summary>Proposes an entry of a migration; nobody waits, its application is seen by <see cref="Leading"/>. On the loop's thread.</summary>
    public bool TryProposeControl(byte[] entry)
    {
        Stamp(entry);
        return TryPropose(entry, null);
    }

    /// <inheritdoc/>
    public override void OnTick(long now)
    {
        ExpireActively();
        MaybeReturnLeadership(now);
        checkpoints.Tick();
    }

    /// <inheritdoc/>
    protected override void Expect(in Entry entry) => machine.Expect(entry);

    /// <inheritdoc/>
    protected override void Apply(in Entry entry, IEntryWaiter? waiter)
    {
        locked.Clear();
        machine.SegmentsOf(entry, locked);
        var proposal = waiter as ShardProposal;
        reply.ResetWrittenCount();
        var began = proposal is null ? services.Time.GetTimestamp() : 0;
        var result = ApplyLocked(entry, proposal, 0);
        if (proposal is null && locked.Count == 1 && result.Outcome != ApplyOutcome.Nothing)
        {
            services.Load.Followed(result.Segment, services.Time.GetTimestamp() - began);
        }

        proposal?.Applied(result.Outcome == ApplyOutcome.Applied, reply);
        if (result.StateChanged)
        {
            Failpoint.Hit("segment.", result.Kind.ToString());
            services.Knowledge.SignalChange();
        }

        Leading?.OnApplied(entry, result);
        Checking?.OnApplied(entry, result);
    }

    /// <inheritdoc/>
    protected override void OnStepped(long now)
    {
        var serving = IsServing ? Core.Term : 0;
        var known = KnownLeader;
        var changed = serving != servingTerm || known != leader;
        if (serving == 0)
        {
            Volatile.Write(ref servingTerm, 0);
        }

        if (serving == 0)
        {
            Volatile.Write(ref leaseEnd, long.MinValue);
        }
        else if (leaseEnd == long.MinValue || leaseMs != Core.LeaseUntil)
        {
            leaseMs = Core.LeaseUntil;
            Volatile.Write(ref leaseEnd, loop.TimestampAt(leaseMs));
        }

        Volatile.Write(ref servingTerm, serving);
        Volatile.Write(ref leader, known);
        Volatile.Write(ref freshUntil, Core.HeardAt is { } heard && Applied >= Core.HeardCommit ? heard + services.Options.FollowerStalenessMs : 0);
        if (changed)
        {
            Leading?.OnTerm(serving, now);
            Checking?.OnTerm(serving, now);
            services.Knowledge.SignalChange();
        }

        Leading?.OnStepped(now);
        Checking?.OnStepped(now);
    }

    private void Propose(ShardEntryKind kind, SegmentId segment, ReadOnlyMemory<byte> body, bool mayAddData, IProposalWaiter waiter)
    {
        if (ServingTerm == 0)
        {
            waiter.Complete(ProposalOutcome.NotLeader, default);
        }
        else if (services.Writer.IsDiskFull)
        {
            waiter.Complete(ProposalOutcome.StorageFailed, default);
        }
        else if (mayAddData && services.MaxMemoryBytes > 0 && NativeArena.Shared.BytesInUse > services.MaxMemoryBytes)
        {
            waiter.Complete(ProposalOutcome.OutOfMemory, default);
        }
        else
        {
            loop.Propose(new ShardProposal(this, kind, segment, body, waiter));
        }
    }

    private ApplyResult ApplyLocked(in Entry entry, ShardProposal? proposal, int next)
    {
        if (next == locked.Count)
        {
            return machine.Apply(entry, proposal?.Protocol ?? 2, proposal is null ? null : reply);
        }

        lock (Gate(locked[next].Id))
        {
            return ApplyLocked(entry, proposal, next + 1);
        }
    }

    private void MaybeReturnLeadership(long now)
    {
        if (servingTerm == 0 || now < nextReturnCheck)
        {
            return;
        }

        nextReturnCheck = now + services.Options.ReturnLeadershipMs;
        var preferred = services.Knowledge.Map.Find(Shard)?.PreferredLeader ?? default;
        if (Checking is { IsBusy: true } || preferred.IsNone || preferred.Value == Core.Id || !services.Knowledge.IsAlive(preferred) || Core.TransferTarget != 0)
        {
            return;
        }

        var peer = Core.Status().Peers.FirstOrDefault(p => p.Id == preferred.Value);
        if (peer is { RecentlyActive: true } && peer.Match + services.Options.ReturnLeadershipLag >= Core.LastIndex)
        {
            Core.TransferLeadership(preferred.Value, now);
        }
    }

    private long nextReturnCheck;
}
