using System.Buffers;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Resp;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>Executes the write commands of the command table when their entries are applied.</summary>
internal sealed class CommandExecutor(CommandTable commands) : ICommandExecutor
{
    private const int SlicesOnStack = 16;

    /// <inheritdoc/>
    public void Execute(ReadOnlySpan<byte> command, SegmentTable table, long nowMs, int protocol, IBufferWriter<byte>? reply)
    {
        var count = CommandEncoder.CountOf(command);
        if (count <= SlicesOnStack)
        {
            Span<ArgSlice> slices = stackalloc ArgSlice[SlicesOnStack];
            Execute(CommandEncoder.Decode(command, slices[..count]), table, nowMs, protocol, reply);
            return;
        }

        var rented = ArrayPool<ArgSlice>.Shared.Rent(count);
        Execute(CommandEncoder.Decode(command, rented.AsSpan(0, count)), table, nowMs, protocol, reply);
        ArrayPool<ArgSlice>.Shared.Return(rented);
    }

    /// <inheritdoc/>
    public void Expect(ReadOnlySpan<byte> command, SegmentTable table)
    {
        // Of nearly all commands the key is what comes behind the name; of the others the hint is wrong and does no harm.
        var key = CommandEncoder.SecondArgument(command);
        if (!key.IsEmpty)
        {
            table.Prefetch(key);
        }
    }

    private void Execute(CommandArgs args, SegmentTable table, long nowMs, int protocol, IBufferWriter<byte>? reply)
    {
        // Only what a leader of a newer version proposed is not in the table. Skipping it would let this replica's data differ unseen.
        var spec = commands.Find(args[0]);
        if (spec?.Write is null)
        {
            throw new InvalidDataException($"The log holds the command '{System.Text.Encoding.UTF8.GetString(args[0])}', which this node does not know.");
        }

        spec.Write(new WriteContext(table, nowMs), args, new RespWriter(reply, protocol));
    }
}
