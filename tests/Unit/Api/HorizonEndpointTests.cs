namespace ShardConsole.Unit.Api;

public sealed class HorizonEndpointTests
{
    [Fact]
    public async Task Quality_by_horizon_is_read_for_the_fleet_and_for_a_segment()
    {
        await using var server = new ApiServer();
        await server.InitializeAsync();

        var fleet = (await server.SendAsync("GET", "/api/v1/forecasts/horizons")).Body;
        var segment = (await server.SendAsync("GET", "/api/v1/forecasts/horizons?segment=7")).Body;

        Assert.Equal("9 of 28 daily, 1 of 4 weekly seasons seen", fleet.GetProperty("seasons").GetString());
        Assert.Equal(0.6, fleet.GetProperty("horizons")[0].GetProperty("weights").GetProperty("Theta").GetDouble());
        Assert.Equal(3, segment.GetProperty("refused").GetInt64());
        Assert.Equal(404, (int)(await server.SendAsync("GET", "/api/v1/forecasts/horizons?segment=4000")).Status);
    }
}
