using ShardConsole.ControlPlane.Forecasting.Quality;

namespace ShardConsole.ControlPlane.Api.Model;

/// <summary>Forecasts of one lead against what came.</summary>
/// <param name="LeadHours">1 or 24.</param>
/// <param name="Segments">One per segment.</param>
internal sealed record LeadQuality(int LeadHours, QualityScores Fleet, IReadOnlyList<QualityScores> Segments);

/// <summary>Quality of the forecasts of a metric.</summary>
/// <param name="From">Model time.</param>
internal sealed record QualityReport(LoadMetric Metric, DateTimeOffset From, DateTimeOffset To, IReadOnlyList<LeadQuality> Leads)
{
    /// <summary>The segment that the first of each lead's segments is; above 0 on later pages.</summary>
    public int FirstSegment { get; init; }
}

/// <summary>Compares kept forecasts with the history: as far back as both are kept.</summary>
internal interface IQualityReader
{
    /// <summary>Quality of what was forecast for [from, to), an hour and a day ahead.</summary>
    Task<QualityReport> QualityAsync(LoadMetric metric, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation);
}
