using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Dashboard.Patterns;

/// <summary>A segment of the graph.</summary>
internal sealed record GraphDot(SegmentId Segment, ShardId Shard, double X, double Y);

/// <summary>The circle around the segments of one shard.</summary>
internal sealed record GraphHull(ShardId Shard, double X, double Y, double Radius);

/// <summary>Two segments that are used together.</summary>
/// <param name="Weight">0..1 of the heaviest one.</param>
/// <param name="Cut">They belong to different shards.</param>
internal sealed record GraphEdge(GraphDot One, GraphDot Other, double Weight, bool Cut, double PerSecond);

/// <summary>
/// Segments as dots in the circles of their shards, links as edges. The places follow from the owners and the numbers alone, so that the picture does not wobble
/// when weights change. Units: a square of <see cref="Size"/>.
/// </summary>
internal sealed record PatternGraph(IReadOnlyList<GraphHull> Hulls, IReadOnlyList<GraphDot> Dots, IReadOnlyList<GraphEdge> Edges)
{
    /// <summary>Width and height.</summary>
    public const double Size = 420;

    /// <summary>Links that are drawn at most; the heaviest.</summary>
    public const int MaxEdges = 60;

    private const double Gap = 8;

    /// <summary>The graph of the heaviest links.</summary>
    /// <param name="links">Heaviest first.</param>
    public static PatternGraph Of(IReadOnlyList<LinkView> links, ShardMap map)
    {
        var drawn = links.Where(l => l.One.Value < map.SegmentCount && l.Other.Value < map.SegmentCount).Take(MaxEdges).ToList();
        var byShard = drawn.SelectMany(l => new[] { l.One, l.Other }).Distinct().GroupBy(map.OwnerOf).OrderBy(g => g.Key).Select(g => (Shard: g.Key, Segments: g.Order().ToList())).ToList();
        var (hulls, dots) = (new List<GraphHull>(), new Dictionary<SegmentId, GraphDot>());
        var columns = (int)Math.Ceiling(Math.Sqrt(byShard.Count));
        for (var i = 0; i < byShard.Count; i++)
        {
            var cell = Size / columns;
            var rows = (int)Math.Ceiling(byShard.Count / (double)columns);
            var (x, y) = (((i % columns) + 0.5) * cell, ((i / columns) + 0.5) * Size / rows);
            var radius = (Math.Min(cell, Size / rows) / 2) - Gap;
            hulls.Add(new GraphHull(byShard[i].Shard, x, y, radius));
            var segments = byShard[i].Segments;
            for (var k = 0; k < segments.Count; k++)
            {
                // Alone in its shard a segment stands in the middle; else they stand in a ring, by number.
                var (ring, angle) = (segments.Count == 1 ? 0 : radius * 0.66, (2 * Math.PI * k / segments.Count) - (Math.PI / 2));
                dots[segments[k]] = new GraphDot(segments[k], byShard[i].Shard, x + (ring * Math.Cos(angle)), y + (ring * Math.Sin(angle)));
            }
        }

        var heaviest = drawn.Select(l => l.PerSecond).DefaultIfEmpty(1).Max();
        var edges = drawn.ConvertAll(l => new GraphEdge(dots[l.One], dots[l.Other], heaviest > 0 ? l.PerSecond / heaviest : 0, dots[l.One].Shard != dots[l.Other].Shard, l.PerSecond));
        return new PatternGraph(hulls, [.. dots.Values.OrderBy(d => d.Segment)], edges);
    }
}
