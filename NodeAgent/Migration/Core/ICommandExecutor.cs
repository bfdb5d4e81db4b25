using System.Buffers;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>Executes an encoded write command on a table, deterministically: the same on every replica.</summary>
internal interface ICommandExecutor
{
    /// <param name="command">The command as the leader encoded it.</param>
    /// <param name="table">The segment's table.</param>
    /// <param name="nowMs">The group's time at this entry, Unix milliseconds: decides expiry.</param>
    /// <param name="protocol">RESP version of the reply, 2 or 3.</param>
    /// <param name="reply">Where the reply goes; null where nobody waits for it.</param>
    void Execute(ReadOnlySpan<byte> command, SegmentTable table, long nowMs, int protocol, IBufferWriter<byte>? reply);

    /// <summary>A hint that the command will be executed soon: what it needs of the table can be fetched from memory meanwhile. Changes nothing, and may be ignored.</summary>
    void Expect(ReadOnlySpan<byte> command, SegmentTable table)
    {
    }
}
