using System.Buffers;
using System.Buffers.Binary;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Failpoints;
using ShardConsole.NodeAgent.Peers;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Consensus;

/// <summary>Sends the data of snapshots, segment by segment, as fast as the receivers answer. All on the raft loop's thread.</summary>
internal sealed class SnapshotSender(PeerHub hub, SnapshotOptions options, Func<ulong> newTransferId)
{
    private readonly Dictionary<ulong, Transfer> transfers = [];

    /// <summary>Snapshots sent completely.</summary>
    public long Sent { get; private set; }

    /// <summary>Begins to send what <paramref name="request"/> announces; the request itself goes last. Nothing happens while one is under way to this peer.</summary>
    public void Begin(GroupReplica group, SnapshotRequest request, long now)
    {
        if (transfers.Values.Any(t => t.Group == group && t.Request.To == request.To))
        {
            return;
        }

        if (transfers.Count >= options.MaxTransfers)
        {
            group.Core.ReportSnapshot(request.To, false);
            return;
        }

        var transfer = new Transfer(newTransferId(), group, request, group.SnapshotParts().GetEnumerator(), group.SnapshotRecord, now);
        transfers.Add(transfer.Id, transfer);
        Pump(transfer);
    }

    /// <summary>A receiver's answer.</summary>
    public void Answered(NodeId from, ulong id, uint number, bool accepted, long now)
    {
        if (!transfers.TryGetValue(id, out var transfer) || transfer.Request.To != from.Value)
        {
            return;
        }

        if (!accepted)
        {
            End(transfer, false);
            return;
        }

        transfer.MovedAt = now;
        while (transfer.OnTheirWay.TryPeek(out var piece) && piece.Number <= number)
        {
            transfer.Bytes -= transfer.OnTheirWay.Dequeue().Bytes;
        }

        if (transfer.AllSent && transfer.OnTheirWay.Count == 0)
        {
            Sent++;
            End(transfer, true);
            return;
        }

        Pump(transfer);
    }

    /// <summary>Gives up what does not move, or whose group no longer leads.</summary>
    public void Tick(long now)
    {
        foreach (var transfer in transfers.Values.ToList())
        {
            if (now - transfer.MovedAt > options.StallMs || transfer.Group.Core.Term != transfer.Request.Term || transfer.Group.Core.Role != RaftRole.Leader)
            {
                End(transfer, false);
            }
        }
    }

    /// <summary>The group is about to be closed here: what is left of its segments is no snapshot of it.</summary>
    public void Forget(GroupReplica group)
    {
        foreach (var transfer in transfers.Values.Where(t => t.Group == group).ToList())
        {
            End(transfer, false);
        }
    }

    private void End(Transfer transfer, bool succeeded)
    {
        transfers.Remove(transfer.Id);
        transfer.Parts.Dispose();
        transfer.Group.Core.ReportSnapshot(transfer.Request.To, succeeded);
    }

    private void Pump(Transfer transfer)
    {
        while (transfer.Bytes < options.WindowBytes && !transfer.AllSent)
        {
            if (transfer.Chunks.TryDequeue(out var chunk))
            {
                Send(transfer, SnapshotPieceKind.Chunk, default, 0, chunk);
            }
            else if (transfer.Parts.MoveNext())
            {
                var part = transfer.Parts.Current;
                Send(transfer, SnapshotPieceKind.Segment, part.Segment, part.AppliedIndex, part.State);
                foreach (var next in part.Chunks)
                {
                    transfer.Chunks.Enqueue(next);
                }
            }
            else
            {
                transfer.AllSent = true;
                Send(transfer, SnapshotPieceKind.End, default, 0, EndContent(transfer));
            }
        }

        hub.Flush(new NodeId(transfer.Request.To), PeerLane.Data);
    }

    private static ReadOnlyMemory<byte> EndContent(Transfer transfer)
    {
        var content = new ArrayBufferWriter<byte>();
        BinaryPrimitives.WriteInt32LittleEndian(content.GetSpan(4), transfer.Record.Length);
        content.Advance(4);
        content.Write(transfer.Record.Span);
        RaftMessageCodec.Write(content, transfer.Request);
        return content.WrittenMemory;
    }

    private void Send(Transfer transfer, SnapshotPieceKind kind, SegmentId segment, ulong appliedIndex, ReadOnlyMemory<byte> content)
    {
        Failpoint.Hit("snapshot.send");
        var number = transfer.Next++;
        transfer.OnTheirWay.Enqueue((number, content.Length));
        transfer.Bytes += content.Length;
        var state = (transfer.Id, number, transfer.Group.Id, kind, segment, appliedIndex, content);
        hub.Send(
            new NodeId(transfer.Request.To), PeerLane.Data, PeerFrameKind.SnapshotPiece, state,
            static (s, writer) => SnapshotPieceCodec.Write(writer, new SnapshotPiece(s.Item1, s.number, s.Item3, s.kind, s.segment, s.appliedIndex, s.content.Span)),
            flush: false);
    }

    private sealed class Transfer(
        ulong id, GroupReplica group, SnapshotRequest request, IEnumerator<SnapshotPart> parts, ReadOnlyMemory<byte> record, long now)
    {
        public ulong Id => id;

        public GroupReplica Group => group;

        public SnapshotRequest Request => request;

        public IEnumerator<SnapshotPart> Parts => parts;

        public ReadOnlyMemory<byte> Record => record;

        public Queue<ReadOnlyMemory<byte>> Chunks { get; } = new();

        public Queue<(uint Number, int Bytes)> OnTheirWay { get; } = new();

        public long Bytes { get; set; }

        public uint Next { get; set; }

        public bool AllSent { get; set; }

        public long MovedAt { get; set; } = now;
    }
}
