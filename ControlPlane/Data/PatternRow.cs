namespace ShardConsole.ControlPlane.Data;

/// <summary>What was gathered of access patterns; there is one.</summary>
internal sealed class PatternRow
{
    /// <summary>Its id.</summary>
    public const int Only = 1;

    public int Id { get; set; }

    /// <summary>When it was saved, model time.</summary>
    public DateTimeOffset At { get; set; }

    /// <summary>AccessSketch, in its own format.</summary>
    public byte[] Data { get; set; } = [];
}
