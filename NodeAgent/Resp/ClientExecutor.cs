using ShardConsole.NodeAgent.Commands;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Routing;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Resp;

/// <summary>
/// Executes the commands of one connection as far as that needs no waiting, and says what to wait for where it does. A command that stopped is
/// executed again from its beginning; nothing of it was written then. A command that is not a write waits for the connection's writes before it, so that it sees them.
/// </summary>
internal sealed class ClientExecutor(ClientServices services, ClientSession session, ClientContext client, PendingCommand pending, ReplyOutput output, ReplyRing ring)
{
    private readonly ReadContext reads = new(services.Clock);
    private readonly PrepareContext prepares = new(services.Clock, services.Options.Limits.MaxBulkBytes);
    private readonly ReplyBuffer scratch = new();

    /// <summary>Whether writes of this connection may be under way; if not, the output is the connection's.</summary>
    private bool mayBeBusy;

    private ServerStats.Batch batch;
    private long lastTicks;
    private long overheadTicks;
    private int batchCommands;

    /// <summary>Keys that the last read met expired.</summary>
    public IReadOnlyList<byte[]> ExpiredKeys => reads.Expired;

    /// <summary>Whether no write is under way: then the output is the connection's.</summary>
    public bool IsIdle
    {
        get
        {
            mayBeBusy = mayBeBusy && !ring.IsIdle;
            return !mayBeBusy;
        }
    }

    /// <summary>Bytes have arrived.</summary>
    public void BeginBatch()
    {
        lastTicks = services.Clock.GetTimestamp();
        session.LastCommandAt = lastTicks;
        batchCommands = 0;
    }

    /// <summary>The bytes are used up and the replies sent: what that cost is charged to the next batch's commands, each its share.</summary>
    public void EndBatch(long bytes)
    {
        if (batchCommands > 0)
        {
            overheadTicks = (services.Clock.GetTimestamp() - lastTicks) / batchCommands;
        }

        batch.InputBytes += bytes;
        services.Stats.Add(batch);
        batch = default;
    }

    /// <summary>Gives memory back.</summary>
    public void End() => scratch.Dispose();

    /// <summary>Executes the pending command, or says what it waits for.</summary>
    /// <param name="args">Its arguments.</param>
    /// <param name="bytesIn">Its length on the wire.</param>
    public ClientStep Execute(CommandArgs args, int bytesIn)
    {
        var spec = pending.Spec;
        if (pending.Refusal is null && spec!.Write is not null)
        {
            return Write(spec, args, bytesIn);
        }

        if (!IsIdle)
        {
            return ClientStep.WaitIdle;
        }

        if (pending.Refusal is { } refusal)
        {
            return AnswerError(refusal);
        }

        if (spec!.Has(CommandFlags.Slow) && !pending.IsOffloaded)
        {
            return ClientStep.Offload;
        }

        return spec.Read is not null ? Read(spec, args, bytesIn) : RunNodeCommand(spec, args);
    }

    /// <summary>Answers the pending command with an error, or with OK.</summary>
    public ClientStep AnswerError(string? error)
    {
        var mark = output.Buffer.Length;
        var reply = new RespWriter(output.Buffer, session.Protocol);
        if (error is null)
        {
            reply.Ok();
        }
        else
        {
            reply.Error(error);
            batch.Errors++;
        }

        return Finish(mark);
    }

    private ClientStep Read(CommandSpec spec, CommandArgs args, int bytesIn)
    {
        var mark = output.Buffer.Length;
        var verdict = services.Router.TryLocate(pending.Slot, out var route) ? TryRead(route, spec, args) : ReadVerdict.Changed;
        if (verdict == ReadVerdict.Changed)
        {
            pending.Change = services.View.NextChange;
            route = services.Router.Resolve(pending.Slot, session.ReadOnly, client.HoldEnded);
            switch (route.Kind)
            {
                case RouteKind.Answer:
                    return AnswerError(route.Error!);
                case RouteKind.Hold:
                    return ClientStep.Hold;
                default:
                    verdict = TryRead(route, spec, args);
                    break;
            }
        }

        if (verdict != ReadVerdict.Done)
        {
            return WaitFor(verdict, route);
        }

        batch.Hits += reads.Hits;
        batch.Misses += reads.Misses;
        Count(route.Segment, spec, args, bytesIn, output.Buffer.Length - mark);
        return Finish(mark);
    }

    private ClientStep WaitFor(ReadVerdict verdict, in CommandRoute route)
    {
        pending.ReadRoute = route;
        switch (verdict)
        {
            case ReadVerdict.Confirm:
                client.ToConfirm = (route.Replica!, route.Term);
                pending.Change = services.View.NextChange;
                return ClientStep.Confirm;
            case ReadVerdict.Expired:
                pending.Change = services.View.NextChange;
                return ClientStep.Expire;
            default:
                return client.HoldEnded ? AnswerError(Replies.TryAgain) : ClientStep.Hold;
        }
    }

