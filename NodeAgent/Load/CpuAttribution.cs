namespace ShardConsole.NodeAgent.Load;

/// <summary>CPU of one segment in one bucket, microseconds.</summary>
internal readonly record struct SegmentCpu(long LeaderMicros, long FollowerMicros);

/// <summary>
/// Distributes what the process really used over the segments. The recorder sees only a command's own work; parsing, sockets and the kernel's share are
/// not seen, and what it measures is time, in which another process may have had the processor. So:
/// weight = recorded time + fixed share × number (of commands served, of entries followed);
/// every segment gets its weight × scale, where scale = serving CPU / sum of weights, at most <see cref="CpuAttributionOptions.MaxScale"/>;
/// serving CPU = the process's CPU in the bucket − what it uses when it serves nobody.
/// The sum over all segments is therefore the serving CPU, or less where that would blame a few commands for the node's own overhead; never more.
/// </summary>
internal static class CpuAttribution
{
    /// <summary>CPU per segment, in the order of <paramref name="segments"/>.</summary>
    /// <param name="segments">What was counted.</param>
    /// <param name="processMicros">CPU of the process in the bucket, user and kernel.</param>
    /// <param name="idleMicros">CPU that the process uses in such a bucket when it serves nobody.</param>
    /// <param name="options">Weights.</param>
    public static SegmentCpu[] Distribute(
        IReadOnlyList<SegmentTally> segments, double processMicros, double idleMicros, CpuAttributionOptions options)
    {
        var weights = 0.0;
        foreach (var segment in segments)
        {
            weights += LeaderWeight(segment, options) + FollowerWeight(segment, options);
        }

        var serving = Math.Max(0, processMicros - idleMicros);
        var scale = weights > 0 ? Math.Min(serving / weights, options.MaxScale) : 0;
        var result = new SegmentCpu[segments.Count];
        var carry = 0.0;
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = new SegmentCpu(
                Round(LeaderWeight(segments[i], options) * scale, ref carry), Round(FollowerWeight(segments[i], options) * scale, ref carry));
        }

        return result;
    }

    /// <summary>
    /// The idle use after one more bucket: learned from buckets in which nothing was served, forgotten slowly. Idle buckets right after the start are
    /// dear (code is compiled), so what was learned in them gives way where it would leave less than the work that was seen to be done.
    /// </summary>
    /// <param name="idleMicros">As it was; negative before the first such bucket.</param>
    /// <param name="workMicros">Weight of what was served in the bucket, in the unit of <paramref name="processMicros"/>.</param>
    public static double Idle(double idleMicros, BucketTally tally, double processMicros, double workMicros = 0)
    {
        const double Weight = 0.1;
        if (tally.Segments.Any(s => s.Commands + s.FollowedEntries > 0))
        {
            var most = Math.Max(0, processMicros - workMicros);
            return workMicros > 0 && idleMicros > most ? idleMicros + (Weight * (most - idleMicros)) : idleMicros;
        }

        return idleMicros < 0 ? processMicros : idleMicros + (Weight * (processMicros - idleMicros));
    }

    /// <summary>What the segments' own work weighs, microseconds.</summary>
    public static double Work(BucketTally tally, CpuAttributionOptions options) =>
        tally.Segments.Sum(s => LeaderWeight(s, options) + FollowerWeight(s, options));

    private static double LeaderWeight(SegmentTally segment, CpuAttributionOptions options) =>
        segment.CpuMicros + (options.FixedMicrosPerCommand * segment.Commands);

    private static double FollowerWeight(SegmentTally segment, CpuAttributionOptions options) =>
        segment.FollowerCpuMicros + (options.FixedMicrosPerFollowedEntry * segment.FollowedEntries);

    /// <summary>Rounds so that the rounded parts add up to the rounded sum: what one part loses the next one gets.</summary>
    private static long Round(double value, ref double carry)
    {
        var rounded = Math.Floor(value + carry + 1e-9);
        carry += value - rounded;
        return (long)rounded;
    }
}
