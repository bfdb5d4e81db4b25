namespace ShardConsole.ControlPlane.Dashboard.Controls;

/// <summary>A chart in the console's terms; js/chart.js makes the ECharts option from it. Colours are token names. Times are Unix milliseconds.</summary>
/// <param name="Key">The chart is drawn again when this changes.</param>
/// <param name="Words">One sentence that says what the chart shows, for people who do not see it.</param>
/// <param name="Unit">"percent", "mcore", "bytes", "ops" or "count": how the axis writes numbers.</param>
public sealed record ChartModel(string Key, string Words, string Unit)
{
    /// <summary>Lines and bars, drawn in this order.</summary>
    public IReadOnlyList<ChartSeries> Series { get; init; } = [];

    /// <summary>Bands between two quantiles.</summary>
    public IReadOnlyList<ChartBand> Bands { get; init; } = [];

    /// <summary>Upright lines.</summary>
    public IReadOnlyList<ChartMark> Marks { get; init; } = [];

    /// <summary>Tinted spans of time.</summary>
    public IReadOnlyList<ChartSpan> Spans { get; init; } = [];

    /// <summary>Level lines.</summary>
    public IReadOnlyList<ChartLimit> Limits { get; init; } = [];

    /// <summary>Names of the bars; null for a chart over time.</summary>
    public IReadOnlyList<string>? Categories { get; init; }

    /// <summary>Now, drawn as a solid line; null for none.</summary>
    public long? Now { get; init; }

    /// <summary>Least top of the axis; null: from the data.</summary>
    public double? Max { get; init; }

    /// <summary>Bottom of the axis; null: 0.</summary>
    public double? Min { get; init; }
}

/// <summary>A series. Null values are gaps. Kind: "line", "area", "bar"; over categories also "dots" and "stack" (areas on top of each other). Times are empty where the chart has categories.</summary>
public sealed record ChartSeries(string Name, string Color, string Kind, IReadOnlyList<long> Times, IReadOnlyList<double?> Values, double Width = 1.5, bool Dashed = false);

/// <summary>A band between two values.</summary>
public sealed record ChartBand(string Name, string Color, IReadOnlyList<long> Times, IReadOnlyList<double?> Low, IReadOnlyList<double?> High);

/// <summary>An upright line with its label.</summary>
public sealed record ChartMark(long At, string Label, string Color);

/// <summary>A tinted span of time with its label.</summary>
public sealed record ChartSpan(long From, long To, string Label, string Color);

/// <summary>A level line with its label.</summary>
public sealed record ChartLimit(double Value, string Label, string Color);
