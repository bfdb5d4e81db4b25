using ShardConsole.ControlPlane.Dashboard.Calls;
using ShardConsole.ControlPlane.Dashboard.Pages;

namespace ShardConsole.Unit.Dashboard;

public sealed class EntryAndCallTests
{
    [Theory]
    [InlineData("/plans/7c1e?tab=log", "/plans/7c1e?tab=log")]
    [InlineData("/", "/")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("https://evil.example", "/")]
    [InlineData("/a\nb", "/")]
    [InlineData("", "/")]
    [InlineData(null, "/")]
    public void Signing_in_leads_only_to_a_path_of_this_console(string? wish, string expected) => Assert.Equal(expected, EntryWords.SafeReturn(wish));

    [Fact]
    public void A_call_shows_no_secret_and_quotes_its_body()
    {
        var call = new ApiCall("POST", "/api/v1/plans/7c1e/reject", "{\"reason\":\"it's late\"}", "\"412\"");
        Assert.Equal(
            "curl -X POST \"$SHARDCONSOLE_URL/api/v1/plans/7c1e/reject\" \\\n  -H \"Authorization: Bearer $SHARDCONSOLE_KEY\" \\\n  -H \"Idempotency-Key: $(uuidgen)\" \\\n  -H 'If-Match: \"412\"' \\\n  -H \"Content-Type: application/json\" \\\n  -d '{\"reason\":\"it'\\''s late\"}'",
            call.ToCurl());
        Assert.Contains("data=\"{\\\"reason\\\":\\\"it's late\\\"}\".encode()", call.ToPython(), StringComparison.Ordinal);
        Assert.Equal("curl \"$SHARDCONSOLE_URL/api/v1/nodes\" \\\n  -H \"Authorization: Bearer $SHARDCONSOLE_KEY\"", new ApiCall("GET", "/api/v1/nodes").ToCurl());
    }
}
