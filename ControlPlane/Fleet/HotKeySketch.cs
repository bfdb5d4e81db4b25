using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>
/// The keys seen most often among samples: space-saving of a fixed number of counters (Metwally, Agrawal, El Abbadi: Efficient Computation
/// of Frequent and Top-k Elements in Data Streams, ICDT 2005). A key with a share above 1/capacity is always held; its count is too high by
/// at most total/capacity. All counts are halved now and then, so that old heat cools. Not safe for concurrent use.
/// </summary>
internal sealed class HotKeySketch(int capacity, int halveAfter)
{
    private readonly Dictionary<string, Counter> counters = new(capacity, StringComparer.Ordinal);
    private long total;

    /// <summary>Counts one sample of a key.</summary>
    public void Add(string key)
    {
        if (++total >= halveAfter)
        {
            Halve();
        }

        if (counters.TryGetValue(key, out var counter))
        {
            counters[key] = counter with { Count = counter.Count + 1 };
            return;
        }

        if (counters.Count < capacity)
        {
            counters[key] = new Counter(1, 0);
            return;
        }

        // The new key inherits the smallest count: it may have been seen that often while it was not held.
        var least = counters.MinBy(c => (c.Value.Count, c.Key));
        counters.Remove(least.Key);
        counters[key] = new Counter(least.Value.Count + 1, least.Value.Count);
    }

    /// <summary>The hottest keys, most often seen first. Samples are those surely seen; a key that only inherited its count is left out.</summary>
    public IReadOnlyList<HotKey> Top(int count) =>
        [.. counters.Where(c => c.Value.Count > c.Value.Inherited)
            .OrderByDescending(c => c.Value.Count - c.Value.Inherited).ThenBy(c => c.Key, StringComparer.Ordinal).Take(count)
            .Select(c => new HotKey(c.Key, (double)(c.Value.Count - c.Value.Inherited) / Math.Max(1, total), c.Value.Count - c.Value.Inherited))];

    private void Halve()
    {
        total /= 2;
        foreach (var (key, counter) in counters.ToList())
        {
            var halved = new Counter(counter.Count / 2, counter.Inherited / 2);
            if (halved.Count == 0)
            {
                counters.Remove(key);
            }
            else
            {
                counters[key] = halved;
            }
        }
    }

    private readonly record struct Counter(long Count, long Inherited);
}
