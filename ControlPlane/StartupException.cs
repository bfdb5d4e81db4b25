namespace ShardConsole.ControlPlane;

/// <summary>Why the program cannot start, in one line that names the value, the limit and what to do. The program ends with exit code 2.</summary>
internal sealed class StartupException(string message) : Exception(message)
{
    /// <summary>Exit code of a program that was started wrongly.</summary>
    public const int ExitCode = 2;
}
