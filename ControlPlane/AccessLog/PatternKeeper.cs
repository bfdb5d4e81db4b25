using System.IO.Hashing;
using System.Text;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.Patterns;
using ShardConsole.ControlPlane.Planning;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.AccessLog;

/// <summary>
/// Holds the sketch of access patterns: takes the samples of the nodes' reports and whole imported logs, lets it decay, and keeps what was last found in it. Safe for
/// concurrent use; taking a report waits for a copy of the sketch at most.
/// </summary>
internal sealed class PatternKeeper(PatternOptions options, LoadIntake intake) : IPatternQueries, IAccessPatterns
{
    /// <summary>Decays in a half-life.</summary>
    private const int DecaysPerHalfLife = 48;

    private readonly Lock gate = new();
    private AccessSketch? sketch;
    private DateTimeOffset decayed;
    private volatile Findings found = new([], [], [], null);

    /// <summary>Begins with a cluster of so many segments, and with what was saved of it, where something was.</summary>
    /// <param name="now">Model time.</param>
    public void Begin(int segments, AccessSketch? saved, DateTimeOffset now)
    {
        lock (gate)
        {
            sketch = saved ?? new AccessSketch(segments, options);
            decayed = now;
        }
    }

    /// <summary>Segments of the cluster; 0 before <see cref="Begin"/>.</summary>
    public int Segments
    {
        get
        {
            lock (gate)
            {
                return sketch?.Segments ?? 0;
            }
        }
    }

    /// <summary>A sketch for an import, to be added by <see cref="Add"/> when the import has succeeded; null before <see cref="Begin"/>.</summary>
    public AccessSketch? NewSketch()
    {
        lock (gate)
        {
            return sketch is { } own ? new AccessSketch(own.Segments, options) : null;
        }
    }

    /// <summary>Adds what an import saw.</summary>
    public void Add(AccessSketch other)
    {
        lock (gate)
        {
            sketch?.Merge(other);
        }
    }

    /// <summary>Takes the samples of a report. Between two reports accesses were not sampled, so chains end with each.</summary>
    public void Take(LoadReport report)
    {
        lock (gate)
        {
            if (sketch is not { } own)
            {
                return;
            }

            own.Break();
            foreach (var sample in report.Samples)
            {
                if (sample.Segment.Value < own.Segments)
                {
                    own.Add(StreamOf(report.Boot, sample.Connection), sample.UnixMs, sample.Segment.Value, sample.KeyHash, sample.Key);
                }
            }
        }
    }

