namespace ShardConsole.ControlPlane.Data;

/// <summary>What was gathered of access patterns: one row that the control plane keeps, and one for each import on the command line that it has not taken yet.</summary>
internal sealed class PatternRow
{
    /// <summary>The id of the control plane's own; larger ones were left by imports.</summary>
    public const int Only = 1;

    public int Id { get; set; }

    /// <summary>When it was saved, model time.</summary>
    public DateTimeOffset At { get; set; }

    /// <summary>AccessSketch, in its own format.</summary>
    public byte[] Data { get; set; } = [];
}
