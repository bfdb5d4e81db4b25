using System.Globalization;
using System.Text.Json;
using ShardConsole.ControlPlane.Api.Answers;
using ShardConsole.ControlPlane.Security;
using ShardConsole.Unit.Approval;

namespace ShardConsole.Unit.Api;

/// <summary>Lists page by page: each row once, also while rows are added.</summary>
public sealed class PagingTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Theory]
    [InlineData("/api/v1/segments?shard=s-02&limit=7", "id", 32)]
    [InlineData("/api/v1/audit?limit=2&who=pager", "id", 5)]
    [InlineData("/api/v1/plans?limit=2", "id", 0)]
    [InlineData("/api/v1/patterns/clumps?limit=1", "perSecond", 2)]
    [InlineData("/api/v1/query-logs?limit=2", "id", 3)]
    public async Task The_pages_of_a_list_hold_each_row_once(string first, string key, int expected)
    {
        await FillAsync();
        var all = (await RowsAsync(first.Replace("limit=7", "limit=50", StringComparison.Ordinal).Replace("limit=2", "limit=50", StringComparison.Ordinal).Replace("limit=1", "limit=50", StringComparison.Ordinal))).Select(r => r.GetProperty(key).ToString()).ToList();
        var (seen, path) = (new List<string>(), (string?)first);
        while (path is not null)
        {
            var answer = await server.SendAsync("GET", path, Roles.Administrator);
            Assert.Equal(200, answer.Status);
            seen.AddRange(answer.Body.GetProperty("items").EnumerateArray().Select(r => r.GetProperty(key).ToString()));
            var cursor = answer.Body.GetProperty("cursor").GetString();
            path = cursor is null ? null : $"{first}&cursor={cursor}";
            Assert.Equal(path is null ? null : $"<{path.Replace("?", "?", StringComparison.Ordinal)}>; rel=\"next\"", answer.Header("Link"));
        }

        Assert.Equal(all, seen);
        Assert.True(expected == 0 ? seen.Count >= 3 : seen.Count == expected, $"{seen.Count} rows");
    }

    [Fact]
    public async Task A_row_that_comes_between_two_pages_neither_repeats_nor_hides_another()
    {
        await using var own = new ApiServer();
        await own.InitializeAsync();
        for (var i = 0; i < 4; i++)
        {
            await own.World.Audit.AddAsync("a", "x", i.ToString(CultureInfo.InvariantCulture), "", default);
        }

        var first = await own.SendAsync("GET", "/api/v1/audit?limit=2");
        await own.World.Audit.AddAsync("a", "x", "new", "", default);
        var second = await own.SendAsync("GET", $"/api/v1/audit?limit=2&cursor={first.Body.GetProperty("cursor").GetString()}");

        Assert.Equal(["3", "2", "1", "0"], first.Body.GetProperty("items").EnumerateArray().Concat(second.Body.GetProperty("items").EnumerateArray()).Select(r => r.GetProperty("subject").GetString()));
    }

    [Theory]
    [InlineData("/api/v1/users")]
    [InlineData("/api/v1/tokens")]
    [InlineData("/api/v1/events")]
    public async Task An_array_stays_whole_without_a_limit_and_names_its_next_page_in_a_header(string path)
    {
        await FillAsync();
        var whole = await server.SendAsync("GET", path, Roles.Administrator);
        var ids = whole.Body.EnumerateArray().Select(r => r.GetProperty("id").GetInt64()).ToHashSet();
        Assert.True(ids.Count >= 2, $"{ids.Count} rows");
        var (seen, next) = (new List<long>(), (string?)$"{path}?limit=1");
        while (next is not null)
        {
            var page = await server.SendAsync("GET", next, Roles.Administrator);
            seen.Add(Assert.Single(page.Body.EnumerateArray()).GetProperty("id").GetInt64());
            next = page.Header("Link") is { } link ? link[1..link.IndexOf('>', StringComparison.Ordinal)] : null;
        }

        Assert.Equal(ids.Count, seen.Count);
        Assert.Equal(ids, seen.ToHashSet());
    }

    [Fact]
    public async Task Forecast_quality_comes_segment_by_segment_where_it_is_asked_for()
    {
        var first = await server.SendAsync("GET", "/api/v1/forecasts/quality?limit=1");
        var link = first.Header("Link")!;
        var second = await server.SendAsync("GET", link[1..link.IndexOf('>', StringComparison.Ordinal)]);

        Assert.Equal((1, 0), (first.Body.GetProperty("leads")[0].GetProperty("segments").GetArrayLength(), first.Body.GetProperty("firstSegment").GetInt32()));
        Assert.Equal((1, 1), (second.Body.GetProperty("leads")[0].GetProperty("segments").GetArrayLength(), second.Body.GetProperty("firstSegment").GetInt32()));
        Assert.Null(second.Header("Link"));
        Assert.Equal(2, (await server.SendAsync("GET", "/api/v1/forecasts/quality")).Body.GetProperty("leads")[0].GetProperty("segments").GetArrayLength());
    }

    [Theory]
    [InlineData("/api/v1/plans?cursor=nonsense", "cursor")]
    [InlineData("/api/v1/events?cursor=nonsense", "cursor")]
    [InlineData("/api/v1/plans?limit=0", "limit")]
    [InlineData("/api/v1/migrations?limit=51", "limit")]
    public async Task What_is_no_page_is_refused_by_field(string path, string field) => Assert.Equal([field], (await server.SendAsync("GET", path)).Fields);

    [Fact]
    public async Task A_cursor_of_another_list_is_refused_and_goes_with_no_offset()
    {
        var cursor = PageCursor.Of("plans", 1, "x");

        Assert.Equal(["cursor"], (await server.SendAsync("GET", $"/api/v1/migrations?cursor={cursor}")).Fields);
        Assert.Equal(["offset"], (await server.SendAsync("GET", $"/api/v1/plans?cursor={cursor}&offset=1")).Fields);
        Assert.Equal(["before"], (await server.SendAsync("GET", $"/api/v1/audit?cursor={PageCursor.Of("audit", 5, "")}&before=1")).Fields);
    }

    private async Task<IReadOnlyList<JsonElement>> RowsAsync(string path) => [.. (await server.SendAsync("GET", path, Roles.Administrator)).Body.GetProperty("items").EnumerateArray()];

    private async Task FillAsync()
    {
        if ((await server.World.Audit.ListAsync(new AuditFilter("pager"), 0, 1, default)).Count > 0)
        {
            return;
        }

        for (var i = 0; i < 5; i++)
        {
            await server.World.Audit.AddAsync("pager", "x", "y", "", default);
        }

        foreach (var name in new[] { "one", "two", "three" })
        {
            await server.World.ProposeAsync(PlanWorld.Of(name, 1));
            server.Imports.Taken.Add((name, "", "a"));
            Assert.Equal(201, (await server.SendAsync("POST", "/api/v1/users", Roles.Administrator, $$"""{"name":"{{name}}","password":"a long password 1","role":"viewer"}""")).Status);
            Assert.Equal(201, (await server.SendAsync("POST", "/api/v1/events", Roles.Operator, $$"""{"name":"{{name}}","rule":"daily 09:00","minutes":30}""")).Status);
        }
    }
}
