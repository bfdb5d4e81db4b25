using ShardConsole.NodeAgent.Resp;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>
/// What the leader knows when it prepares a write: its time and its limits. The command begins as the client's arguments; a command that must resolve
/// something writes other arguments instead. One per connection.
/// </summary>
internal sealed class PrepareContext(TimeProvider clock, int maxValueBytes)
{
    private readonly CommandEncoder encoder = new();
    private long groupTimeMs;
    private long nowMs;

    /// <summary>Longest value that may come to be, bytes.</summary>
    public int MaxValueBytes { get; } = maxValueBytes;

    /// <summary>Whether the reply may be as large as a value: set by the command's own check, or by its flags.</summary>
    public bool RepliesLarge { get; set; }

    /// <summary>The leader's time, Unix milliseconds, never before the group's.</summary>
    public long NowMs => nowMs != 0 ? nowMs : nowMs = Math.Max(groupTimeMs, clock.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>Replaces the client's arguments; the caller then adds them one by one.</summary>
    public CommandEncoder Rewrite()
    {
        encoder.Clear();
        return encoder;
    }

    /// <summary>The command as it goes into the log; null where the command's own check wrote an error.</summary>
    public byte[]? Prepare(CommandSpec spec, CommandArgs args, long groupTimeMs, RespWriter reply)
    {
        this.groupTimeMs = groupTimeMs;
        nowMs = 0;
        RepliesLarge = spec.Has(CommandFlags.LargeReply);
        encoder.Clear();
        if (spec.Prepare is not null && !spec.Prepare(this, args, reply))
        {
            return null;
        }

        return encoder.Count > 0 ? encoder.ToArray() : CommandEncoder.Encode(args);
    }
}
