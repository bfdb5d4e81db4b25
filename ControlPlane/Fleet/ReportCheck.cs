using System.Globalization;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>Looks for what cannot be in a report.</summary>
internal static class ReportCheck
{
    /// <summary>Longest bucket, milliseconds.</summary>
    private const int LongestBucketMs = 60_000;

    /// <summary>How far a node's clock may be ahead, milliseconds.</summary>
    private const long AheadMs = 60_000;

    /// <summary>Why a report cannot be used, naming field, value and limit; null when it can.</summary>
    public static string? Problem(LoadReport report, int segmentCount, long nowUnixMs)
    {
        var c = CultureInfo.InvariantCulture;
        if (report.Status is null || report.Status.Use is null || report.Status.Replicas.IsDefault || report.Status.Migrations.IsDefault)
        {
            return "status is missing or incomplete.";
        }

        if (report.Segments.IsDefault || report.Samples.IsDefault)
        {
            return "segments and samples must be arrays.";
        }

        if (report.Sequence < 1)
        {
            return string.Create(c, $"sequence {report.Sequence} is below 1.");
        }

        if (report.BucketMs is < 1 or > LongestBucketMs)
        {
            return string.Create(c, $"bucketMs {report.BucketMs} is outside 1..{LongestBucketMs}.");
        }

        if (report.BucketUnixMs <= 0 || report.BucketUnixMs > nowUnixMs + AheadMs)
        {
            return string.Create(c, $"bucketUnixMs {report.BucketUnixMs} is not between 1 and {AheadMs / 1000} s after now ({nowUnixMs}): set the node's clock.");
        }

        foreach (var segment in report.Segments)
        {
            if (segment.Segment.Value >= segmentCount)
            {
                return string.Create(c, $"segment {segment.Segment} is outside 0..{segmentCount - 1}.");
            }

            if (segment.Reads < 0 || segment.Writes < 0 || segment.BytesIn < 0 || segment.BytesOut < 0 || segment.CpuMicros < 0 || segment.FollowerCpuMicros < 0)
            {
                return string.Create(c, $"segment {segment.Segment} has a negative count.");
            }
        }

        return null;
    }
}
