namespace ShardConsole.ControlPlane.Data;

/// <summary>One tick's vector of all segments for one metric. Persisted; the coding of <see cref="Data"/> is HistoryFrameCodec's.</summary>
internal sealed class FrameRow
{
    /// <summary>HistoryTier.</summary>
    public byte Tier { get; set; }

    /// <summary>LoadMetric.</summary>
    public byte Metric { get; set; }

    /// <summary>Start of the frame, Unix seconds of model time.</summary>
    public long Start { get; set; }

    /// <summary>0: measured; 1, 2 …: the import of this id; -1: generated.</summary>
    public long Source { get; set; }

    public byte[] Data { get; set; } = [];
}

/// <summary>Which reports of a node's boot were taken.</summary>
internal sealed class IntakeRow
{
    public string Node { get; set; } = "";

    public string Boot { get; set; } = "";

    /// <summary>Highest sequence taken.</summary>
    public long Last { get; set; }

    /// <summary>Bit (s modulo the window): sequence s was taken.</summary>
    public byte[] Window { get; set; } = [];

    /// <summary>When the last one came, real time.</summary>
    public DateTimeOffset At { get; set; }
}

/// <summary>A kept forecast of one metric.</summary>
internal sealed class ForecastRow
{
    /// <summary>Hours ahead, 1 or 24; 0: the newest, whole.</summary>
    public byte Lead { get; set; }

    public byte Metric { get; set; }

    /// <summary>Start of the step that was forecast, Unix seconds of model time; 0 for the newest, whole.</summary>
    public long Target { get; set; }

    public DateTimeOffset MadeAt { get; set; }

    public byte[] Data { get; set; } = [];
}
