namespace ShardConsole.ControlPlane.Patterns;

/// <summary>An entry of a <see cref="HeavyTable"/>.</summary>
/// <param name="Count">At most so often was it counted.</param>
/// <param name="Error">By at most so much is <paramref name="Count"/> too high.</param>
internal readonly record struct HeavyEntry(ulong Key, double Count, double Error)
{
    /// <summary>At least so often was it counted.</summary>
    public double Sure => Count - Error;
}

/// <summary>
/// The heaviest keys in a fixed space: Space-Saving (Metwally, Agrawal, El Abbadi: Efficient Computation of Frequent and Top-k Elements in Data Streams, ICDT 2005),
/// one small instance per bucket. A key that is not held takes the place of the lightest in its bucket and inherits its count as possible error, so a key that was
/// counted more often than its bucket's total / ways is always held. Counts decay as a whole, and tables of the same shape add up.
/// </summary>
internal sealed class HeavyTable
{
    /// <summary>What has decayed below this is forgotten.</summary>
    private const double Least = 0.25;

    private readonly ulong[] keys;
    private readonly double[] counts;
    private readonly float[] errors;

    /// <param name="buckets">At least 1.</param>
    /// <param name="ways">Keys per bucket, at least 1.</param>
    public HeavyTable(int buckets, int ways)
    {
        (Buckets, Ways) = (buckets, ways);
        keys = new ulong[buckets * ways];
        counts = new double[buckets * ways];
        errors = new float[buckets * ways];
    }

    /// <summary>Number of buckets.</summary>
    public int Buckets { get; }

    /// <summary>Keys per bucket.</summary>
    public int Ways { get; }

    /// <summary>Everything that was counted, decayed.</summary>
    public double Total { get; private set; }

    /// <summary>Bytes of a table of that shape.</summary>
    public long SizeBytes => keys.Length * (sizeof(ulong) + sizeof(double) + sizeof(float));

    /// <summary>Counts a key once. Its place, from 0 to Buckets × Ways - 1, and whether another key was there before.</summary>
    public int Add(int bucket, ulong key, out bool entered)
    {
        Total++;
        var from = bucket * Ways;
        var found = keys.AsSpan(from, Ways).IndexOf(key);
        entered = false;
        if (found < 0)
        {
            (found, entered) = (Lightest(from), true);
            keys[from + found] = key;
            errors[from + found] = Above(counts[from + found]);
        }

        counts[from + found]++;
        return from + found;
    }

    /// <summary>The entry at a place; its count is 0 where there is none.</summary>
    public HeavyEntry At(int place) => new(keys[place], counts[place], Math.Min(errors[place], counts[place]));

    /// <summary>The entry of a key; its count is 0, and its error what it might have had, where it is not held.</summary>
    public HeavyEntry Find(int bucket, ulong key)
    {
        var from = bucket * Ways;
        var found = keys.AsSpan(from, Ways).IndexOf(key);
        return found < 0 ? new HeavyEntry(key, 0, counts[from + Lightest(from)]) : At(from + found);
    }

    /// <summary>All entries, in the order of their places.</summary>
    public IEnumerable<HeavyEntry> Entries() => Enumerable.Range(0, keys.Length).Where(i => counts[i] > 0).Select(At);

    /// <summary>Multiplies all counts by <paramref name="factor"/>, 0..1.</summary>
    public void Decay(double factor)
    {
        Total *= factor;
        for (var i = 0; i < keys.Length; i++)
        {
            if (counts[i] == 0)
            {
                continue;
            }

            counts[i] *= factor;
            errors[i] = Above(errors[i] * factor);
            if (counts[i] < Least)
            {
                (keys[i], counts[i], errors[i]) = (0, 0, 0);
            }
        }
    }

    /// <summary>
    /// Adds what another table of the same shape counted (Agarwal and others: Mergeable Summaries, PODS 2012). <paramref name="moved"/> is told the place of an entry before (negative:
    /// -1 - place in the other table) and after; null: nobody asks.
    /// </summary>
    public void Merge(HeavyTable other, Action<int, int>? moved = null)
    {
        if (other.Buckets != Buckets || other.Ways != Ways)
        {
            throw new ArgumentException($"A table of {other.Buckets} × {other.Ways} cannot be added to one of {Buckets} × {Ways}.", nameof(other));
        }

        var union = new List<(HeavyEntry Entry, int From)>(2 * Ways);
        for (var bucket = 0; bucket < Buckets; bucket++)
        {
            union.Clear();
            var from = bucket * Ways;
            double missingHere = counts[from + Lightest(from)], missingThere = other.counts[from + other.Lightest(from)];
            for (var i = from; i < from + Ways; i++)
            {
                if (counts[i] > 0)
                {
                    var there = other.Find(bucket, keys[i]);
                    var more = there.Count > 0 ? (there.Count, there.Error) : (missingThere, missingThere);
                    union.Add((new HeavyEntry(keys[i], counts[i] + more.Item1, errors[i] + more.Item2), i));
                }
            }

            for (var i = from; i < from + Ways; i++)
            {
                if (other.counts[i] > 0 && Find(bucket, other.keys[i]).Count == 0)
                {
                    union.Add((new HeavyEntry(other.keys[i], other.counts[i] + missingHere, other.errors[i] + missingHere), -1 - i));
                }
            }

            union.Sort(static (a, b) => a.Entry.Count != b.Entry.Count ? b.Entry.Count.CompareTo(a.Entry.Count) : a.Entry.Key.CompareTo(b.Entry.Key));
            for (var i = 0; i < Ways; i++)
            {
                var entry = i < union.Count ? union[i].Entry : default;
                (keys[from + i], counts[from + i], errors[from + i]) = (entry.Key, entry.Count, Above(entry.Error));
                if (i < union.Count)
                {
                    moved?.Invoke(union[i].From, from + i);
                }
            }
        }

        Total += other.Total;
    }

    /// <summary>Writes what is held, so that <see cref="Read"/> goes on bit for bit. The form is persisted.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write(Buckets);
        writer.Write(Ways);
        writer.Write(Total);
        writer.Write(counts.Count(c => c > 0));
        for (var i = 0; i < keys.Length; i++)
        {
            if (counts[i] > 0)
            {
                writer.Write(i);
                writer.Write(keys[i]);
                writer.Write(counts[i]);
                writer.Write(errors[i]);
            }
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote into this table. Throws <see cref="InvalidDataException"/> where it is of another shape.</summary>
    public void Read(BinaryReader reader)
    {
        var (buckets, ways) = (reader.ReadInt32(), reader.ReadInt32());
        if (buckets != Buckets || ways != Ways)
        {
            throw new InvalidDataException($"A saved table of {buckets} × {ways} does not fit one of {Buckets} × {Ways}.");
        }

        Total = reader.ReadDouble();
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var place = reader.ReadInt32();
            if (place < 0 || place >= keys.Length)
            {
                throw new InvalidDataException($"A saved entry has the place {place}; they are 0..{keys.Length - 1}.");
            }

            (keys[place], counts[place], errors[place]) = (reader.ReadUInt64(), reader.ReadDouble(), reader.ReadSingle());
        }
    }

    // The first of those with the least count.
    private int Lightest(int from)
    {
        var bucket = counts.AsSpan(from, Ways);
        var least = 0;
        for (var i = 1; i < bucket.Length; i++)
        {
            least = bucket[i] < bucket[least] ? i : least;
        }

        return least;
    }

    // Never rounded down: the error must bound.
    private static float Above(double value)
    {
        var rounded = (float)value;
        return rounded < value ? MathF.BitIncrement(rounded) : rounded;
    }
}
