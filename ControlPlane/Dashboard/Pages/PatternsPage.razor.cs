using System.Globalization;
using Microsoft.AspNetCore.Components;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Patterns;
using ShardConsole.ControlPlane.Patterns;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Dashboard.Pages;

/// <summary>What must stay together, which keys are hot, and how does the traffic repeat?</summary>
public sealed partial class PatternsPage
{
    private const int Rows = 20;
    private static readonly string[] DayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

    private PatternSummary? summary;
    private ShardMap map = ShardMap.Empty;
    private IReadOnlyList<ClumpView> clumps = [];
    private IReadOnlyList<ChainView> chains = [];
    private IReadOnlyList<HeavyKey> keys = [];
    private PatternGraph graph = new([], [], []);
    private SeasonProfile seasons = new(0, [], double.NaN, double.NaN, -1, -1);
    private double together = double.NaN;
    private int cutClumps;

    [Inject]
    private IPatternQueries PatternQueries { get; set; } = null!;

    [Inject]
    private ISeasonQueries SeasonQueries { get; set; } = null!;

    // What is found changes with hours, not with seconds.
    private protected override TimeSpan Throttle => TimeSpan.FromSeconds(5);

    private bool IsEmpty => Loaded && summary is { Accesses: <= 0 } && seasons.Peak < 0;

    private protected override async Task LoadAsync(CancellationToken cancellation)
    {
        summary = PatternQueries.Summary();
        map = Queries.Map();
        clumps = PatternQueries.ClumpViews();
        chains = PatternQueries.ChainViews(null);
        keys = PatternQueries.HotKeys(null, Rows);
        var links = PatternQueries.LinkViews(null);
        graph = PatternGraph.Of(links, map);
        together = PatternWords.StaysTogether(links, map);
        cutClumps = clumps.Count(c => PatternWords.ShardCount(c.Segments, map) > 1);
        seasons = await SeasonQueries.SeasonsAsync(Queries.Summary().Now, Zone.Zone, cancellation);
    }

    private static string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string SegmentUrl(int segment) => $"{Urls.Patterns}?{Urls.SegmentParameter}={segment.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>The level of a cell for the style sheet: 0 at the quietest hour, 100 % at the busiest one.</summary>
    private string? LevelOf(double value)
    {
        if (double.IsNaN(value))
        {
            return null;
        }

        var (low, high) = (seasons.HourOfWeek[seasons.Trough], seasons.HourOfWeek[seasons.Peak]);
        return string.Create(CultureInfo.InvariantCulture, $"--level:{(high > low ? 8 + (92 * (value - low) / (high - low)) : 50):0}%");
    }

    // Razor keeps the tag "text" for itself, so the one of SVG is built here.
    private static RenderFragment NameOf(GraphHull hull) => builder =>
    {
        builder.OpenElement(0, "text");
        builder.AddAttribute(1, "class", "pg-name");
        builder.AddAttribute(2, "x", N(hull.X));
        builder.AddAttribute(3, "y", N(hull.Y - hull.Radius + 14));
        builder.AddAttribute(4, "text-anchor", "middle");
        builder.AddContent(5, hull.Shard.ToString());
        builder.CloseElement();
    };

    private static RenderFragment SegmentLinks(IReadOnlyList<SegmentId> segments, string between = " ") => builder =>
    {
        for (var i = 0; i < segments.Count; i++)
        {
            builder.AddContent(0, i == 0 ? "" : between);
            builder.OpenElement(1, "a");
            builder.AddAttribute(2, "href", SegmentUrl(segments[i].Value));
            builder.AddContent(3, segments[i].ToString());
            builder.CloseElement();
        }
    };
}
