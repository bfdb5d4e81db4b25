namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>Makes the append messages that a leader owes: late, so that many proposals travel in one message.</summary>
internal sealed partial class RaftCore
{
    private ulong pageFrom;
    private IReadOnlyList<Entry> page = [];

    private void MakeAppends()
    {
        if (!broadcastOwed && !appendsOwed)
        {
            return;
        }

        foreach (var peer in peers.All)
        {
            var debt = broadcastOwed ? AppendDebt.Always : peer.Debt;
            peer.Debt = AppendDebt.None;
            if (peer.Id == Id || debt == AppendDebt.None || !TrySendAppend(peer, evenIfEmpty: debt == AppendDebt.Always))
            {
                continue;
            }

            while (TrySendAppend(peer, evenIfEmpty: false))
            {
                // As many as the window takes.
            }
        }

        broadcastOwed = appendsOwed = false;
        (pageFrom, page) = (0, []);
    }

    private bool TrySendAppend(Progress peer, bool evenIfEmpty)
    {
        if (peer.Paused)
        {
            return false;
        }

        var previous = peer.Next - 1;
        if (log.TermOf(previous) is not { } previousTerm || peer.Next < log.FirstIndex)
        {
            return TrySendSnapshot(peer);
        }

        // Where the window is full only an empty message goes out: should everything in the window be lost, its answer shows it.
        var entries = peer.State == ProgressState.Replicate && peer.Inflight.Full ? [] : PageFrom(peer.Next);
        if (entries.Count == 0 && !evenIfEmpty)
        {
            return false;
        }

        early.Add(new AppendRequest(Id, peer.Id, Term, previous, previousTerm, entries, log.Commit));
        peer.Sent(entries.Count, Sizes.Of(entries), log.Commit);
        return true;
    }

    private IReadOnlyList<Entry> PageFrom(ulong index)
    {
        // Followers are mostly fed from the same place.
        if (pageFrom != index)
        {
            (pageFrom, page) = (index, log.Read(index, log.LastIndex + 1, options.MaxMessageBytes));
        }

        return page;
    }

    /// <summary>The request or its answer may have been lost, and nobody here sees how the fetching goes: a follower that is alive and has not answered is asked again.</summary>
    private void AskForSnapshotsAgain()
    {
        foreach (var peer in peers.All)
        {
            if (peer.State == ProgressState.Snapshot)
            {
                TrySendSnapshot(peer);
            }
        }
    }

    private bool TrySendSnapshot(Progress peer)
    {
        // One that does not answer could not fetch it.
        if (!peer.RecentlyActive || log.Snapshot is not { Index: > 0 } mark)
        {
            return false;
        }

        peer.BecomeSnapshot(mark.Index);
        early.Add(new SnapshotRequest(Id, peer.Id, Term, mark));
        return true;
    }
}
