using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Load;

/// <summary>How load is counted and reported.</summary>
internal sealed record LoadOptions
{
    /// <summary>Most segments that can be counted; memory is touched only for those that are.</summary>
    public int SegmentCapacity { get; init; } = Slot.Count;

    /// <summary>Most <see cref="Stripes"/>.</summary>
    public const int MaxStripes = 64;

    /// <summary>Copies of the counters, 1..64: the first threads that count have one each, all others share the last. Memory is touched only for those in use.</summary>
    public int Stripes { get; init; } = 8;

    /// <summary>Length of a bucket, milliseconds, 100..60000.</summary>
    public int BucketMs { get; init; } = 1000;

    /// <summary>Sampled queries per bucket, 0..10000; 0 samples nothing.</summary>
    public int SamplesPerBucket { get; init; } = 200;

    /// <summary>Longest part of a key that a sample keeps, bytes.</summary>
    public int SampleKeyBytes { get; init; } = 256;

    /// <summary>Buckets after which the holdings of all led segments are reported again, also the unchanged ones.</summary>
    public int FullReportEvery { get; init; } = 60;

    /// <summary>Reports kept while the control plane is away, 1..100000; beyond it the oldest is dropped, which is a gap there.</summary>
    public int BufferedReports { get; init; } = 600;

    /// <summary>First pause after a failed post, milliseconds; doubles up to <see cref="RetryMaxMs"/>.</summary>
    public int RetryMs { get; init; } = 500;

    /// <summary>Longest pause between two posts of the same report, milliseconds.</summary>
    public int RetryMaxMs { get; init; } = 10_000;

    /// <summary>Time limit of one post, milliseconds.</summary>
    public int PostTimeoutMs { get; init; } = 5_000;

    /// <summary>How CPU is attributed to segments.</summary>
    public CpuAttributionOptions Attribution { get; init; } = new();
}

/// <summary>Weights of <see cref="CpuAttribution"/>.</summary>
internal sealed record CpuAttributionOptions
{
    /// <summary>CPU of a served command that the recorder cannot see (socket, kernel), microseconds.</summary>
    public double FixedMicrosPerCommand { get; init; } = 8;

    /// <summary>CPU of an entry applied as follower that the recorder cannot see (peer traffic, log), microseconds.</summary>
    public double FixedMicrosPerFollowedEntry { get; init; } = 8;

    /// <summary>Most that a segment gets per microsecond of its weight: what the process used beyond it is its own overhead.</summary>
    public double MaxScale { get; init; } = 8;
}
