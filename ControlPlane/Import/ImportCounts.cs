using ShardConsole.ControlPlane.History;

namespace ShardConsole.ControlPlane.Import;

/// <summary>
/// Requests per bucket of log time and segment. Begins with buckets of the finest tier and folds them into the next one when the log turns
/// out longer than that tier is kept; what is older than the 5 min tier is kept is dropped. So its size is bounded whatever the log.
/// Order of the requests does not matter. Not safe for concurrent use.
/// </summary>
internal sealed class ImportCounts(int segments, HistoryOptions options)
{
    private Dictionary<long, Bucket> buckets = [];
    private DateTimeOffset last = DateTimeOffset.MinValue;
    private DateTimeOffset first = DateTimeOffset.MaxValue;

    /// <summary>Length of the buckets.</summary>
    public HistoryTier Tier { get; private set; } = HistoryTier.TenSeconds;

    /// <summary>Time of the first request.</summary>
    public DateTimeOffset First => first;

    /// <summary>Time of the last request.</summary>
    public DateTimeOffset Last => last;

    /// <summary>Buckets in the order of their starts (Unix seconds of log time).</summary>
    public IEnumerable<(long Start, Bucket Counts)> Buckets => buckets.OrderBy(b => b.Key).Select(b => (b.Key, b.Value));

    /// <summary>Counts requests.</summary>
    public void Add(DateTimeOffset at, int segment, int reads, int writes)
    {
        first = at < first ? at : first;
        last = at > last ? at : last;
        while (Tier < HistoryTier.FiveMinutes && last - first > options.Retention(Tier))
        {
            Fold();
        }

        var start = Tier.StartOf(at.ToUnixTimeSeconds());
        if (last - at > options.Retention(HistoryTier.FiveMinutes))
        {
            return;
        }

        if (!buckets.TryGetValue(start, out var bucket))
        {
            buckets[start] = bucket = new Bucket(new int[segments], new int[segments]);
            DropOld();
        }

        bucket.Reads[segment] += reads;
        bucket.Writes[segment] += writes;
    }

    private void Fold()
    {
        Tier = (HistoryTier)((byte)Tier + 1);
        var folded = new Dictionary<long, Bucket>();
        foreach (var (start, bucket) in buckets)
        {
            if (!folded.TryGetValue(Tier.StartOf(start), out var sum))
            {
                folded[Tier.StartOf(start)] = bucket;
                continue;
            }

            for (var i = 0; i < segments; i++)
            {
                sum.Reads[i] += bucket.Reads[i];
                sum.Writes[i] += bucket.Writes[i];
            }
        }

        buckets = folded;
    }

    private void DropOld()
    {
        var before = (last - options.Retention(HistoryTier.FiveMinutes)).ToUnixTimeSeconds();
        var limit = (options.Retention(HistoryTier.FiveMinutes).TotalSeconds / Tier.Seconds()) + 2;
        if (buckets.Count > limit)
        {
            foreach (var start in buckets.Keys.Where(s => s + Tier.Seconds() <= before).ToList())
            {
                buckets.Remove(start);
            }
        }
    }

    /// <summary>Requests per segment in one bucket.</summary>
    internal sealed record Bucket(int[] Reads, int[] Writes);
}
