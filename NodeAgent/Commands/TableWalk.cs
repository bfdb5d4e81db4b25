using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>Walks over whole tables.</summary>
internal static class TableWalk
{
    private const int Step = 1024;

    /// <summary>Visits every key until the visitor answers false. Under the segment's lock.</summary>
    public static void ScanAll(this SegmentTable table, KeyVisitor visit)
    {
        var goesOn = true;
        ulong cursor = 0;
        do
        {
            cursor = table.Scan(cursor, Step, (ReadOnlySpan<byte> key, in StoredValue value) => goesOn = goesOn && visit(key, value));
        }
        while (goesOn && cursor != 0);
    }
}
