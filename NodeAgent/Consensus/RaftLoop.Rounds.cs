using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.NodeAgent.Consensus;

/// <summary>One round: what came in, the tick, the cores' work, the batch.</summary>
internal sealed partial class RaftLoop
{
    private void Round()
    {
        Rounds++;
        var taken = TakeItems(options.MaxItemsPerRound);
        Applied?.Invoke();
        TakeMore(taken);
        var now = Now;
        if (now >= nextTick)
        {
            nextTick = Math.Max(nextTick + options.TickMs, now);
            foreach (var group in order)
            {
                group.Core.Tick(now);
                group.OnTick(now);
            }

            Ticked?.Invoke(now);
        }

        Gather(now);
        outbox.FlushAll();
        Applied?.Invoke();
    }

    /// <summary>Lets others run who are in the middle of bringing more; a commit that waits for it is shared by all.</summary>
    private void TakeMore(int taken)
    {
        if (taken == 0 || writerBusy)
        {
            return;
        }

        gather.Begin(NowMicros);
        int more;
        do
        {
            _ = Thread.Yield();
            more = TakeItems(options.MaxItemsPerRound - taken);
            taken += more;
        }
        while (gather.WaitsOn(NowMicros, more > 0) && !writerBusy && taken < options.MaxItemsPerRound);
    }

    private int TakeItems(int limit)
    {
        var taken = 0;
        var now = Now;
        while (taken < limit && inbox.TryDequeue(out var item))
        {
            Take(item, now);
            taken++;
        }

        return taken;
    }

    private void Take(in Item item, long now)
    {
        switch (item.What)
        {
            case ILoopProposal proposal:
                gather.Proposed();
                proposal.Begin(now);
                break;
            case null:
                Interlocked.Decrement(ref waitingMessages);
                if (groups.TryGetValue(item.Group, out var replica))
                {
                    replica.Receive(item.Message!, Now);
                }

                break;
            case PersistedMark:
                FinishBatch(item.Failure);
                break;
            case Action action:
                action();
                break;
        }
    }

    private void Gather(long now)
    {
        foreach (var group in order)
        {
            // What a leader proposes in its own step belongs to this round: nothing else would wake the loop for it before the next tick.
            do
            {
                GatherOf(group);
                group.AfterStep(now);
            }
            while (group.Outstanding is null ? group.Core.HasReady : group.Core.HasEarly);
        }

        Submit();
    }

    private void GatherOf(GroupReplica group)
    {
        outbox.Send(group.Id, group.Core.TakeEarly());
        while (group.Outstanding is null && group.Core.HasReady)
        {
            var ready = group.Core.TakeReady();
            group.Outstanding = ready;
            group.Confirmed(ready.Reads);
            outbox.Send(group.Id, ready.Early);
            if (ready.MustSync)
            {
                toPersist.Add(group);
                break;
            }

            Finish(group, ready);
        }
    }

    private void Submit()
    {
        if (writerBusy || (toPersist.Count == 0 && steps.Count == 0))
        {
            return;
        }

        persisting.Clear();
        persisting.AddRange(toPersist);
        toPersist.Clear();
        writing.Clear();
        for (var bytes = 0L; steps.TryPeek(out var step) && (writing.Count == 0 || bytes + step.Bytes <= options.MaxStepBytesPerBatch); bytes += step.Bytes)
        {
            writing.Add(steps.Dequeue());
        }

        writerBusy = true;
        gather.Submitted();
        writer.Write(persisting, writing);
    }

    private void FinishBatch(Exception? failure)
    {
        writerBusy = false;
        if (failure is not null)
        {
            throw new IOException("The store failed for good; nothing more is acknowledged by this node.", failure);
        }

        foreach (var group in persisting)
        {
            Finish(group, group.Outstanding!);
        }

        persisting.Clear();
        foreach (var step in writing)
        {
            step.Written();
        }

        writing.Clear();
    }

    private void Finish(GroupReplica group, Ready ready)
    {
        group.Persisted(ready);
        outbox.Send(group.Id, ready.Late);
        var waiting = group.WaitingCount;
        group.ApplyAll(ready.Committed);
        gather.Answered(waiting - group.WaitingCount);
        group.Outstanding = null;
        group.Core.Advance(ready);
    }
}
