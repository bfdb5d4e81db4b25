namespace ShardConsole.RaftConsole;

/// <summary>A directive that cannot be carried out; the message is the answer.</summary>
internal sealed class ScriptException(string message) : Exception(message);
