namespace ShardConsole.NodeAgent;

/// <summary>Small steps of the program's start.</summary>
internal static class NodeStartup
{
    /// <summary>Stops the start where something is wrong; the message has one line per problem.</summary>
    /// <exception cref="StartupException">There are problems.</exception>
    public static void ThrowOn(IReadOnlyList<string> problems)
    {
        if (problems.Count > 0)
        {
            throw new StartupException(string.Join('\n', problems));
        }
    }
}
