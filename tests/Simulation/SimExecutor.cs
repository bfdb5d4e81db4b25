using System.Buffers;
using System.Text;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.Simulation;

/// <summary>The one command of the simulator: "key=value"; with an empty value it deletes.</summary>
internal sealed class SimExecutor : ICommandExecutor
{
    public static readonly SimExecutor Instance = new();

    public void Execute(ReadOnlySpan<byte> command, SegmentTable table, long nowMs, int protocol, IBufferWriter<byte>? reply)
    {
        var at = command.IndexOf((byte)'=');
        if (at == command.Length - 1)
        {
            table.Remove(command[..at]);
        }
        else
        {
            table.Set(command[..at], ValueKind.String, command[(at + 1)..], 0);
        }

        reply?.Write("+OK\r\n"u8);
    }

    public static string? Look(SegmentReplica segment, string key) =>
        segment.Table is { } table && table.TryGet(Encoding.UTF8.GetBytes(key), out var value) ? Encoding.UTF8.GetString(value.Bytes) : null;
}
