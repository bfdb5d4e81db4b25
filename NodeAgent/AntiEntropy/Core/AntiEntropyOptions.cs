namespace ShardConsole.NodeAgent.AntiEntropy.Core;

/// <summary>Pace and limits of comparing the replicas of a shard.</summary>
internal sealed class AntiEntropyOptions
{
    /// <summary>Time between two comparisons of one shard, milliseconds; 0: only on demand. Shards are spread over it.</summary>
    public long PeriodMs { get; set; } = 3_600_000;

    /// <summary>Time between two questions whether a segment that is held is an orphan, milliseconds.</summary>
    public long OrphanMs { get; set; } = 60_000;

    /// <summary>Bytes of one shard's keys and values that are hashed anew per tick, so that damage of memory is found; one pass a period.</summary>
    public long ScrubBytesPerTick { get; set; } = 256 << 10;

    /// <summary>Pause after which a question that brought nothing is asked again, milliseconds.</summary>
    public int RepeatMs { get; set; } = 300;

    /// <summary>How long replicas may take to say that they are there, milliseconds.</summary>
    public int ProbeMs { get; set; } = 10_000;

    /// <summary>How long replicas may take to reach the index of a check and to answer, milliseconds. Who does not is not compared.</summary>
    public int CompareMs { get; set; } = 30_000;

    /// <summary>How long writes to a segment wait at most while a repair of one of its buckets is read, milliseconds.</summary>
    public int HoldMs { get; set; } = 500;

    /// <summary>How long a repair may take from its proposal until it is applied, milliseconds.</summary>
    public int RepairMs { get; set; } = 5_000;

    /// <summary>How often the repair of one bucket is tried.</summary>
    public int MaxAttempts { get; set; } = 5;

    /// <summary>Comparisons of one check: the first, and those after repairs.</summary>
    public int MaxRounds { get; set; } = 3;

    /// <summary>Largest bucket that is repaired, bytes: it goes through the log as one entry.</summary>
    public int MaxRepairBytes { get; set; } = 32 << 20;

    /// <summary>Differing buckets that are repaired in one round; more wait for the next.</summary>
    public int MaxRepairs { get; set; } = 4096;

    /// <summary>Segments whose buckets are asked for in one question.</summary>
    public int SegmentsPerQuestion { get; set; } = 32;

    /// <summary>Differences that a report lists; all are counted.</summary>
    public int MaxListed { get; set; } = 64;

    /// <summary>Writes that may wait for the reading of one bucket; more are not held, and the repair is tried again.</summary>
    public int MaxHeldWrites { get; set; } = 4096;
}
