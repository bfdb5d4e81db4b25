using ShardConsole.NodeAgent.Resp;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>
/// Where a SCAN goes on: a segment, and a bound inside its table. Shown to clients as one number below 2^53, because some of them keep it in a double; so only
/// the upper 39 bits of the bound are kept, and a walk stops only at a bound whose lower bits are 0.
/// </summary>
/// <param name="Segment">The segment.</param>
/// <param name="Bound">Cursor of its table; 0 begins.</param>
internal readonly record struct ScanCursor(SegmentId Segment, ulong Bound)
{
    private const int BoundBits = 39;
    private const int DroppedBits = 64 - BoundBits;

    /// <summary>The first bound at or above the given one that the number can tell; 0 where that is the end of all hashes.</summary>
    public static ulong RoundUp(ulong bound) => unchecked(bound + ((1UL << DroppedBits) - 1)) >> DroppedBits << DroppedBits;

    /// <summary>0 for the default value: the walk is over, or begins.</summary>
    public long ToNumber() => (long)(((ulong)Segment.Value << BoundBits) | (Bound >> DroppedBits));

    /// <summary>Reads what a client sent back. Any number that names a segment is taken.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, int segmentCount, out ScanCursor cursor)
    {
        cursor = default;
        if (!RespNumber.TryParseInteger(text, out var number) || number < 0)
        {
            return false;
        }

        var segment = number >> BoundBits;
        cursor = new ScanCursor(new SegmentId((ushort)segment), (ulong)number << DroppedBits);
        return segment < Math.Max(1, segmentCount);
    }
}
