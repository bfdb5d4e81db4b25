using ShardConsole.ControlPlane.Forecasting;

namespace ShardConsole.ControlPlane.Api.Model;

/// <summary>Reads what the forecaster has learnt. Waits while a forecast is being made.</summary>
internal interface IHorizonQueries
{
    /// <summary>The report of the fleet, or of a segment; null before the first forecast and for a segment that there is not.</summary>
    Task<HorizonReport?> HorizonsAsync(int? segment, CancellationToken cancellation);
}
