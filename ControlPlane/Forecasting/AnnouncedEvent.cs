using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Forecasting;

/// <summary>A spike that history does not know.</summary>
/// <param name="Name">For people.</param>
/// <param name="From">First moment.</param>
/// <param name="To">End, exclusive.</param>
/// <param name="Factor">What the load is multiplied by, above 0.</param>
/// <param name="Segments">The segments it concerns; null: all.</param>
internal sealed record AnnouncedEvent(string Name, DateTimeOffset From, DateTimeOffset To, double Factor, IReadOnlyList<SegmentId>? Segments)
{
    /// <summary>The factor for a step that the event may cover only in part.</summary>
    public double FactorOf(DateTimeOffset start, TimeSpan span)
    {
        var from = start > From ? start : From;
        var end = start + span;
        var to = end < To ? end : To;
        return to <= from ? 1 : 1 + ((Factor - 1) * ((to - from) / span));
    }
}
