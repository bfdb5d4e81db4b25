using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Failpoints;
using ShardConsole.NodeAgent.Migration.Core;

namespace ShardConsole.NodeAgent.Consensus;

/// <summary>
/// Keeps a shard's log bounded: when it outgrows the segments that it keeps alive, these are written as checkpoints, a few at a time, each as of the
/// index at which it is taken; then the mark of the round's beginning becomes the snapshot's and the log before it goes. On the loop's thread.
/// </summary>
internal sealed class CheckpointRound(ShardReplica replica, RaftLoop loop, ShardServices services)
{
    private readonly Queue<SegmentReplica> todo = new();
    private SnapshotMark? mark;
    private byte[] record = [];
    private int pending;
    private int generation;

    /// <summary>Checkpoints written so far.</summary>
    public long Written { get; private set; }

    /// <summary>Begins a round where one is due; goes on with the one under way.</summary>
    public void Tick()
    {
        if (mark is null && IsDue())
        {
            mark = new SnapshotMark(replica.Applied, replica.Log.TermOf(replica.Applied) ?? 0, replica.Core.Configuration);
            record = replica.RecordNow();
            foreach (var segment in replica.Machine.Segments.Where(s => s.DirtySince != 0 && s.DirtySince <= replica.Applied).OrderBy(s => s.DirtySince))
            {
                todo.Enqueue(segment);
            }
        }

        Pump();
    }

    /// <summary>Gives the round up: a snapshot has replaced what it was about.</summary>
    public void Abandon()
    {
        todo.Clear();
        mark = null;
        pending = 0;
        generation++;
    }

    private bool IsDue()
    {
        var held = replica.Log.BytesHeld;
        if (held < services.Options.MinLogBytes || replica.Log.Snapshot.Index >= replica.Applied || replica.Log.TermOf(replica.Applied) is null)
        {
            return false;
        }

        var kept = replica.Machine.Segments.Where(s => s.DirtySince != 0).Sum(s => s.Table?.DataBytes ?? 0);
        return held >= kept;
    }

    private void Pump()
    {
        if (mark is null)
        {
            return;
        }

        while (pending < services.Options.CheckpointsAtOnce && todo.TryDequeue(out var segment))
        {
            Write(replica.Encode(segment));
        }

        if (pending == 0 && todo.Count == 0)
        {
            Finish(mark);
        }
    }

    private void Write(SnapshotPart part)
    {
        Failpoint.Hit("checkpoint.write");
        var round = generation;
        var writer = services.Store.BeginCheckpoint(replica.Id, part.Segment);
        pending++;
        loop.Write(new StoreStep(
            part.Bytes,
            batch =>
            {
                foreach (var chunk in part.Chunks)
                {
                    writer.Stage(batch, chunk);
                }

                writer.Finish(batch, part.AppliedIndex, part.State);
            },
            () =>
            {
                if (round != generation)
                {
                    return;
                }

                Written++;
                pending--;
                replica.Machine.Checkpointed(part.Segment, part.AppliedIndex);
                Pump();
            }));
    }

    private void Finish(SnapshotMark finished)
    {
        var (round, written) = (generation, record);
        var firstKept = FirstKept(finished);
        var termBefore = replica.Log.TermOf(firstKept - 1) ?? finished.Term;
        mark = null;
        pending = 0;
        loop.Write(new StoreStep(
            written.Length,
            batch =>
            {
                batch.SetRecord(replica.Id, written);
                batch.SetSnapshot(replica.Id, finished);
                batch.TruncateBefore(replica.Id, firstKept, termBefore);
            },
            () =>
            {
                if (round == generation)
                {
                    replica.UseRecord(written);
                    replica.Log.SetSnapshot(finished);
                    replica.Log.TruncateBefore(firstKept);
                }
            }));
    }

    /// <summary>Followers that are only a little behind are spared a snapshot, as long as that keeps no more than a few times the least log.</summary>
    private ulong FirstKept(SnapshotMark finished)
    {
        var first = finished.Index + 1;
        if (replica.Log.BytesHeld > services.Options.MinLogBytes * services.Options.MaxLogFactor)
        {
            return first;
        }

        foreach (var peer in replica.Core.Status().Peers)
        {
            // Who is being sent a snapshot goes on behind its mark.
            var held = Math.Max(peer.Match, peer.PendingSnapshot);
            if (peer.RecentlyActive && held != 0 && peer.Id != replica.Core.Id)
            {
                first = Math.Min(first, held + 1);
            }
        }

        return Math.Max(first, replica.Log.FirstIndex);
    }
}
