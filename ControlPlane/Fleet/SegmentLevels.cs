using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>Last known number of keys and bytes of each segment. Safe for concurrent use.</summary>
internal sealed class SegmentLevels(int segments)
{
    private readonly Lock gate = new();
    private readonly long[] keys = Unknown(segments);
    private readonly long[] bytes = Unknown(segments);

    /// <summary>Sets both levels of a segment.</summary>
    public void Set(SegmentId segment, long keyCount, long dataBytes)
    {
        lock (gate)
        {
            keys[segment.Value] = keyCount;
            bytes[segment.Value] = dataBytes;
        }
    }

    /// <summary>Both levels of a segment; false while they are unknown.</summary>
    public bool TryGet(int segment, out long keyCount, out long dataBytes)
    {
        lock (gate)
        {
            keyCount = Math.Max(0, keys[segment]);
            dataBytes = Math.Max(0, bytes[segment]);
            return keys[segment] >= 0;
        }
    }

    private static long[] Unknown(int segments)
    {
        var levels = new long[segments];
        Array.Fill(levels, -1);
        return levels;
    }
}
