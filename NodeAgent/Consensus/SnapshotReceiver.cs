using System.Buffers.Binary;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Failpoints;
using ShardConsole.NodeAgent.Peers;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Consensus;

/// <summary>Collects the pieces of snapshots; hands a complete one to its group, then steps its Raft message. All on the raft loop's thread.</summary>
internal sealed class SnapshotReceiver(PeerHub hub, SnapshotOptions options)
{
    private readonly Dictionary<GroupId, Incoming> incoming = [];

    /// <summary>Snapshots received completely.</summary>
    public long Received { get; private set; }

    /// <summary>A piece has come. One that does not follow the last is refused, and the transfer with it.</summary>
    public void Receive(NodeId from, GroupReplica group, in SnapshotPiece piece, long now)
    {
        Failpoint.Hit("snapshot.receive");
        if (piece.Number == 0)
        {
            incoming[group.Id] = new Incoming(from, piece.Transfer);
        }

        if (!incoming.TryGetValue(group.Id, out var transfer) || transfer.Id != piece.Transfer || transfer.From != from)
        {
            return;
        }

        var accepted = piece.Number == transfer.Next && Take(group, transfer, piece, now);
        transfer.Next++;
        if (!accepted || piece.Kind == SnapshotPieceKind.End)
        {
            incoming.Remove(group.Id);
        }

        hub.Send(from, PeerLane.Control, PeerFrameKind.SnapshotAnswer, SnapshotPieceCodec.Answer(piece.Transfer, piece.Number, accepted));
    }

    /// <summary>The group is closed here: what has come for it is dropped.</summary>
    public void Forget(GroupId group) => incoming.Remove(group);

    private bool Take(GroupReplica group, Incoming transfer, in SnapshotPiece piece, long now)
    {
        var content = piece.Content.ToArray();
        transfer.Bytes += content.Length;
        if (transfer.Bytes > options.MaxStagedBytes)
        {
            return false;
        }

        switch (piece.Kind)
        {
            case SnapshotPieceKind.Segment:
                transfer.Parts.Add(new SnapshotPart(piece.Segment, piece.AppliedIndex, content, new List<ReadOnlyMemory<byte>>()));
                return true;
            case SnapshotPieceKind.Chunk when transfer.Parts.Count > 0:
                ((List<ReadOnlyMemory<byte>>)transfer.Parts[^1].Chunks).Add(content);
                return true;
            case SnapshotPieceKind.End:
                return Complete(group, transfer, content, now);
            default:
                return false;
        }
    }

    private bool Complete(GroupReplica group, Incoming transfer, byte[] content, long now)
    {
        var length = content.Length < 4 ? -1 : BinaryPrimitives.ReadInt32LittleEndian(content);
        if (length < 0 || length > content.Length - 4)
        {
            return false;
        }

        if (!RaftMessageCodec.TryRead(content.AsSpan(4 + length), out var message, out _) || message is not SnapshotRequest request)
        {
            return false;
        }

        if (!group.Stage(request.Mark, content.AsMemory(4, length), transfer.Parts))
        {
            return false;
        }

        Received++;
        group.Receive(request, now);
        return true;
    }

    private sealed class Incoming(NodeId from, ulong id)
    {
        public NodeId From => from;

        public ulong Id => id;

        public uint Next { get; set; }

        public long Bytes { get; set; }

        public List<SnapshotPart> Parts { get; } = [];
    }
}
