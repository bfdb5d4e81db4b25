using ShardConsole.NodeAgent.Commands;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Resp;
using ShardConsole.NodeAgent.Routing;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Routing;

/// <summary>A replica without a log: it applies a proposal at once, or keeps it until the test decides.</summary>
internal sealed class FakeReplica : IShardReplica
{
    private readonly CommandExecutor executor = new(CommandTable.Default);
    private readonly SegmentReplica[] segments;
    private readonly Lock[] gates;
    private readonly TimeProvider clock;

    public FakeReplica(ShardId shard, int segmentCount, TimeProvider clock)
    {
        Shard = shard;
        this.clock = clock;
        gates = [.. Enumerable.Range(0, segmentCount).Select(_ => new Lock())];
        segments = [.. Enumerable.Range(0, segmentCount).Select(i => new SegmentReplica(new SegmentId((ushort)i)))];
    }

    public sealed record Proposal(SegmentId Segment, byte[] Command, IProposalWaiter Waiter);

    public ShardId Shard { get; }

    public NodeId Leader { get; set; }

    public ulong ServingTerm { get; set; } = 1;

    public long GroupTimeMs { get; set; }

    public bool Lease { get; set; } = true;

    public bool FreshFollower { get; set; }

    /// <summary>Whether a proposal waits for <see cref="Apply"/>.</summary>
    public bool Keeps { get; set; }

    /// <summary>What is answered without applying; null: it is applied where the segment is Owned.</summary>
    public ProposalOutcome? Refuses { get; set; }

    public List<Proposal> Kept { get; } = [];

    public int Confirmations { get; private set; }

    public bool ConfirmsWith { get; set; } = true;

    public List<byte[]> ExpireProposals { get; } = [];

    /// <summary>Called with the number of kept proposals whenever one is kept.</summary>
    public Action<int>? OnKept { get; set; }

    public bool HoldsLease(ulong term, long timestamp) => Lease && term == ServingTerm;

    public SegmentReplica Segment(SegmentId segment) => segments[segment.Value];

    /// <summary>Makes segments Owned, with a table.</summary>
    public FakeReplica Own(params IEnumerable<int> numbers)
    {
        foreach (var number in numbers)
        {
            segments[number].State = SegmentState.Owned;
            segments[number].Table ??= new SegmentTable();
        }

        return this;
    }

    public Lock Gate(SegmentId segment) => gates[segment.Value];

    public void ConfirmLeadership(ulong term, Action<bool> done)
    {
        Confirmations++;
        done(ConfirmsWith);
    }

    public void Propose(SegmentId segment, ReadOnlyMemory<byte> command, bool mayAddData, IProposalWaiter waiter)
    {
        var proposal = new Proposal(segment, command.ToArray(), waiter);
        if (Keeps)
        {
            lock (Kept)
            {
                Kept.Add(proposal);
                OnKept?.Invoke(Kept.Count);
            }

            return;
        }

        Apply(proposal);
    }

    public void Apply(Proposal proposal)
    {
        var segment = Segment(proposal.Segment);
        var reply = new ReplyBuffer();
        var outcome = Refuses ?? ProposalOutcome.Applied;
        lock (Gate(segment.Id))
        {
            if (outcome == ProposalOutcome.Applied && segment.State != SegmentState.Owned)
            {
                outcome = ProposalOutcome.NotOwned;
            }

            if (outcome == ProposalOutcome.Applied)
            {
                executor.Execute(proposal.Command, segment.Table!, Now(), proposal.Waiter.Protocol, reply);
            }
        }

        proposal.Waiter.Complete(outcome, reply.Written);
    }

    public void ProposeFlush(IReadOnlyList<SegmentId> segments, IProposalWaiter waiter)
    {
        foreach (var segment in segments.Select(Segment))
        {
            lock (Gate(segment.Id))
            {
                segment.Table!.Clear();
            }
        }

        waiter.Complete(ProposalOutcome.Applied, default);
    }

    public void ProposeExpire(SegmentId segment, ReadOnlyMemory<byte> key, IProposalWaiter waiter)
    {
        ExpireProposals.Add(key.ToArray());
        if (Refuses is null)
        {
            var held = Segment(segment);
            lock (Gate(held.Id))
            {
                if (held.Table!.TryGet(key.Span, out var value) && value.ExpiresAtMs != 0 && value.ExpiresAtMs <= Now())
                {
                    held.Table.Remove(key.Span);
                }
            }
        }

        waiter.Complete(Refuses ?? ProposalOutcome.Applied, "$-1\r\n"u8);
    }

    private long Now() => Math.Max(GroupTimeMs, clock.GetUtcNow().ToUnixTimeMilliseconds());
}
