namespace ShardConsole.NodeAgent;

/// <summary>Why the program cannot start, in one line that names the value, the limit and what to do. The program ends with exit code 2.</summary>
internal sealed class StartupException(string message) : Exception(message)
{
    /// <summary>Exit code of a program that was started wrongly.</summary>
    public const int ExitCode = 2;

    /// <summary>A port that cannot be bound.</summary>
    /// <param name="option">The option that names it, "--gossip-port".</param>
    public static StartupException PortTaken(string option, System.Net.IPEndPoint at, string why) =>
        new($"{option} {at.Port}: cannot listen on {at} ({why}). Stop what uses it, or choose another port with {option}.");
}
