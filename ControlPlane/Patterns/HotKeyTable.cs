namespace ShardConsole.ControlPlane.Patterns;

/// <summary>A key that was seen often.</summary>
/// <param name="Segment">Its segment.</param>
/// <param name="Hash">XXH64 of the whole key.</param>
/// <param name="Key">Its text, perhaps cut; null where there was no room for it.</param>
/// <param name="Count">Seen at most so often, decayed.</param>
/// <param name="Error">By at most so much is the count too high.</param>
/// <param name="Share">Least share of its segment's accesses.</param>
internal sealed record HeavyKey(int Segment, ulong Hash, string? Key, double Count, double Error, double Share)
{
    /// <summary>Seen at least so often.</summary>
    public double Sure => Count - Error;
}

/// <summary>The hot keys of each segment, with an error bound: a <see cref="HeavyTable"/> with a bucket per segment, and the keys' text within a budget.</summary>
internal sealed class HotKeyTable
{
    private readonly HeavyTable table;
    private readonly string?[] names;
    private readonly double[] totals;
    private readonly int budget;
    private int characters;

    /// <param name="segments">Number of segments.</param>
    /// <param name="perSegment">Keys remembered of each.</param>
    /// <param name="budget">Characters of keys at most.</param>
    public HotKeyTable(int segments, int perSegment, int budget)
    {
        table = new HeavyTable(segments, perSegment);
        names = new string?[segments * perSegment];
        totals = new double[segments];
        this.budget = budget;
    }

    /// <summary>Bytes that the table takes when the keys' text fills its budget.</summary>
    public long SizeBytes => table.SizeBytes + (8L * names.Length) + (8L * totals.Length) + (2L * budget) + (24L * Math.Min(names.Length, budget));

    /// <summary>Counts a key.</summary>
    public void Add(int segment, ulong hash, string? key)
    {
        totals[segment]++;
        var place = table.Add(segment, hash, out var entered);
        if (entered)
        {
            Name(place, key);
        }
    }

    /// <summary>The keys of a segment that were surely seen more than once, most often first.</summary>
    public IReadOnlyList<HeavyKey> Top(int segment, int count) =>
        [.. Places(segment).Select(p => Of(segment, p)).Where(k => k.Sure > 1).OrderByDescending(k => k.Sure).ThenBy(k => k.Hash).Take(count)];

    /// <summary>The same over all segments.</summary>
    public IReadOnlyList<HeavyKey> Top(int count) =>
        [.. Enumerable.Range(0, table.Buckets).SelectMany(s => Top(s, table.Ways)).OrderByDescending(k => k.Sure).ThenBy(k => k.Hash).Take(count)];

    /// <summary>Multiplies all counts.</summary>
    public void Decay(double factor)
    {
        table.Decay(factor);
        for (var s = 0; s < totals.Length; s++)
        {
            totals[s] *= factor;
            foreach (var place in Places(s))
            {
                if (table.At(place).Count == 0)
                {
                    Name(place, null);
                }
            }
        }
    }

    /// <summary>Adds what another table of the same shape counted.</summary>
    public void Merge(HotKeyTable other)
    {
        var before = (string?[])names.Clone();
        Array.Clear(names);
        characters = 0;
        table.Merge(other.table, (from, to) => Name(to, from >= 0 ? before[from] : other.names[-1 - from]));
        for (var s = 0; s < totals.Length; s++)
        {
            totals[s] += other.totals[s];
        }
    }

    /// <summary>Writes everything. The form is persisted.</summary>
    public void Write(BinaryWriter writer)
    {
        table.Write(writer);
        Array.ForEach(totals, writer.Write);
        writer.Write(names.Count(n => n is not null));
        for (var i = 0; i < names.Length; i++)
        {
            if (names[i] is { } name)
            {
                writer.Write(i);
                writer.Write(name);
            }
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote into this table.</summary>
    public void Read(BinaryReader reader)
    {
        table.Read(reader);
        for (var s = 0; s < totals.Length; s++)
        {
            totals[s] = reader.ReadDouble();
        }

        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var place = reader.ReadInt32();
            Name(place >= 0 && place < names.Length ? place : throw new InvalidDataException($"A saved key has the place {place}; they are 0..{names.Length - 1}."), reader.ReadString());
        }
    }

    private IEnumerable<int> Places(int segment) => Enumerable.Range(segment * table.Ways, table.Ways);

    private HeavyKey Of(int segment, int place)
    {
        var entry = table.At(place);
        return new HeavyKey(segment, entry.Key, names[place], entry.Count, entry.Error, totals[segment] > 0 ? entry.Sure / totals[segment] : 0);
    }

    private void Name(int place, string? name)
    {
        characters -= names[place]?.Length ?? 0;
        names[place] = name is not null && characters + name.Length <= budget ? name : null;
        characters += names[place]?.Length ?? 0;
    }
}
