using System.IO.Pipelines;
using ShardConsole.NodeAgent.Commands;
using ShardConsole.NodeAgent.Routing;

namespace ShardConsole.NodeAgent.Resp;

/// <summary>
/// One client: reads commands, executes them in order, answers in the same order. It never blocks a thread: what has to wait waits as a continuation.
/// What it costs is bounded: one command's bytes in, the outstanding writes' options, and of replies the soft limit plus one reply.
/// </summary>
internal sealed class ClientConnection
{
    private readonly ClientServices services;
    private readonly ClientSession session;
    private readonly PipeReader reader;
    private readonly RespParser parser;
    private readonly RespInput input = new();
    private readonly ReplyOutput output;
    private readonly ReplyRing ring;
    private readonly ClientContext client;
    private readonly PendingCommand pending;
    private readonly ClientExecutor executor;
    private readonly HoldTimer hold;
    private bool hasCommand;
    private bool isBroken;

    public ClientConnection(ClientServices services, ClientSession session, IDuplexPipe transport)
    {
        this.services = services;
        this.session = session;
        session.Authenticated = services.Options.Password.Length == 0;
        reader = transport.Input;
        parser = new RespParser(services.Options.Limits) { Authenticated = session.Authenticated };
        output = new ReplyOutput(transport.Output, session, services.Options.HardOutputBytes);
        ring = new ReplyRing(services, output);
        client = new ClientContext(services, session);
        pending = new PendingCommand(services, session);
        executor = new ClientExecutor(services, session, client, pending, output, ring);
        hold = new HoldTimer(services);
    }

