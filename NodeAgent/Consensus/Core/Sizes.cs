namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>Sizes of entries in bytes of data.</summary>
internal static class Sizes
{
    /// <summary>Sum of the data of <paramref name="entries"/>.</summary>
    public static long Of(IReadOnlyList<Entry> entries)
    {
        var bytes = 0L;
        for (var i = 0; i < entries.Count; i++)
        {
            bytes += entries[i].Data.Length;
        }

        return bytes;
    }
}
