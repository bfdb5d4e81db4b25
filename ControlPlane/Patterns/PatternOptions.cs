namespace ShardConsole.ControlPlane.Patterns;

/// <summary>How access patterns are gathered and found. Section "Patterns".</summary>
internal sealed class PatternOptions
{
    /// <summary>Section of appsettings.json.</summary>
    public const string Section = "Patterns";

    /// <summary>Accesses of one connection belong together while no more milliseconds lie between two of them, 1..60000.</summary>
    public int WindowMs { get; set; } = 1000;

    /// <summary>Model hours after which an access counts half, 1..8760.</summary>
    public double HalfLifeHours { get; set; } = 24;

    /// <summary>Pairs, and as many chains, remembered per segment, 8..32.</summary>
    public int LinksPerSegment { get; set; } = 32;

    /// <summary>Hot keys remembered per segment, 4..32.</summary>
    public int HotKeysPerSegment { get; set; } = 32;

    /// <summary>Connections followed at once, 64..65536; beyond it the one that is silent longest is forgotten.</summary>
    public int Streams { get; set; } = 16384;

    /// <summary>Characters of hot keys kept, all segments together, 0..8388608; beyond it a key is known by its hash alone.</summary>
    public int KeyCharacters { get; set; } = 4 << 20;

    /// <summary>Accesses that a pair or chain must surely have had together to be told of, 2..1000000.</summary>
    public double LeastCount { get; set; } = 8;

    /// <summary>How many times more often than chance would have it, 1..1000.</summary>
    public double LeastLift { get; set; } = 3;

    /// <summary>How many standard deviations above chance, 0..100.</summary>
    public double LeastDeviations { get; set; } = 6;

    /// <summary>Share of its shared accesses that a segment must have with its clump to belong to it, 0..1.</summary>
    public double LeastShare { get; set; } = 0.1;

    /// <summary>Heaviest links that clumps are looked for among, 1..1000000.</summary>
    public int MaxLinks { get; set; } = 200_000;

    /// <summary>Clumps told of, and chains, 1..10000.</summary>
    public int MaxFound { get; set; } = 1000;

    /// <summary>All that is wrong with these options, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        var checks = new (string Name, double Value, double Least, double Most)[]
        {
            (nameof(WindowMs), WindowMs, 1, 60_000), (nameof(HalfLifeHours), HalfLifeHours, 1, 8760), (nameof(LinksPerSegment), LinksPerSegment, 8, 32),
            (nameof(HotKeysPerSegment), HotKeysPerSegment, 4, 32), (nameof(Streams), Streams, 64, 65_536), (nameof(KeyCharacters), KeyCharacters, 0, 8 << 20),
            (nameof(LeastCount), LeastCount, 2, 1e6), (nameof(LeastLift), LeastLift, 1, 1000), (nameof(LeastDeviations), LeastDeviations, 0, 100),
            (nameof(LeastShare), LeastShare, 0, 1), (nameof(MaxLinks), MaxLinks, 1, 1e6), (nameof(MaxFound), MaxFound, 1, 10_000),
        };
        return checks.Where(c => !(c.Value >= c.Least && c.Value <= c.Most))
            .Select(c => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Section}:{c.Name} {c.Value} is outside {c.Least}..{c.Most}."));
    }
}