    /// <summary>Takes one request of a log.</summary>
    public static void Take(AccessSketch into, DateTimeOffset at, int segment, string key, string? client) => into.Add(
        client is null ? 0 : XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(client)), at.ToUnixTimeMilliseconds(), segment, XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(key)), key);

    /// <summary>Lets counts decay up to <paramref name="now"/> (model time), a bit at a time.</summary>
    public void DecayTo(DateTimeOffset now)
    {
        lock (gate)
        {
            var parts = (int)Math.Min(1000, (now - decayed).TotalHours * DecaysPerHalfLife / options.HalfLifeHours);
            if (sketch is not null && parts > 0)
            {
                sketch.Decay(Math.Pow(0.5, (double)parts / DecaysPerHalfLife));
                decayed += TimeSpan.FromHours(options.HalfLifeHours * parts / DecaysPerHalfLife);
            }
        }
    }

    /// <summary>The sketch as it stands, as bytes that <see cref="AccessSketch.Read"/> reads; empty before <see cref="Begin"/>.</summary>
    public byte[] Snapshot()
    {
        var stream = new MemoryStream();
        lock (gate)
        {
            sketch?.Write(new BinaryWriter(stream));
        }

        return stream.ToArray();
    }

    /// <summary>Looks for links, clumps and chains in what <see cref="Snapshot"/> gave. Takes its time and holds nobody up.</summary>
    /// <param name="now">Model time of the snapshot.</param>
    public void Look(byte[] snapshot, DateTimeOffset now)
    {
        if (snapshot.Length == 0)
        {
            return;
        }

        AccessSketch copy;
        lock (gate)
        {
            copy = AccessSketch.Read(new BinaryReader(new MemoryStream(snapshot)), sketch!.Segments, options);
        }

        var links = Clumps.Links(copy, options);
        found = new Findings(links, Clumps.Find(copy, links, options), ChainFinder.Find(copy, options), now);
    }

    /// <inheritdoc/>
    public PatternSummary Summary()
    {
        var latest = found;
        lock (gate)
        {
            return new PatternSummary(
                sketch?.Total ?? 0, options.HalfLifeHours, sketch?.SizeBytes ?? 0, latest.At, latest.Links.Count, latest.Clumps.Count, latest.Chains.Count,
                latest.Clumps.Count == 0 ? 0 : latest.Clumps.Sum(c => c.Weight) / Math.Max(1, sketch?.PairTotal ?? 1));
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<ClumpView> ClumpViews() => [.. found.Clumps.Select(c => new ClumpView(Ids(c.Segments), c.Weight * PerSecond(), c.LocalShare))];

    /// <inheritdoc/>
    public IReadOnlyList<ChainView> ChainViews(int? segment) =>
        [.. found.Chains.Where(c => segment is null || c.Segments.Contains(segment.Value)).Select(c => new ChainView(Ids(c.Segments), c.Count, c.Count * PerSecond(), c.Confidence, Finite(c.Lift)))];

    /// <inheritdoc/>
    public IReadOnlyList<LinkView> LinkViews(int? segment) =>
    [
        .. found.Links.Where(l => segment is null || l.One == segment || l.Other == segment)
            .Select(l => new LinkView(Id(l.One), Id(l.Other), l.Weight, l.Weight * PerSecond(), Finite(l.Lift))),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<TransitionView> Transitions(int segment)
    {
        lock (gate)
        {
            if (sketch is not { } own || own.Out[segment] <= 0)
            {
                return [];
            }

            return
            [
                .. own.Chains().Where(c => c.Segments.Length == 2 && c.Segments[0] == segment && c.Entry.Sure > 0).OrderByDescending(c => c.Entry.Sure).ThenBy(c => c.Segments[1])
                    .Select(c => new TransitionView(Id(segment), Id(c.Segments[1]), c.Entry.Sure, c.Entry.Error, Math.Min(1, c.Entry.Sure / own.Out[segment]))),
            ];
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<HeavyKey> HotKeys(int? segment, int count)
    {
        lock (gate)
        {
            return segment is { } one ? sketch?.HotKeys.Top(one, count) ?? [] : sketch?.HotKeys.Top(count) ?? [];
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<SegmentLink> Links() => [.. found.Links.Select(l => new SegmentLink(Id(l.One), Id(l.Other), l.Weight * PerSecond()))];

    /// <inheritdoc/>
    public IReadOnlyList<IReadOnlyList<SegmentId>> ClumpsOfSegments() => [.. found.Clumps.Select(c => Ids(c.Segments))];

    // What one counted access stands for, a second: the samples are a part of what is served now.
    private double PerSecond()
    {
        var live = intake.Live;
        double served = 0;
        foreach (var metric in new[] { LoadMetric.Reads, LoadMetric.Writes })
        {
            served += live?.Now(metric).Where(v => !float.IsNaN(v)).Sum(v => (double)v) ?? 0;
        }

        lock (gate)
        {
            return sketch is { Total: > 0 } own ? served / own.Total : 0;
        }
    }

    private static ulong StreamOf(ulong boot, long connection) => (boot * 0x9E37_79B9_7F4A_7C15) ^ ((ulong)connection * 0xC2B2_AE3D_27D4_EB4F) ^ 1;

    private static SegmentId Id(int segment) => new((ushort)segment);

    private static IReadOnlyList<SegmentId> Ids(IReadOnlyList<int> segments) => [.. segments.Select(Id)];

    private static double Finite(double lift) => double.IsFinite(lift) ? lift : double.NaN;

    private sealed record Findings(IReadOnlyList<AccessLink> Links, IReadOnlyList<Clump> Clumps, IReadOnlyList<AccessChain> Chains, DateTimeOffset? At);
}
