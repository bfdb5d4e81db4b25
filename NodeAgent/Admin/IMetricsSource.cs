namespace ShardConsole.NodeAgent.Admin;

/// <summary>Kind of a metric in the Prometheus text format.</summary>
internal enum MetricKind
{
    Counter,
    Gauge,
}

/// <summary>One metric with its samples.</summary>
/// <param name="Name">[a-zA-Z_:][a-zA-Z0-9_:]*, unit last; a counter ends in "_total".</param>
/// <param name="Help">One sentence.</param>
internal sealed record Metric(string Name, string Help, MetricKind Kind, IReadOnlyList<MetricSample> Samples)
{
    /// <summary>A metric of one sample without labels.</summary>
    public static Metric Gauge(string name, string help, double value) => new(name, help, MetricKind.Gauge, [new MetricSample([], value)]);

    /// <summary>A counter of one sample without labels. The name ends in "_total".</summary>
    public static Metric Counter(string name, string help, double value) => new(name, help, MetricKind.Counter, [new MetricSample([], value)]);
}

/// <summary>One value with its labels.</summary>
internal readonly record struct MetricSample(IReadOnlyList<(string Name, string Value)> Labels, double Value);

/// <summary>Supplies metrics to <c>/metrics</c>. Registered as a service by each part that has some; asked at every scrape, concurrently.</summary>
internal interface IMetricsSource
{
    IEnumerable<Metric> Metrics();
}
