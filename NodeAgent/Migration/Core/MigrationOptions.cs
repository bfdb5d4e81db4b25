namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>Options of migrations on one node. The limits that M holds come with its records.</summary>
internal sealed record MigrationOptions
{
    /// <summary>A leader reads M's records this often, milliseconds.</summary>
    public int AskMs { get; init; } = 1000;

    /// <summary>A proposal, question or report that has shown no result is made again after this, milliseconds.</summary>
    public int RepeatMs { get; init; } = 300;

    /// <summary>A stream without progress asks the target where it stands after this, milliseconds.</summary>
    public int ResendMs { get; init; } = 250;

    /// <summary>A target that has not answered for so long aborts the migration, milliseconds.</summary>
    public int TargetSilenceMs { get; init; } = 10_000;

    /// <summary>Progress is reported this often, milliseconds.</summary>
    public int ProgressMs { get; init; } = 1000;

    /// <summary>Entries whose effects are kept for one outgoing stream; beyond it the stream restarts by digests.</summary>
    public int MaxLogEntries { get; init; } = 65_536;

    /// <summary>Bytes of effects that are kept for one outgoing stream.</summary>
    public long MaxLogBytes { get; init; } = 32 << 20;

    /// <summary>Bytes on their way to a target and not confirmed; beyond it the stream waits.</summary>
    public long WindowBytes { get; init; } = 1 << 20;

    /// <summary>Bytes of buckets on their way from one node, in all its streams, and not confirmed; beyond it no more is copied.</summary>
    public long NodeWindowBytes { get; init; } = 2 << 20;

    /// <summary>Messages on their way to a target and not confirmed.</summary>
    public int WindowMessages { get; init; } = 64;

    /// <summary>Bytes of effects in one message; one larger entry travels alone.</summary>
    public int MessageBytes { get; init; } = 256 << 10;

    /// <summary>Verification rounds that may find a difference before the migration is aborted.</summary>
    public int MaxVerifyRounds { get; init; } = 8;

    /// <summary>Restarts of one stream, each because more effects waited than are kept, before the migration is aborted.</summary>
    public int MaxRestarts { get; init; } = 64;

    /// <summary>Entries behind which a target has less than a millisecond of stream before it: about what it takes in one commit.</summary>
    public int CutOverLagEntries { get; init; } = 32;

    /// <summary>The same in bytes.</summary>
    public long CutOverLagBytes { get; init; } = 64 << 10;

    /// <summary>Segments that are closed at once at most, in the whole cluster; how many of them is decided by how long each takes (<see cref="CutOverPace"/>).</summary>
    public int MaxCutOvers { get; init; } = 16;

    /// <summary>A cut-over should not take longer, from M's permission until M hears that the target serves; longer ones make their number fall. Milliseconds.</summary>
    public int CutOverAimMs { get; init; } = 10;

    /// <summary>M aborts an open migration of which nothing was heard for so long while it was neither paused nor halted, milliseconds.</summary>
    public int StallMs { get; init; } = 30_000;
}
