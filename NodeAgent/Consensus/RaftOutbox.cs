using System.Buffers;
using System.Buffers.Binary;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Peers;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Consensus;

/// <summary>
/// Puts the messages of all groups to one peer into one frame per lane and round: what is small and urgent on the control lane, what carries entries on
/// the data lane. Snapshots go to their sender. On the loop's thread.
/// </summary>
internal sealed class RaftOutbox(PeerHub hub, Action<GroupId, SnapshotRequest> sendSnapshot) : IRaftOutbox
{
    private readonly Dictionary<(ulong Peer, PeerLane Lane), ArrayBufferWriter<byte>> frames = [];

    /// <inheritdoc/>
    public void Send(GroupId group, IReadOnlyList<RaftMessage> messages)
    {
        for (var i = 0; i < messages.Count; i++)
        {
            var message = messages[i];
            if (message is SnapshotRequest request)
            {
                sendSnapshot(group, request);
                continue;
            }

            var lane = message is AppendRequest { Entries.Count: > 0 } ? PeerLane.Data : PeerLane.Control;
            if (!frames.TryGetValue((message.To, lane), out var frame))
            {
                frames[(message.To, lane)] = frame = new ArrayBufferWriter<byte>(1024);
            }

            BinaryPrimitives.WriteUInt16LittleEndian(frame.GetSpan(2), group.Value);
            frame.Advance(2);
            RaftMessageCodec.Write(frame, message);
        }
    }

    /// <inheritdoc/>
    public void FlushAll()
    {
        foreach (var ((peer, lane), frame) in frames)
        {
            if (frame.WrittenCount == 0)
            {
                continue;
            }

            hub.Send(new NodeId(peer), lane, PeerFrameKind.Raft, frame.WrittenMemory);
            if (frame.Capacity > 1 << 20)
            {
                frames[(peer, lane)] = new ArrayBufferWriter<byte>(1024);
            }
            else
            {
                frame.ResetWrittenCount();
            }
        }
    }

    /// <summary>Hands the messages of a received frame to <paramref name="receive"/>; stops at the first that cannot be read.</summary>
    public static void Read(ReadOnlySpan<byte> frame, Action<GroupId, RaftMessage> receive)
    {
        while (frame.Length > 2)
        {
            var group = new GroupId(BinaryPrimitives.ReadUInt16LittleEndian(frame));
            if (!RaftMessageCodec.TryRead(frame[2..], out var message, out var read))
            {
                return;
            }

            receive(group, message);
            frame = frame[(2 + read)..];
        }
    }
}
