using System.Numerics;

namespace ShardConsole.ControlPlane.Patterns;

/// <summary>
/// What is remembered of who accesses what after what: pairs of segments that one connection used within a window, chains of two to four segments in a row, and each
/// segment's hot keys. Bounded whatever comes (<see cref="SizeBytes"/>), decaying, and sketches of the same shape add up. Deterministic. Not safe for concurrent use.
/// </summary>
internal sealed class AccessSketch
{
    /// <summary>Persisted; "SCAP" and a format version.</summary>
    private const long Magic = 0x0001_5041_4353;

    private const int Ways = 8;

    private readonly PatternOptions options;
    private readonly StreamTable streams;
    private readonly HeavyTable pairs;
    private readonly HeavyTable chains;
    private readonly int shift;

    /// <param name="segments">Number of segments, 1..16384.</param>
    public AccessSketch(int segments, PatternOptions options)
    {
        this.options = options;
        Segments = segments;
        streams = new StreamTable(options.Streams);
        var buckets = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(2, segments * options.LinksPerSegment / Ways));
        shift = 64 - BitOperations.Log2((uint)buckets);
        pairs = new HeavyTable(buckets, Ways);
        chains = new HeavyTable(buckets, Ways);
        HotKeys = new HotKeyTable(segments, options.HotKeysPerSegment, options.KeyCharacters);
        (Uses, Links, Out, In) = (new double[segments], new double[segments], new double[segments], new double[segments]);
    }

    /// <summary>Number of segments.</summary>
    public int Segments { get; }

    /// <summary>Accesses that were taken, decayed.</summary>
    public double Total { get; private set; }

    /// <summary>The segments' hot keys.</summary>
    public HotKeyTable HotKeys { get; }

    /// <summary>Per segment: accesses, decayed.</summary>
    public double[] Uses { get; }

    /// <summary>Per segment: accesses together with another segment.</summary>
    public double[] Links { get; }

    /// <summary>Per segment: how often another one came after it.</summary>
    public double[] Out { get; }

    /// <summary>Per segment: how often it came after another one.</summary>
    public double[] In { get; }

    /// <summary>Bytes that the sketch takes at most.</summary>
    public long SizeBytes => streams.SizeBytes + pairs.SizeBytes + chains.SizeBytes + HotKeys.SizeBytes + (32L * Segments);

    /// <summary>Pairs that were counted, decayed.</summary>
    public double PairTotal => pairs.Total;

    /// <summary>Takes an access.</summary>
    /// <param name="stream">Who: a connection.</param>
    /// <param name="unixMs">When; of one stream in order.</param>
    /// <param name="segment">0..<see cref="Segments"/> - 1.</param>
    /// <param name="keyHash">XXH64 of the key.</param>
    /// <param name="key">Its text; null: not to be remembered.</param>
    public void Add(ulong stream, long unixMs, int segment, ulong keyHash, string? key)
    {
        Total++;
        Uses[segment]++;
        HotKeys.Add(segment, keyHash, key);
        ref var entry = ref streams.Of(stream, unixMs, options.WindowMs);
        if (entry.Length > 0 && (int)(entry.Recent & 0xFFFF) == segment)
        {
            return;
        }

        Follow(entry.Recent, entry.Length, segment);
        entry.Recent = (entry.Recent << 16) | (uint)segment;
        entry.Length = Math.Min(ChainCode.Longest, entry.Length + 1);
    }

    /// <summary>What comes next does not follow on what came before: accesses in between were not seen.</summary>
    public void Break() => streams.Break();

    /// <summary>All pairs that are held, lower segment first.</summary>
    public IEnumerable<(int One, int Other, HeavyEntry Entry)> Pairs() => pairs.Entries().Select(e =>
    {
        var segments = ChainCode.Segments(e.Key);
        return (segments[0], segments[1], e);
    });

    /// <summary>All chains of two to four segments that are held.</summary>
    public IEnumerable<(int[] Segments, HeavyEntry Entry)> Chains() => chains.Entries().Select(e => (ChainCode.Segments(e.Key), e));

    /// <summary>One chain; see <see cref="HeavyTable.Find"/>.</summary>
    public HeavyEntry Chain(params ReadOnlySpan<int> segments)
    {
        var code = ChainCode.Of(segments);
        return chains.Find(BucketOf(code), code);
    }

    /// <summary>Multiplies all counts, 0..1.</summary>
    public void Decay(double factor)
    {
        Total *= factor;
        pairs.Decay(factor);
        chains.Decay(factor);
        HotKeys.Decay(factor);
        foreach (var counts in Counts())
        {
            for (var s = 0; s < Segments; s++)
            {
                counts[s] *= factor;
            }
        }
    }

    /// <summary>Adds what another sketch of the same shape remembers.</summary>
    public void Merge(AccessSketch other)
    {
        pairs.Merge(other.pairs);
        chains.Merge(other.chains);
        HotKeys.Merge(other.HotKeys);
        Total += other.Total;
        foreach (var (mine, theirs) in Counts().Zip(other.Counts()))
        {
            for (var s = 0; s < Segments; s++)
            {
                mine[s] += theirs[s];
            }
        }
    }

    /// <summary>Writes everything but the connections. The form is persisted.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write(Magic);
        writer.Write(Segments);
        writer.Write(Total);
        foreach (var counts in Counts())
        {
            Array.ForEach(counts, writer.Write);
        }

        pairs.Write(writer);
        chains.Write(writer);
        HotKeys.Write(writer);
    }

    /// <summary>Reads what <see cref="Write"/> wrote. Throws <see cref="InvalidDataException"/> or <see cref="EndOfStreamException"/> where it is of another form or shape.</summary>
    public static AccessSketch Read(BinaryReader reader, int segments, PatternOptions options)
    {
        if (reader.ReadInt64() != Magic || reader.ReadInt32() != segments)
        {
            throw new InvalidDataException("The saved patterns are of another format or of another number of segments.");
        }

        var sketch = new AccessSketch(segments, options) { Total = reader.ReadDouble() };
        foreach (var counts in sketch.Counts())
        {
            for (var s = 0; s < segments; s++)
            {
                counts[s] = reader.ReadDouble();
            }
        }

        sketch.pairs.Read(reader);
        sketch.chains.Read(reader);
        sketch.HotKeys.Read(reader);
        return sketch;
    }

    private double[][] Counts() => [Uses, Links, Out, In];

    // Another segment after up to four recent ones: a pair with each of them, and the chains that end here.
    private void Follow(ulong recent, int length, int segment)
    {
        Span<int> before = stackalloc int[ChainCode.Longest];
        for (var back = 0; back < length; back++)
        {
            var previous = before[back] = (int)((recent >> (16 * back)) & 0xFFFF);
            if (previous != segment && before[..back].IndexOf(previous) < 0)
            {
                Links[previous]++;
                Links[segment]++;
                var pair = previous < segment ? ChainCode.Of(previous, segment) : ChainCode.Of(segment, previous);
                pairs.Add(BucketOf(pair), pair, out _);
            }
        }

        if (length > 0)
        {
            Out[before[0]]++;
            In[segment]++;
        }

        for (var size = 2; size <= Math.Min(ChainCode.Longest, length + 1); size++)
        {
            var chain = ChainCode.Empty;
            for (var back = size - 2; back >= 0; back--)
            {
                chain = ChainCode.Append(chain, before[back]);
            }

            chain = ChainCode.Append(chain, segment);
            chains.Add(BucketOf(chain), chain, out _);
        }
    }

    private int BucketOf(ulong code) => (int)((code * 0x9E37_79B9_7F4A_7C15) >> shift);
}
