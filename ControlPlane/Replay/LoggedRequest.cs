namespace ShardConsole.ControlPlane.Replay;

/// <summary>One line of a request log.</summary>
/// <param name="At">When the request was made, log time.</param>
/// <param name="Key">Its key, not empty.</param>
/// <param name="IsWrite">Whether the operation changes the key.</param>
/// <param name="Client">Who asked, where the log has a column for it.</param>
internal readonly record struct LoggedRequest(DateTimeOffset At, string Key, bool IsWrite, string? Client = null);