    private ReadVerdict TryRead(in CommandRoute route, CommandSpec spec, CommandArgs args)
    {
        services.Load.Expect(route.Segment);
        return SegmentReader.Read(route, spec, args, reads, output.Buffer, session.Protocol, client.IsConfirmed(route.Replica!, route.Term), client.ExpiredIsAbsent);
    }

    private void Count(SegmentId segment, CommandSpec spec, CommandArgs args, int bytesIn, int bytesOut)
    {
        var load = services.Load;
        var ticks = reads.CheckedAt - lastTicks;
        lastTicks = reads.CheckedAt;
        load.Served(segment, isWrite: false, bytesIn, bytesOut, ticks + overheadTicks, ticks);
        if (load.WantsSample)
        {
            load.Sample(args[0], segment, args[spec.FirstKey], session.Id);
        }
    }

    private ClientStep RunNodeCommand(CommandSpec spec, CommandArgs args)
    {
        var mark = output.Buffer.Length;
        pending.Change = services.View.NextChange;
        var verdict = spec.Node!(client, args, new RespWriter(output.Buffer, session.Protocol));
        switch (verdict)
        {
            case NodeVerdict.Hold:
                output.Buffer.Truncate(mark);
                return ClientStep.Hold;
            case NodeVerdict.Confirm:
                output.Buffer.Truncate(mark);
                return ClientStep.Confirm;
            case NodeVerdict.Await:
                return ClientStep.Await;
            case NodeVerdict.Close:
                Finish(mark);
                return ClientStep.Close;
            default:
                return Finish(mark);
        }
    }

    private ClientStep Write(CommandSpec spec, CommandArgs args, int bytesIn)
    {
        // Replies that are ready go out first: what comes behind them waits for a commit.
        if (output.Buffer.Length > 0 && IsIdle)
        {
            return ClientStep.Flush;
        }

        pending.Change = services.View.NextChange;
        var route = LocateOwned() ?? services.Router.Resolve(pending.Slot, mayBeStale: false, client.HoldEnded);
        if (route.Kind == RouteKind.Hold)
        {
            return ClientStep.Hold;
        }

        if (route.Kind == RouteKind.Answer)
        {
            return IsIdle ? AnswerError(route.Error!) : ClientStep.WaitIdle;
        }

        scratch.Clear();
        var command = prepares.Prepare(spec, args, route.Replica!.GroupTimeMs, new RespWriter(scratch, session.Protocol));
        if (command is null)
        {
            return IsIdle ? AnswerPrepared() : ClientStep.WaitIdle;
        }

        var startedAt = lastTicks;
        var slot = ring.TryAppend(spec, command, prepares.RepliesLarge, route.Segment, pending.Slot, session, bytesIn, startedAt);
        if (slot is null)
        {
            return ClientStep.WaitRoom;
        }

        mayBeBusy = true;
        Sample(spec, args, route);
        lastTicks = services.Clock.GetTimestamp();
        slot.CpuTicks = lastTicks - startedAt + overheadTicks;
        route.Replica.Propose(route.Segment, command, spec.Has(CommandFlags.DenyOom), slot);
        NoteExecuted();
        return ClientStep.Next;
    }

    private void Sample(CommandSpec spec, CommandArgs args, in CommandRoute route)
    {
        if (services.Load.WantsSample)
        {
            services.Load.Sample(args[0], route.Segment, args[spec.FirstKey], session.Id);
        }
    }

    private CommandRoute? LocateOwned()
    {
        if (!services.Router.TryLocate(pending.Slot, out var route))
        {
            return null;
        }

        // Without its lock: the entry is gated again when it is applied, this only spares a proposal that would be refused.
        return route.Replica!.Segment(route.Segment).State == SegmentState.Owned ? route : null;
    }

    private ClientStep AnswerPrepared()
    {
        var mark = output.Buffer.Length;
        output.Buffer.Write(scratch.Written);
        batch.Errors++;
        return Finish(mark);
    }

    private ClientStep Finish(int mark)
    {
        if (session.Replies is ReplyMode.Off or ReplyMode.Skipping)
        {
            output.Buffer.Truncate(mark);
        }

        batch.OutputBytes += output.Buffer.Length - mark;
        NoteExecuted();
        return ClientStep.Next;
    }

    private void NoteExecuted()
    {
        if (session.Replies == ReplyMode.Skipping)
        {
            session.Replies = ReplyMode.On;
        }

        if (pending.Spec is { } spec && !ReferenceEquals(session.LastCommand, spec.Name))
        {
            session.LastCommand = spec.Name;
        }

        batch.Commands++;
        batchCommands++;
    }
}
