using System.Text;
using System.Text.Json;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.ControlPlane.Security;
using ShardConsole.Shared.Contracts;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Api;

public sealed class ReadEndpointTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task What_is_unknown_is_null()
    {
        var nodes = await server.SendAsync("GET", "/api/v1/nodes", Roles.Viewer);
        var summary = await server.SendAsync("GET", "/api/v1/cluster", Roles.Viewer);

        var cpu = nodes.Body[0].GetProperty("dimensions")[0];
        Assert.Equal("""{"name":"cpu","now":0.5,"peak":null,"peakAt":null,"peakAfterPlan":null,"comfortZone":0.7}""", cpu.GetRawText());
        Assert.Equal("[null]", nodes.Body[0].GetProperty("cpuPeaks").GetRawText());
        Assert.Equal("""["s-01"]""", nodes.Body[0].GetProperty("leads").GetRawText());
        Assert.Equal(JsonValueKind.Null, summary.Body.GetProperty("copyBytesPerSecond").ValueKind);
    }

    [Fact]
    public async Task An_unchanged_map_is_not_sent_again()
    {
        var map = await server.SendAsync("GET", "/api/v1/map");
        var etag = map.Header("ETag")!;

        var again = await server.SendAsync("GET", "/api/v1/map", headers: ("If-None-Match", etag));
        var other = await server.SendAsync("GET", "/api/v1/map", headers: ("If-None-Match", "\"1-0\""));

        Assert.Equal((200, 304, 200), (map.Status, again.Status, other.Status));
        Assert.Equal(64, map.Body.GetProperty("owners").GetArrayLength());
        Assert.Equal("s-01", map.Body.GetProperty("owners")[0].GetString());
    }

    [Fact]
    public async Task Segments_come_in_pages_and_by_shard()
    {
        var last = await server.SendAsync("GET", "/api/v1/segments?offset=60&limit=10");
        var ofShard = await server.SendAsync("GET", "/api/v1/segments?shard=s-02");

        Assert.Equal([60, 61, 62, 63], Numbers(last, "id"));
        Assert.Equal(JsonValueKind.Null, last.Body.GetProperty("next").ValueKind);
        Assert.Equal([1, 3, 5, 7, 9, 11, 13, 15, 17, 19], Numbers(ofShard, "id"));
        Assert.Equal((10, 32), (ofShard.Body.GetProperty("next").GetInt32(), ofShard.Body.GetProperty("total").GetInt32()));
    }

    [Fact]
    public async Task Load_has_a_null_for_each_gap_and_only_the_segments_asked_for()
    {
        var load = await server.SendAsync("GET", "/api/v1/load?metric=reads&from=2026-03-02T11:59:40Z&to=2026-03-02T12:00:00Z&step=10&segments=3,5-6");

        Assert.Equal("[[3,5,6],[null,null,null]]", load.Body.GetProperty("values").GetRawText());
        Assert.Equal("[3,5,6]", load.Body.GetProperty("segments").GetRawText());
        Assert.Equal("Reads", load.Body.GetProperty("metric").GetString());
    }

    [Fact]
    public async Task Before_the_map_is_known_load_is_unavailable_and_no_range_of_nothing()
    {
        var segments = server.Cluster.SegmentCount;
        server.Cluster.SegmentCount = 0;
        var load = await server.SendAsync("GET", "/api/v1/load?segments=0");
        var wrong = await server.SendAsync("GET", "/api/v1/load?metric=odd");
        server.Cluster.SegmentCount = segments;

        Assert.Equal((503, "The shard map is not known yet: no node has answered. Try again in some seconds."), (load.Status, load.Body.GetProperty("detail").GetString()));
        Assert.Equal(400, wrong.Status);
    }

    [Fact]
    public async Task Where_no_step_is_named_the_columns_keep_to_their_limit()
    {
        var day = await server.SendAsync("GET", "/api/v1/load?from=2026-03-01T12:00:00Z&to=2026-03-02T12:00:00Z&segments=1");

        Assert.InRange(day.Body.GetProperty("values").GetArrayLength(), 90, 100);
    }

    [Fact]
    public async Task A_forecast_is_answered_whole_or_for_one_segment()
    {
        float[][] rows = [.. Enumerable.Range(0, ForecastSteps.Count).Select(k => new[] { k, float.NaN })];
        server.Cluster.Forecast = new ForecastFrame(
            TestClock.Start, LoadMetric.Cpu, ForecastSteps.Starts(TestClock.Start), ForecastSteps.Spans(), rows, rows, rows, rows, ["day profile", "level"], [0.5f, float.NaN]);

        var whole = await server.SendAsync("GET", "/api/v1/forecasts");
        var second = await server.SendAsync("GET", "/api/v1/forecasts?segment=1");
        var outside = await server.SendAsync("GET", "/api/v1/forecasts?segment=2");
        var run = await server.SendAsync("POST", "/api/v1/forecasts");
        server.Cluster.Forecast = null;

        Assert.Equal("[1,null]", whole.Body.GetProperty("mean")[1].GetRawText());
        Assert.Equal(("[null]", "[\"level\"]", "[null]"), (second.Body.GetProperty("q90")[7].GetRawText(), second.Body.GetProperty("models").GetRawText(), second.Body.GetProperty("errors").GetRawText()));
        Assert.Equal((400, "segment"), (outside.Status, Assert.Single(outside.Fields)));
        Assert.Equal((200, TestClock.Start), (run.Status, run.Body.GetProperty("madeAt").GetDateTimeOffset()));
        Assert.Equal("no-history", (await server.SendAsync("POST", "/api/v1/forecasts")).Code);
    }

    [Fact]
    public async Task Limits_that_are_left_out_stay()
    {
        var answer = await server.SendAsync("PATCH", "/api/v1/limits", json: """{"maxConcurrentMoves":2}""");

        Assert.Equal(200, answer.Status);
        Assert.Equal([MigrationLimits.Default with { MaxConcurrentMoves = 2 }], server.World.Fleet.Limits);
    }

    [Fact]
    public async Task A_repeated_post_with_the_same_key_is_done_once()
    {
        var before = server.World.Fleet.Halts.Count;
        var first = await server.SendAsync("POST", "/api/v1/halt", json: """{"reason":"a"}""", headers: ("Idempotency-Key", "k1"));
        var again = await server.SendAsync("POST", "/api/v1/halt", json: """{"reason":"a"}""", headers: ("Idempotency-Key", "k1"));
        var different = await server.SendAsync("POST", "/api/v1/halt", json: """{"reason":"b"}""", headers: ("Idempotency-Key", "k1"));
        var otherCaller = await server.SendAsync("POST", "/api/v1/halt", Roles.Administrator, """{"reason":"a"}""", ("Idempotency-Key", "k1"));

        Assert.Equal((200, null), (first.Status, first.Header("Idempotent-Replayed")));
        Assert.Equal((200, "true"), (again.Status, again.Header("Idempotent-Replayed")));
        Assert.Equal(first.Body.GetRawText(), again.Body.GetRawText());
        Assert.Equal((422, "key-reused"), (different.Status, different.Code));
        Assert.Equal((200, null), (otherCaller.Status, otherCaller.Header("Idempotent-Replayed")));
        Assert.Equal(before + 2, server.World.Fleet.Halts.Count);
    }

    [Fact]
    public async Task A_query_log_is_taken_as_body_or_as_form()
    {
        using var raw = new HttpRequestMessage(HttpMethod.Post, "/api/v1/query-logs?fileName=a.csv") { Content = new StringContent("1,k,GET\n") };
        using var file = new ByteArrayContent(Encoding.UTF8.GetBytes("2,k,SET\n"));
        using var form = new MultipartFormDataContent { { new StringContent("x"), "note" }, { file, "file", "b.csv" } };
        using var multipart = new HttpRequestMessage(HttpMethod.Post, "/api/v1/query-logs") { Content = form };
        using var empty = new HttpRequestMessage(HttpMethod.Post, "/api/v1/query-logs?fileName=c.csv");
        using var nameless = new HttpRequestMessage(HttpMethod.Post, "/api/v1/query-logs") { Content = new StringContent("1,k,GET\n") };

        var answers = new[]
        {
            await server.SendAsync(raw, Roles.Operator), await server.SendAsync(multipart, Roles.Operator), await server.SendAsync(empty, Roles.Operator),
            await server.SendAsync(nameless, Roles.Operator),
        };

        Assert.Equal([202, 202, 400, 400], answers.Select(a => a.Status));
        Assert.Equal([("a.csv", "1,k,GET\n", "key operator"), ("b.csv", "2,k,SET\n", "key operator")], server.Imports.Taken);
        Assert.Equal("/api/v1/query-logs/2", answers[1].Header("Location"));
        Assert.Equal(["fileName", "fileName"], answers.Skip(2).SelectMany(a => a.Fields));
        Assert.Equal(200, (await server.SendAsync("GET", "/api/v1/query-logs/2")).Status);
    }

    [Fact]
    public async Task The_audit_comes_newest_first_page_by_page()
    {
        for (var i = 0; i < 3; i++)
        {
            await server.World.Audit.AddAsync("ann", "test", $"{i}", "", default);
        }

        var first = await server.SendAsync("GET", "/api/v1/audit?limit=2");
        var second = await server.SendAsync("GET", $"/api/v1/audit?limit=1&before={first.Body.GetProperty("next")}");

        Assert.Equal(["2", "1"], Subjects(first));
        Assert.Equal(["0"], Subjects(second));
    }

    [Fact]
    public async Task Answers_carry_the_security_headers()
    {
        var answer = await server.SendAsync("GET", "/api/v1/cluster");

        Assert.Contains("script-src 'self';", answer.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
    }

    private static IEnumerable<int> Numbers(Answer answer, string field) => answer.Body.GetProperty("items").EnumerateArray().Select(e => e.GetProperty(field).GetInt32());

    private static IEnumerable<string?> Subjects(Answer answer) => answer.Body.GetProperty("items").EnumerateArray().Select(e => e.GetProperty("subject").GetString());
}
