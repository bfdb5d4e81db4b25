namespace ShardConsole.NodeAgent.Commands;

/// <summary>Redis's texts of the errors that commands answer with. All of them mean: not executed.</summary>
internal static class Errors
{
    public const string WrongType = "WRONGTYPE Operation against a key holding the wrong kind of value";
    public const string NotInteger = "ERR value is not an integer or out of range";
    public const string NotFloat = "ERR value is not a valid float";
    public const string NotPositive = "ERR value is out of range, must be positive";
    public const string Syntax = "ERR syntax error";
    public const string NoSuchKey = "ERR no such key";
    public const string OffsetOutOfRange = "ERR offset is out of range";
    public const string TooLong = "ERR string exceeds maximum allowed size (proto-max-bulk-len)";
    public const string DatabaseOutOfRange = "ERR DB index is out of range";

    /// <summary>Wrong arity. A subcommand is named "container|name".</summary>
    public static string WrongArity(string command) => $"ERR wrong number of arguments for '{command}' command";

    public static string InvalidExpire(string command) => $"ERR invalid expire time in '{command}' command";
}
