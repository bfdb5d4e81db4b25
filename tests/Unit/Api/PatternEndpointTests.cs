using ShardConsole.ControlPlane.Security;

namespace ShardConsole.Unit.Api;

public sealed class PatternEndpointTests : IAsyncLifetime
{
    private readonly ApiServer server = new();

    public ValueTask InitializeAsync() => server.InitializeAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Theory]
    [InlineData("clumps", 2, "perSecond", 5)]
    [InlineData("clumps?segment=3", 1, "perSecond", 4)]
    [InlineData("chains", 1, "confidence", 0.9)]
    [InlineData("links?segment=9", 1, "lift", 4)]
    [InlineData("transitions?segment=9", 1, "probability", 0.5)]
    [InlineData("hot-keys", 2, "most", 10)]
    [InlineData("hot-keys?offset=1&limit=1", 1, "least", 5)]
    public async Task Patterns_are_told_in_pages(string what, int items, string field, double value)
    {
        var answer = await server.SendAsync("GET", $"/api/v1/patterns/{what}", Roles.Viewer);

        Assert.Equal((200, items), (answer.Status, answer.Body.GetProperty("items").GetArrayLength()));
        Assert.Equal(value, answer.Body.GetProperty("items")[0].GetProperty(field).GetDouble());
    }

    [Theory]
    [InlineData("4", 200)]
    [InlineData("5", 404)]
    [InlineData("four", 400)]
    public async Task A_score_is_explained_by_its_parts(string segment, int status)
    {
        var answer = await server.SendAsync("GET", $"/api/v1/segments/{segment}/score", Roles.Viewer);

        Assert.Equal(status, answer.Status);
        if (status == 200)
        {
            Assert.Equal(
                (2.0, true), (answer.Body.GetProperty("reads").GetProperty("millicores").GetDouble(), answer.Body.GetProperty("surprised").GetBoolean()));
        }
    }

    [Fact]
    public async Task The_summary_tells_what_was_seen()
    {
        var answer = await server.SendAsync("GET", "/api/v1/patterns", Roles.Viewer);

        Assert.Equal((200, 1000.0), (answer.Status, answer.Body.GetProperty("accesses").GetDouble()));
    }

    [Theory]
    [InlineData("clumps?segment=100000", "segment")]
    [InlineData("links?segment=-1", "segment")]
    [InlineData("transitions", "segment")]
    [InlineData("hot-keys?limit=0", "limit")]
    [InlineData("chains?offset=-1", "offset")]
    public async Task What_is_wrong_with_a_question_is_named_by_its_field(string what, string field)
    {
        var answer = await server.SendAsync("GET", $"/api/v1/patterns/{what}", Roles.Viewer);

        Assert.Equal(400, answer.Status);
        Assert.True(answer.Body.GetProperty("errors").TryGetProperty(field, out _), answer.Body.ToString());
    }

    [Fact]
    public async Task Seasons_are_told_by_the_hour_of_the_week()
    {
        var answer = await server.SendAsync("GET", "/api/v1/patterns/seasons?zone=Europe/Berlin", Roles.Viewer);

        Assert.Equal((200, 168, "Europe/Berlin"), (answer.Status, answer.Body.GetProperty("hourOfWeek").GetArrayLength(), answer.Body.GetProperty("zone").GetString()));
        Assert.Equal(["zone"], (await server.SendAsync("GET", "/api/v1/patterns/seasons?zone=Mars", Roles.Viewer)).Fields);
    }
}
