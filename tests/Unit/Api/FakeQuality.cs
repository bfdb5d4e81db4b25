using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Forecasting.Quality;

namespace ShardConsole.Unit.Api;

/// <summary>Two segments: one forecast twice as well as by repeating yesterday, one of which nothing is known.</summary>
internal sealed class FakeQuality : IQualityReader
{
    public Task<QualityReport> QualityAsync(LoadMetric metric, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var (fleet, segments) = QualityScores.Of([new ComparedColumn([10, 10], [8, 8], [13, 13], [12, float.NaN], [8, 8])], 2);
        return Task.FromResult(new QualityReport(metric, from, to, [new LeadQuality(1, fleet, segments)]));
    }
}
