namespace ShardConsole.NodeAgent.Resp;

/// <summary>What one command may cost before it is refused and its connection closed.</summary>
internal sealed class RespLimits
{
    /// <summary>Longest argument, bytes, 1 KiB .. 512 MiB.</summary>
    public int MaxBulkBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Most arguments of one command, 16 .. 1,048,576.</summary>
    public int MaxArguments { get; set; } = 1_048_576;

    /// <summary>Longest inline command, and longest header line, bytes, 1 KiB .. 1 MiB.</summary>
    public int MaxInlineBytes { get; set; } = 64 * 1024;

    /// <summary>Longest whole command, bytes; at least <see cref="MaxBulkBytes"/> + 1 KiB, at most 1 GiB.</summary>
    public int MaxCommandBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Most arguments of one command before the client has authenticated.</summary>
    public int MaxUnauthenticatedArguments { get; set; } = 10;

    /// <summary>Longest argument before the client has authenticated, bytes.</summary>
    public int MaxUnauthenticatedBulkBytes { get; set; } = 16 * 1024;

    /// <summary>All that is wrong with these limits, one sentence each.</summary>
    public IEnumerable<string> Problems(string section)
    {
        if (MaxBulkBytes is < 1024 or > 512 * 1024 * 1024)
        {
            yield return $"{section}:MaxBulkBytes {MaxBulkBytes} is outside 1024..536870912.";
        }

        if (MaxArguments is < 16 or > 1_048_576)
        {
            yield return $"{section}:MaxArguments {MaxArguments} is outside 16..1048576.";
        }

        if (MaxInlineBytes is < 1024 or > 1024 * 1024)
        {
            yield return $"{section}:MaxInlineBytes {MaxInlineBytes} is outside 1024..1048576.";
        }

        if (MaxCommandBytes > 1024 * 1024 * 1024 || MaxCommandBytes < (long)MaxBulkBytes + 1024)
        {
            yield return $"{section}:MaxCommandBytes {MaxCommandBytes} is outside MaxBulkBytes + 1024 .. 1073741824.";
        }

        if (MaxUnauthenticatedArguments < 4 || MaxUnauthenticatedArguments > MaxArguments)
        {
            yield return $"{section}:MaxUnauthenticatedArguments {MaxUnauthenticatedArguments} is outside 4..MaxArguments.";
        }

        if (MaxUnauthenticatedBulkBytes < 256 || MaxUnauthenticatedBulkBytes > MaxBulkBytes)
        {
            yield return $"{section}:MaxUnauthenticatedBulkBytes {MaxUnauthenticatedBulkBytes} is outside 256..MaxBulkBytes.";
        }
    }
}