    /// <summary>
    /// Serves the client until it leaves, breaks the protocol, <paramref name="closed"/>, or a little after <paramref name="asked"/> to end; what is under way then is
    /// still answered.
    /// </summary>
    /// <exception cref="ReplyTooLargeException">A reply would be over the limit; the connection is to be closed.</exception>
    public async Task RunAsync(CancellationToken closed, CancellationToken asked)
    {
        // Registered once: a token given to each read would cost each read a registration.
        await using var whenClosed = closed.UnsafeRegister(static reader => ((PipeReader)reader!).CancelPendingRead(), reader);
        await using var whenAsked = asked.UnsafeRegister(static reader => ((PipeReader)reader!).CancelPendingRead(), reader);
        try
        {
            var goesOn = true;
            while (goesOn && !output.IsClosed)
            {
                var result = await reader.ReadAsync(CancellationToken.None);
                goesOn = await ServeAsync(result) && !result.IsCompleted && !closed.IsCancellationRequested;
                if (goesOn && asked.IsCancellationRequested)
                {
                    await ServeLateAsync();
                    goesOn = false;
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client is gone: nobody is left to tell.
        }
        catch (ReplyTooLargeException)
        {
            // Half a reply must not go out.
            output.Buffer.Clear();
            throw;
        }
        finally
        {
            // The raft loop still answers what is under way, into this connection's memory.
            await ring.WhenIdleAsync();
            await output.FlushAsync();
            output.Dispose();
            input.Dispose();
            executor.End();
        }
    }

    /// <summary>
    /// A command that was on its way when the node was asked to stop would leave its client in doubt. So the connection ends when none came for a while; a client
    /// that goes on asking a node that leads nothing any more is left at the limit.
    /// </summary>
    private async Task ServeLateAsync()
    {
        var options = services.Options;
        var began = services.Clock.GetTimestamp();
        await using var quiet = services.Clock.CreateTimer(static reader => ((PipeReader)reader!).CancelPendingRead(), reader, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var goesOn = true;
        while (goesOn && !output.IsClosed && services.Clock.GetElapsedTime(began).TotalMilliseconds < options.LateMaxMs)
        {
            quiet.Change(TimeSpan.FromMilliseconds(options.LateQuietMs), Timeout.InfiniteTimeSpan);
            var result = await reader.ReadAsync(CancellationToken.None);
            goesOn = await ServeAsync(result) && !result.IsCompleted && !result.IsCanceled;
        }
    }

    /// <summary>Executes what has arrived. False: the connection ends.</summary>
    private async ValueTask<bool> ServeAsync(ReadResult result)
    {
        input.Attach(result.Buffer, parser.Needed);
        executor.BeginBatch();
        var step = Execute();
        while (step is not (ClientStep.NeedMore or ClientStep.Close) && !output.IsClosed)
        {
            await WaitAsync(step);
            step = Execute();
        }

        input.Detach();
        var bytes = result.Buffer.Length;
        reader.AdvanceTo(result.Buffer.End);
        session.InputBytes = input.KeptLength;
        if (executor.IsIdle)
        {
            await output.FlushAsync();
        }

        executor.EndBatch(bytes);
        return step != ClientStep.Close;
    }

    private ClientStep Execute()
    {
        while (true)
        {
            if (!hasCommand)
            {
                if (output.Buffer.Length >= services.Options.SoftOutputBytes && executor.IsIdle)
                {
                    return ClientStep.Flush;
                }

                var parsed = Parse();
                if (parsed != ClientStep.Next)
                {
                    return parsed;
                }
            }

            var step = executor.Execute(parser.Args(input.Pending), parser.Consumed);
            if (step != ClientStep.Next)
            {
                return step;
            }

            EndCommand();
        }
    }

    private ClientStep Parse()
    {
        while (!isBroken)
        {
            var data = input.Pending;
            if (data.IsEmpty)
            {
                return ClientStep.NeedMore;
            }

            switch (parser.Parse(data))
            {
                case ParseStatus.NeedMore:
                    return ClientStep.NeedMore;
                case ParseStatus.Nothing:
                    input.Consume(parser.Consumed);
                    break;
                case ParseStatus.Command:
                    BeginCommand(parser.Args(data));
                    return ClientStep.Next;
                default:
                    isBroken = true;
                    break;
            }
        }

        // Replies keep their order: the error comes after those of the commands before it.
        if (!executor.IsIdle)
        {
            return ClientStep.WaitIdle;
        }

        new RespWriter(output.Buffer, session.Protocol).Error("ERR " + parser.Error);
        return ClientStep.Close;
    }

    private void BeginCommand(CommandArgs args)
    {
        hasCommand = true;
        hold.Reset();
        client.Begin();
        if (session.Replies == ReplyMode.SkipNext)
        {
            session.Replies = ReplyMode.Skipping;
        }

        pending.Begin(args);
    }

    private void EndCommand()
    {
        hasCommand = false;
        input.Consume(parser.Consumed);
        parser.Authenticated = session.Authenticated;
    }

    private async ValueTask WaitAsync(ClientStep step)
    {
        switch (step)
        {
            case ClientStep.Flush:
                await output.FlushAsync();
                break;
            case ClientStep.WaitIdle:
                await ring.WhenIdleAsync();
                break;
            case ClientStep.WaitRoom:
                await ring.WhenRoomAsync();
                break;
            case ClientStep.Hold:
                client.HoldEnded = !await hold.WaitAsync(pending.Change);
                break;
            case ClientStep.Confirm:
                await ConfirmAsync();
                break;
            case ClientStep.Expire:
                await ExpireAsync();
                break;
            case ClientStep.Offload:
                pending.IsOffloaded = true;
                await Task.Yield();
                break;
            case ClientStep.Await:
                executor.AnswerError(await client.Continuation!);
                EndCommand();
                break;
        }
    }

    private async Task ConfirmAsync()
    {
        var (replica, term) = client.ToConfirm;
        var confirmed = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        replica.ConfirmLeadership(term, done => confirmed.TrySetResult(done));
        if (await confirmed.Task)
        {
            client.Confirm(replica, term);
        }
        else if (client.HoldEnded)
        {
            pending.Refusal = Replies.NoLeader;
        }
        else
        {
            client.HoldEnded = !await hold.WaitAsync(pending.Change);
        }
    }

    /// <summary>Proposes the deletion of the expired keys that the read met; when that is committed, the read is done again and finds them absent.</summary>
    private async Task ExpireAsync()
    {
        var (segment, replica) = (pending.ReadRoute.Segment, pending.ReadRoute.Replica!);
        foreach (var keys in executor.ExpiredKeys.Distinct(KeyComparer.Instance).Chunk(services.Options.ExpireBatch))
        {
            var waiters = keys.Select(key =>
            {
                var waiter = new OutcomeWaiter();
                replica.ProposeExpire(segment, key, waiter);
                return waiter.Outcome;
            }).ToArray();
            foreach (var outcome in await Task.WhenAll(waiters))
            {
                if (outcome == ProposalOutcome.Applied)
                {
                    continue;
                }

                await RetryExpireAsync(outcome);
                return;
            }
        }

        client.ExpiredIsAbsent = true;
    }

    /// <summary>The deletion does no harm if it is done twice, so also where its fate is unknown the read is just routed again.</summary>
    private async Task RetryExpireAsync(ProposalOutcome outcome)
    {
        if (outcome != ProposalOutcome.Unknown && Replies.Of(outcome) is { } error)
        {
            pending.Refusal = error;
        }
        else if (client.HoldEnded)
        {
            pending.Refusal = Replies.TryAgain;
        }
        else
        {
            client.HoldEnded = !await hold.WaitAsync(pending.Change);
        }
    }

    private sealed class KeyComparer : IEqualityComparer<byte[]>
    {
        public static readonly KeyComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] key)
        {
            var hash = new HashCode();
            hash.AddBytes(key);
            return hash.ToHashCode();
        }
    }
}
