namespace ShardConsole.ControlPlane.LocalCluster;

/// <summary>A line of a node's console: "info: Category[7] text", or anything else, such as what the runtime writes before it dies.</summary>
/// <param name="Level">Level that the node gave it; information where it gave none.</param>
/// <param name="Text">The text alone: the log names the node.</param>
internal readonly record struct NodeLine(LogLevel Level, string Text)
{
    private const int WordLength = 4;

    /// <summary>Reads a line.</summary>
    public static NodeLine Of(string line)
    {
        var level = line.Length > WordLength && line[WordLength] == ':' ? LevelOf(line[..WordLength]) : null;
        if (level is null)
        {
            return new NodeLine(LogLevel.Information, line);
        }

        // The category has no space, and its event id stands in brackets.
        var rest = line[(WordLength + 1)..].TrimStart();
        var space = rest.IndexOf(' ', StringComparison.Ordinal);
        return new NodeLine(level.Value, space > 0 && rest[space - 1] == ']' ? rest[(space + 1)..] : rest);
    }

    private static LogLevel? LevelOf(string word) => word switch
    {
        "trce" => LogLevel.Trace,
        "dbug" => LogLevel.Debug,
        "info" => LogLevel.Information,
        "warn" => LogLevel.Warning,
        "fail" => LogLevel.Error,
        "crit" => LogLevel.Critical,
        _ => null,
    };
}
