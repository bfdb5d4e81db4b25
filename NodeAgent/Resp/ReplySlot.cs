using System.Buffers;
using System.Text;
using ShardConsole.NodeAgent.Commands;
using ShardConsole.NodeAgent.Routing;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Resp;

/// <summary>What became of a slot's write so far.</summary>
internal enum SlotState : byte
{
    /// <summary>Proposed; the answer will come from the raft loop thread.</summary>
    Proposed,

    /// <summary>Answered; the reply can go out when it is its turn.</summary>
    Answered,

    /// <summary>Certainly not executed, because the segment or the leadership is elsewhere: to be routed again.</summary>
    Refused,
}

/// <summary>
/// The place of one write in the order of a connection's replies. Used again and again by its ring. All members are touched under the ring's gate or by the one
/// who drains it, except <see cref="Complete"/>.
/// </summary>
internal sealed class ReplySlot(ReplyRing ring, ClientServices services) : IProposalWaiter
{
    private const int KeptBytes = 512;

    private byte[] reply = new byte[32];
    private int replyLength;
    private bool isRented;

    public SlotState State { get; set; }

    public bool WasApplied { get; private set; }

    public byte[] Command { get; private set; } = [];

    public CommandSpec Spec { get; private set; } = null!;

    public SegmentId Segment { get; private set; }

    /// <summary>The hash slot of its keys.</summary>
    public int HashSlot { get; private set; }

    /// <summary>How often it was proposed.</summary>
    public int Proposals { get; set; }

    /// <summary>Whether the client wants no reply.</summary>
    public bool IsSilent { get; private set; }

    /// <inheritdoc/>
    public int Protocol { get; private set; }

    public ReadOnlySpan<byte> Reply => reply.AsSpan(0, replyLength);

    private int BytesIn { get; set; }

    private long StartedAt { get; set; }

    /// <summary>Processor time spent before it is proposed, clock ticks; set before it is.</summary>
    public long CpuTicks { get; set; }

    /// <summary>Takes a write that is about to be proposed.</summary>
    public void Begin(CommandSpec spec, byte[] command, SegmentId segment, int hashSlot, int protocol, bool isSilent, int bytesIn, long startedAt)
    {
        (Spec, Command, Segment, HashSlot, Protocol, IsSilent) = (spec, command, segment, hashSlot, protocol, isSilent);
        (BytesIn, StartedAt, CpuTicks, Proposals, replyLength) = (bytesIn, startedAt, 0, 1, 0);
        WasApplied = false;
        State = SlotState.Proposed;
    }

    /// <inheritdoc/>
    public void Complete(ProposalOutcome outcome, ReadOnlySpan<byte> reply)
    {
        var state = SlotState.Answered;
        if (outcome == ProposalOutcome.Applied)
        {
            WasApplied = true;
            Keep(reply);
            services.Load.Served(Segment, isWrite: true, BytesIn, reply.Length, CpuTicks, services.Clock.GetTimestamp() - StartedAt);
        }
        else if (Replies.Of(outcome) is { } error)
        {
            KeepError(error);
        }
        else
        {
            state = SlotState.Refused;
        }

        ring.OnCompleted(this, state);
    }

    /// <summary>Makes an error the reply.</summary>
    public void KeepError(string error)
    {
        Span<byte> text = stackalloc byte[512];
        text[0] = (byte)'-';
        var length = 1 + Encoding.UTF8.GetBytes(error.AsSpan(0, Math.Min(error.Length, 160)), text[1..]);
        text[length] = (byte)'\r';
        text[length + 1] = (byte)'\n';
        Keep(text[..(length + 2)]);
    }

    /// <summary>Forgets command and reply.</summary>
    public void Release()
    {
        Command = [];
        replyLength = 0;
        if (isRented)
        {
            ArrayPool<byte>.Shared.Return(reply);
            reply = new byte[32];
            isRented = false;
        }
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > reply.Length)
        {
            isRented = bytes.Length > KeptBytes;
            reply = isRented ? ArrayPool<byte>.Shared.Rent(bytes.Length) : new byte[KeptBytes];
        }

        bytes.CopyTo(reply);
        replyLength = bytes.Length;
    }
}
