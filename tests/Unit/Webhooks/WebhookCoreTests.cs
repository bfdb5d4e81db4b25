using System.Text.Json;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Webhooks;
using ShardConsole.ControlPlane.Webhooks.Core;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Webhooks;

/// <summary>What webhooks tell, how it is signed, and when it is tried again.</summary>
public sealed class WebhookCoreTests
{
    private static readonly DateTimeOffset Now = TestClock.Start;
    private static readonly WebhookOptions Options = new() { MaxAttempts = 4, FirstRetrySeconds = 5, MaxRetrySeconds = 15, NodeLostSeconds = 10 };
    private static readonly string[] Lost = ["n2"];

    [Fact]
    public void A_signature_is_the_one_that_any_hmac_library_makes() =>
        // printf '1772452800.{"a":1}' | openssl dgst -sha256 -hmac whs_test
        Assert.Equal(
            $"t=1772452800,v1={Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData("whs_test"u8, """1772452800.{"a":1}"""u8))}",
            WebhookSignature.Of("whs_test", Now, """{"a":1}"""));

    [Theory]
    [InlineData("whs_test", """{"a":1}""", 0, true)]
    [InlineData("whs_test", """{"a":1}""", 299, true)]
    [InlineData("whs_test", """{"a":1}""", 301, false)]
    [InlineData("whs_test", """{"a":1}""", -301, false)]
    [InlineData("whs_other", """{"a":1}""", 0, false)]
    [InlineData("whs_test", """{"a":2}""", 0, false)]
    public void A_receiver_takes_what_is_signed_and_fresh(string secret, string body, int secondsLater, bool taken) =>
        Assert.Equal(taken, WebhookSignature.IsValid(secret, WebhookSignature.Of("whs_test", Now, """{"a":1}"""), body, Now.AddSeconds(secondsLater), TimeSpan.FromMinutes(5)));

    [Theory]
    [InlineData("")]
    [InlineData("t=1772452800")]
    [InlineData("v1=00")]
    [InlineData("t=x,v1=00")]
    public void A_header_that_is_none_is_refused(string header) => Assert.False(WebhookSignature.IsValid("whs_test", header, "{}", Now, TimeSpan.FromMinutes(5)));

    [Theory]
    [InlineData(1, 500, null, 0.5, 5.0)]
    [InlineData(2, 500, null, 0.5, 10.0)]
    [InlineData(3, 0, null, 0.5, 15.0)]
    [InlineData(1, 500, null, 0.0, 4.0)]
    [InlineData(1, 500, null, 1.0, 6.0)]
    [InlineData(1, 429, 12, 0.5, 12.0)]
    [InlineData(1, 429, 1000, 0.5, 15.0)]
    [InlineData(4, 500, null, 0.5, null)]
    [InlineData(1, 410, null, 0.5, null)]
    public void It_is_tried_again_with_growing_waits_up_to_the_limits(int attempts, int status, int? retryAfter, double chance, double? seconds) => Assert.Equal(
        seconds, Backoff.Next(attempts, status, retryAfter is { } r ? TimeSpan.FromSeconds(r) : null, chance, Options)?.TotalSeconds);

    [Theory]
    [InlineData("plan-proposed", "why", WebhookKinds.PlanProposed)]
    [InlineData("plan-stale", "why", WebhookKinds.PlanStale)]
    [InlineData("plan-approved", "why", WebhookKinds.PlanApproved)]
    [InlineData("plan-scheduled", "why", WebhookKinds.PlanApproved)]
    [InlineData("move-ended", "migration 7: cancelled", WebhookKinds.MigrationFailed)]
    [InlineData("move-ended", "migration 7: done", null)]
    [InlineData("move-started", "segment 3", null)]
    [InlineData("key-created", "operator", null)]
    public void Rows_of_the_audit_tell_of_plans_and_migrations(string action, string detail, string? kind) => Assert.Equal(
        kind, EventFinder.Of(new AuditRow { Id = 1, At = Now, By = "ann", Action = action, Subject = "move 1", Detail = detail, Plan = "7c1e94d05b2a" })?.Kind);

    [Fact]
    public void A_node_is_lost_once_when_it_was_away_for_long_and_again_after_it_was_back()
    {
        var told = new List<string>();
        var memory = WebhookMemory.Fresh;
        foreach (var (second, away) in new[] { (0, true), (9, true), (10, true), (11, true), (12, false), (13, true), (22, true), (23, true) })
        {
            var (events, after) = EventFinder.Of(new WebhookSight(away ? Lost : [], null), memory, Now.AddSeconds(second), Options);
            told.AddRange(events.Select(e => $"{second} {e.Kind} {e.Subject}"));
            memory = after;
        }

        Assert.Equal(["10 node-lost n2", "23 node-lost n2"], told);
    }

    [Fact]
    public void Skill_is_lost_once_until_it_was_really_better()
    {
        var told = new List<double>();
        var memory = WebhookMemory.Fresh;
        foreach (var skill in new[] { 0.2, -0.04, -0.06, -0.02, -0.3, double.NaN, 0.01, -0.2 })
        {
            var (events, after) = EventFinder.Of(new WebhookSight([], skill), memory, Now, Options);
            told.AddRange(events.Select(_ => skill));
            memory = after;
        }

        Assert.Equal([-0.06, -0.2], told);
    }

    [Fact]
    public void The_forms_hold_the_same_and_a_reason_forges_no_link_in_slack()
    {
        var e = new WebhookEvent(WebhookKinds.PlanApproved, Now, "Plan 7c1e was approved", "see <https://evil|here> & <!channel>", "ann", "7c1e94", "7c1e94", "/plans/7c1e94");

        var json = JsonDocument.Parse(WebhookBody.Of(WebhookBody.JsonForm, e, 12, "orders-eu", "https://console.example/")).RootElement;
        Assert.Equal((12, "plan-approved", "orders-eu", "7c1e94", "https://console.example/plans/7c1e94"), (
            json.GetProperty("id").GetInt32(), json.GetProperty("event").GetString(), json.GetProperty("cluster").GetString(), json.GetProperty("plan").GetString(), json.GetProperty("link").GetString()));
        var slack = JsonDocument.Parse(WebhookBody.Of(WebhookBody.SlackForm, e, 12, "orders-eu", "https://console.example")).RootElement;
        Assert.Equal(
            "*Plan 7c1e was approved* · orders-eu · ann\nsee &lt;https://evil|here&gt; &amp; &lt;!channel&gt;\n<https://console.example/plans/7c1e94|Open in ShardConsole>", slack.GetProperty("text").GetString());
        Assert.Single(slack.EnumerateObject());
    }

    [Theory]
    [InlineData("ftp://host/x", "url")]
    [InlineData("host/x", "url")]
    [InlineData("https://user:word@host/x", "url")]
    [InlineData("https://host/x", "")]
    public void An_address_is_checked(string url, string field) =>
        Assert.Equal(field, string.Join(' ', WebhookCheck.Problems(new WebhookInput("hook", url, null, ["node-lost"]), isNew: true).Keys));

    [Fact]
    public void All_that_is_wrong_is_named_by_field_and_a_change_needs_none()
    {
        Assert.Equal(["events", "name", "url"], WebhookCheck.Problems(new WebhookInput(), isNew: true).Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["events", "form"], WebhookCheck.Problems(new WebhookInput(Form: "xml", Events: ["rain"]), isNew: false).Keys.Order(StringComparer.Ordinal));
        Assert.Empty(WebhookCheck.Problems(new WebhookInput(), isNew: false));
    }

    [Fact]
    public void Of_an_address_only_scheme_and_host_are_shown() => Assert.Equal("https://hooks.slack.com/…", WebhookCheck.Shown("https://hooks.slack.com/services/T00/B00/secret"));
}
