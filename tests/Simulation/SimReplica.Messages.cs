using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.Simulation;

/// <summary>Messages as they come and go, confirmed reads, and the lease; with what bugs that are planted make of them.</summary>
internal abstract partial class SimReplica
{
    private void Receive(RaftMessage message)
    {
        if (OpenedBy is null || IsDamaged)
        {
            return;
        }

        var core = Core!;
        if (Plants(Planted.ForgetTheVote) && message is VoteRequest { Term: var term } vote && term == core.Term && core.Role != RaftRole.Leader && core.LastIndex <= vote.LastIndex)
        {
            Send([new VoteResponse(node.Id, vote.From, term, false)]);
            return;
        }

        core.Step(Changed(message), node.Clock);
    }

    private RaftMessage Changed(RaftMessage message) => message switch
    {
        VoteRequest m when Plants(Planted.VoteForAShorterLog) => m with { LastTerm = ulong.MaxValue },
        PreVoteRequest m when Plants(Planted.VoteForAShorterLog) => m with { LastTerm = ulong.MaxValue },
        VoteRequest m when Plants(Planted.VoteAgainstPromise) => m with { Forced = true },
        _ => message,
    };

    private void TakeReads(IReadOnlyList<ReadState> confirmed)
    {
        reads.AddRange(confirmed);
        foreach (var read in reads.Where(r => r.Index <= Core!.Applied).ToList())
        {
            reads.Remove(read);
            OnRead(read.Context);
        }
    }

    private void Send(IReadOnlyList<RaftMessage> messages)
    {
        foreach (var message in messages)
        {
            world.Carry(node.Id, message.To, to => to.Replica(group).Receive(message));
            if (Plants(Planted.CountSentAsStored) && message is AppendRequest { Entries.Count: > 0 } m)
            {
                world.Carry(node.Id, node.Id, to => to.Replica(group).Receive(
                    new AppendResponse(m.To, m.From, m.Term, m.PrevIndex + (ulong)m.Entries.Count, false, 0, 0)));
            }
        }
    }

    private long LeaseUntil(RaftCore core)
    {
        if (!Plants(Planted.LeaseKeptOnTransfer))
        {
            return core.LeaseUntil + (Plants(Planted.ServeAfterLeaseExpiry) && core.LeaseUntil != 0 ? 400 : 0);
        }

        longestLease = core.Role != RaftRole.Leader ? default
            : (core.Term, Math.Max(core.LeaseUntil, longestLease.Term == core.Term ? longestLease.Until : 0));
        return longestLease.Until;
    }
}
