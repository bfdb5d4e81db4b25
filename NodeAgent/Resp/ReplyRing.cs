using ShardConsole.NodeAgent.Commands;
using ShardConsole.NodeAgent.Routing;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Resp;

/// <summary>
/// The writes of one connection that are under way, in the order of their commands. The connection appends; the raft loop thread answers, in any order, and does no
/// more than mark the slot; the reply sender drains what stands answered at the head. While the ring is not idle the output is the drain's, and the connection
/// touches it only when <see cref="IsIdle"/> is true.
/// A write that was refused is routed again by the drain, once nothing of this connection is proposed any more, so that writes of one connection to one
/// segment never overtake each other.
/// </summary>
internal sealed class ReplyRing(ClientServices services, ReplyOutput output) : IDrained
{
    private readonly Lock gate = new();
    private readonly int capacity = services.Options.MaxOutstandingWrites;
    private readonly RingSignal signal = new();
    private ReplySlot[] slots = [];
    private int head;
    private int count;
    private int proposed;
    private int refused;
    private long commandBytes;
    private bool holdsLargeReply;
    private bool rerouting;
    private bool draining;

    /// <summary>Whether nothing is under way and the output is the connection's. Asked by the connection.</summary>
    public bool IsIdle
    {
        get
        {
            // Only the connection makes the ring busy, so an idle ring stays idle while it looks.
            lock (gate)
            {
                return count == 0 && !draining;
            }
        }
    }

    /// <summary>Whether another write can be appended. Asked by the connection.</summary>
    public bool HasRoom
    {
        get
        {
            lock (gate)
            {
                return HasRoom_NeedsGate();
            }
        }
    }

    /// <summary>A slot at the tail, for a write that is proposed right after this; null where there is no room.</summary>
    public ReplySlot? TryAppend(
        CommandSpec spec, byte[] command, bool repliesLarge, SegmentId segment, int hashSlot, ClientSession session, int bytesIn, long startedAt)
    {
        lock (gate)
        {
            if (!HasRoom_NeedsGate())
            {
                return null;
            }

            if (count == slots.Length)
            {
                Grow_NeedsGate();
            }

            var at = (head + count) % slots.Length;
            var slot = slots[at] ??= new ReplySlot(this, services);
            slot.Begin(spec, command, segment, hashSlot, session.Protocol, session.Replies != ReplyMode.On, bytesIn, startedAt);
            holdsLargeReply |= repliesLarge;
            commandBytes += command.Length;
            count++;
            proposed++;
            return slot;
        }
    }

    /// <summary>Completes when the ring is idle.</summary>
    public ValueTask WhenIdleAsync()
    {
        lock (gate)
        {
            return count == 0 && !draining ? ValueTask.CompletedTask : signal.Arm(wantsIdle: true);
        }
    }

    /// <summary>Completes when the ring has room or is idle.</summary>
    public ValueTask WhenRoomAsync()
    {
        lock (gate)
        {
            return HasRoom_NeedsGate() ? ValueTask.CompletedTask : signal.Arm(wantsIdle: false);
        }
    }

    /// <summary>From the raft loop thread: marks, and lets the reply sender do the rest.</summary>
    public void OnCompleted(ReplySlot slot, SlotState state)
    {
        bool wake;
        lock (gate)
        {
            slot.State = state;
            proposed--;
            refused += state == SlotState.Refused ? 1 : 0;
            wake = !draining && (slots[head].State == SlotState.Answered || (proposed == 0 && refused > 0));
            draining |= wake;
        }

        if (wake)
        {
            services.Sender.Post(this);
        }
    }

    /// <summary>Sends what stands answered at the head, until nothing does. By the reply sender, once per <see cref="ReplySender.Post"/>.</summary>
    public async Task DrainAsync()
    {
        while (true)
        {
            var (answered, mustReroute) = LookAndGather();
            if (answered > 0)
            {
                Remove(answered);
                await output.FlushAsync();
            }
            else if (mustReroute)
            {
                await RerouteAsync();
            }
            else if (TryRest())
            {
                return;
            }
        }
    }

    /// <summary>Copies the replies that stand answered at the head, and says how many; also whether what was refused is to be routed again.</summary>
    private (int Answered, bool MustReroute) LookAndGather()
    {
        ReplySlot[] ring;
        int first, answered, held;
        bool mustReroute;
        lock (gate)
        {
            (ring, first, held, answered) = (slots, head, count, 0);
            while (answered < held && ring[(first + answered) % ring.Length].State == SlotState.Answered)
            {
                answered++;
            }

            mustReroute = proposed == 0 && refused > 0;
        }

        // Answered slots are changed by nobody else, so their replies are copied without the gate. A growing ring swaps the array, never the slots.
        for (var i = 0; i < answered; i++)
        {
            var slot = ring[(first + i) % ring.Length];
            if (!slot.IsSilent)
            {
                output.Buffer.Write(slot.Reply);
            }
        }

        return (answered, mustReroute);
    }

