using System.Buffers;
using System.Text;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.Simulation;

/// <summary>Carries out the commands of the simulator.</summary>
internal sealed class SimExecutor : ICommandExecutor
{
    public static readonly SimExecutor Instance = new();

    public void Execute(ReadOnlySpan<byte> command, SegmentTable table, long nowMs, int protocol, IBufferWriter<byte>? reply)
    {
        var decoded = SimCommand.Decode(command);
        var key = Encoding.UTF8.GetBytes(decoded.Key);
        if (decoded.Removes)
        {
            table.Remove(key);
        }
        else
        {
            table.Set(key, ValueKind.String, Encoding.UTF8.GetBytes(decoded.Attempt), decoded.ExpiresAtMs);
        }

        reply?.Write("+OK\r\n"u8);
    }

    public static string? Look(SegmentReplica segment, string key) =>
        segment.Table is { } table && table.TryGet(Encoding.UTF8.GetBytes(key), out var value) ? Encoding.UTF8.GetString(value.Bytes) : null;
}
