namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>What a follower does with the messages of its leader.</summary>
internal sealed partial class RaftCore
{
    private void Follow(ulong leader)
    {
        if (Role == RaftRole.Leader)
        {
            throw new RaftInvariantException($"Replica {leader} leads term {Term}, which replica {Id} leads.");
        }

        if (Role != RaftRole.Follower)
        {
            BecomeFollower(Term, leader);
        }

        if (campaignsSoon > 0)
        {
            campaignsSoon = 0;
            electionTimeoutTicks = DrawTimeout();
        }

        Leader = leader;
        electionElapsed = 0;
        heardAt = clock;
    }

    private void TakeAppend(AppendRequest m)
    {
        HeardCommit = Math.Max(HeardCommit, m.Commit);
        if (m.PrevIndex < log.Commit)
        {
            late.Add(new AppendResponse(Id, m.From, Term, log.Commit, false, 0, 0));
            return;
        }

        if (!log.Matches(m.PrevIndex, m.PrevTerm))
        {
            // Both sides skip whole terms: here everything newer than the term that the leader has there, at the leader everything newer than the hint.
            var (index, term) = log.LastAtMost(Math.Min(m.PrevIndex, log.LastIndex), m.PrevTerm);
            late.Add(new AppendResponse(Id, m.From, Term, m.PrevIndex, true, index, term));
            return;
        }

        log.Merge(m.Entries);
        var matched = m.PrevIndex + (ulong)m.Entries.Count;
        log.CommitTo(Math.Min(m.Commit, matched));
        late.Add(new AppendResponse(Id, m.From, Term, matched, false, 0, 0));
    }

    private void TakeHeartbeat(HeartbeatRequest m)
    {
        HeardCommit = Math.Max(HeardCommit, m.LeaderCommit);
        log.CommitTo(m.Commit);
        var answer = new HeartbeatResponse(Id, m.From, Term, m.Round);

        // The answer promises something in this term, so the term must not be forgotten; where it is persisted, a heartbeat need not wait for the disk.
        (persisted.Term == Term ? early : late).Add(answer);
    }

    private void TakeSnapshot(SnapshotRequest m)
    {
        var index = TryRestore(m.Mark) ? log.LastIndex : log.Commit;
        late.Add(new AppendResponse(Id, m.From, Term, index, false, 0, 0));
    }

    private bool TryRestore(SnapshotMark mark)
    {
        // A snapshot from before this replica was added is welcome too: the entries that follow it will add it.
        if (mark.Index <= log.Commit)
        {
            return false;
        }

        if (log.Matches(mark.Index, mark.Term))
        {
            // Its log reaches that far already: nothing to replace, but it is committed.
            log.CommitTo(mark.Index);
            return false;
        }

        log.Restore(mark);
        configurationIndex = mark.Index;
        peers.Change(mark.Configuration, log.LastIndex);
        return true;
    }
}