    private void Remove(int answered)
    {
        var wake = false;
        lock (gate)
        {
            for (var i = 0; i < answered; i++)
            {
                var slot = slots[head];
                commandBytes -= slot.Command.Length;
                slot.Release();
                head = (head + 1) % slots.Length;
                count--;
            }

            holdsLargeReply &= count > 0;
            wake = HasRoom_NeedsGate() && signal.TryDisarm(isIdle: false);
        }

        if (wake)
        {
            // On a worker of its own: this one goes on to send what it has gathered.
            ThreadPool.UnsafeQueueUserWorkItem(signal, preferLocal: true);
        }
    }

    private bool TryRest()
    {
        bool wake;
        lock (gate)
        {
            if (count > 0 && (slots[head].State == SlotState.Answered || (proposed == 0 && refused > 0)))
            {
                return false;
            }

            draining = false;
            wake = (count == 0 && signal.TryDisarm(isIdle: true)) || (HasRoom_NeedsGate() && signal.TryDisarm(isIdle: false));
        }

        if (wake && services.Sender.HasThread)
        {
            signal.Fire();
        }
        else if (wake)
        {
            // The raft loop sends the replies, and runs no client's commands.
            ThreadPool.UnsafeQueueUserWorkItem(signal, preferLocal: false);
        }

        return true;
    }

    /// <summary>Routes what was refused again, in order, one after the other. Nothing is proposed at this moment, and the connection appends nothing.</summary>
    private async Task RerouteAsync()
    {
        foreach (var (slot, wasOvertaken) in TakeRefused())
        {
            // A later write of this connection to this segment was executed: executing this one now would turn their order round.
            var error = wasOvertaken || slot.Proposals > services.Options.MaxReproposals ? Replies.TryAgain : await ProposeAgainAsync(slot);
            if (error is null)
            {
                continue;
            }

            slot.KeepError(error);
            lock (gate)
            {
                refused--;
                slot.State = SlotState.Answered;
            }
        }

        lock (gate)
        {
            rerouting = false;
        }
    }

    private List<(ReplySlot Slot, bool WasOvertaken)> TakeRefused()
    {
        var taken = new List<(ReplySlot, bool)>();
        lock (gate)
        {
            rerouting = true;
            var applied = new HashSet<SegmentId>();
            for (var i = count - 1; i >= 0; i--)
            {
                var slot = slots[(head + i) % slots.Length];
                if (slot.State == SlotState.Refused)
                {
                    taken.Add((slot, applied.Contains(slot.Segment)));
                }
                else if (slot.WasApplied)
                {
                    applied.Add(slot.Segment);
                }
            }
        }

        taken.Reverse();
        return taken;
    }

    /// <summary>Null when it is proposed again; else the error that answers it.</summary>
    private async Task<string?> ProposeAgainAsync(ReplySlot slot)
    {
        var hold = new HoldTimer(services);
        var holdEnded = false;
        while (true)
        {
            var change = services.View.NextChange;
            var route = services.Router.Resolve(slot.HashSlot, mayBeStale: false, holdEnded);
            switch (route.Kind)
            {
                case RouteKind.Serve:
                    lock (gate)
                    {
                        refused--;
                        proposed++;
                        slot.State = SlotState.Proposed;
                        slot.Proposals++;
                    }

                    route.Replica!.Propose(slot.Segment, slot.Command, slot.Spec.Has(CommandFlags.DenyOom), slot);
                    return null;
                case RouteKind.Hold:
                    holdEnded = !await hold.WaitAsync(change);
                    break;
                default:
                    return route.Error ?? Replies.TryAgain;
            }
        }
    }

    private bool HasRoom_NeedsGate() =>
        count == 0 || (count < capacity && commandBytes < services.Options.MaxOutstandingBytes && refused == 0 && !rerouting && !holdsLargeReply);

    private void Grow_NeedsGate()
    {
        var larger = new ReplySlot[Math.Max(4, slots.Length * 2)];
        for (var i = 0; i < count; i++)
        {
            larger[i] = slots[(head + i) % slots.Length];
        }

        slots = larger;
        head = 0;
    }
}
