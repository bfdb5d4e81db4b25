using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Forecasting;

namespace ShardConsole.ControlPlane.Api.Endpoints;

/// <summary>Quality of the forecast by horizon.</summary>
internal static class HorizonEndpoints
{
    /// <summary>Maps GET forecasts/horizons.</summary>
    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/forecasts/horizons", HorizonsAsync).WithTags("forecasts").WithName("GetForecastHorizons").WithSummary("How good CPU forecasts were at every horizon, and what is in them")
            .WithDescription("segment: a number; the fleet where left out. Per horizon: error, skill against repeating yesterday, weight and own skill of each model, coverage of the 50, 80 and 90 % bands. "
                + "With it: seasons seen, values refused (negative or infinite), gaps. Null: not known yet.")
            .Produces<HorizonReport>().ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<IResult> HorizonsAsync(int? segment, IHorizonQueries horizons, CancellationToken cancellation) =>
        await horizons.HorizonsAsync(segment, cancellation) is { } report ? Results.Ok(report)
            : Refusals.NotFound(segment is null ? "There is no forecast yet; POST /api/v1/forecasts makes one once there is history." : $"Nothing is forecast for a segment {segment}.");
}
