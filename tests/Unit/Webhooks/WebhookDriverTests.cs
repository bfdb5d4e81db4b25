using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.History;
using ShardConsole.ControlPlane.Security;
using ShardConsole.ControlPlane.Webhooks;
using ShardConsole.ControlPlane.Webhooks.Core;
using ShardConsole.Unit.Approval;
using ShardConsole.Unit.Fleet;
using ShardConsole.Unit.Support;

namespace ShardConsole.Unit.Webhooks;

/// <summary>Webhooks from a row of the audit to a receiver.</summary>
public sealed class WebhookDriverTests : IDisposable
{
    private const string Path = "/services/T00/secret-path";
    private readonly TestDatabase database = new();
    private readonly FakeTimeProvider time = TestClock.Real();
    private readonly Receiver receiver = new();
    private readonly ScriptedFleet fleet = new();
    private readonly WebhookOptions options = new() { MaxAttempts = 3, MaxWaiting = 4, MaxKept = 3 };
    private readonly AuditTrail audit;
    private readonly WebhookVault vault = new(new EphemeralDataProtectionProvider());
    private readonly WebhookStore store;
    private readonly WebhookSender sender;
    private readonly WebhookDesk desk;
    private readonly WebhookDriver driver;

    public WebhookDriverTests()
    {
        audit = new AuditTrail(database, time);
        store = new WebhookStore(database, options);
        sender = new WebhookSender(receiver, vault, options, "orders-eu", time);
        desk = new WebhookDesk(database, store, sender, vault, audit, options, time);
        driver = NewDriver();
    }

    public void Dispose()
    {
        driver.Dispose();
        sender.Dispose();
        audit.Dispose();
        database.Dispose();
    }

    [Fact]
    public async Task A_message_is_signed_so_that_the_receiver_can_check_it()
    {
        var secret = await AddAsync("ops");
        await StepAsync();
        await audit.AddAsync(new AuditEntry("ann", "plan-approved", "7c1e94", "before the sale", "7c1e94"), default);
        await StepAsync();

        var (kind, delivery, signature, body) = Assert.Single(receiver.Taken);
        Assert.Equal(("plan-approved", "1"), (kind, delivery));
        Assert.True(WebhookSignature.IsValid(secret, signature, body, time.GetUtcNow(), TimeSpan.FromMinutes(5)));
        Assert.False(WebhookSignature.IsValid(secret, signature, body + " ", time.GetUtcNow(), TimeSpan.FromMinutes(5)));
        var last = Assert.Single(await desk.ListAsync(default)).Last!;
        Assert.Equal(("delivered", 1, 200, ""), (last.State, last.Attempts, last.Status, last.Error));
    }

    [Fact]
    public async Task What_is_refused_is_tried_again_under_the_same_number_and_before_what_came_later()
    {
        await AddAsync("ops");
        await StepAsync();
        await TellAsync("aaaa");
        await TellAsync("bbbb");
        receiver.Answers.Enqueue(503);
        receiver.Answers.Enqueue(0);
        await StepAsync();
        await StepAsync();
        Assert.Single(receiver.Taken);
        var waiting = (await desk.DeliveriesAsync(1, 0, 10, default))[1];
        Assert.Equal(("waiting", 1, 503), (waiting.State, waiting.Attempts, waiting.Status));
        Assert.Contains("503", waiting.Error, StringComparison.Ordinal);

        time.Advance(TimeSpan.FromSeconds(6));
        await StepAsync();
        time.Advance(TimeSpan.FromSeconds(13));
        await StepAsync();
        await StepAsync();

        Assert.Equal(["1", "1", "1", "2"], receiver.Taken.Select(t => t.Delivery));
        Assert.Single(receiver.Taken.Take(3).Select(t => t.Body).Distinct());
        Assert.Equal(["delivered 1", "delivered 3"], (await desk.DeliveriesAsync(1, 0, 10, default)).Select(d => $"{d.State} {d.Attempts}"));
    }

    [Fact]
    public async Task After_the_last_attempt_it_is_given_up_and_the_next_one_goes()
    {
        await AddAsync("ops");
        await StepAsync();
        await TellAsync("aaaa");
        await TellAsync("bbbb");
        foreach (var answer in new[] { 500, 500, 404 })
        {
            receiver.Answers.Enqueue(answer);
            await StepAsync();
            time.Advance(TimeSpan.FromHours(1));
        }

        await StepAsync();

        Assert.Equal(["delivered 1 200", "failed 3 404"], (await desk.DeliveriesAsync(1, 0, 10, default)).Select(d => $"{d.State} {d.Attempts} {d.Status}"));
    }

    [Fact]
    public async Task What_came_to_be_is_queued_once_also_when_the_program_ends_in_between()
    {
        await AddAsync("ops");
        await StepAsync();
        await TellAsync("aaaa");
        await store.GatherAsync(null, time.GetUtcNow(), default);
        using var next = NewDriver();
        await next.TurnAsync(default);
        await next.IdleAsync();
        await next.TurnAsync(default);
        await next.IdleAsync();

        Assert.Single(receiver.Taken);
    }

    [Fact]
    public async Task Only_what_is_asked_for_is_told_and_nothing_from_before_or_while_it_is_off()
    {
        await TellAsync("aaaa");
        await AddAsync("ops", WebhookKinds.PlanStale);
        await StepAsync();
        await TellAsync("bbbb");
        await audit.AddAsync(new AuditEntry("check", "plan-stale", "bbbb", "moved", "bbbb"), default);
        await StepAsync();
        await desk.ChangeAsync(1, new WebhookInput(Enabled: false), "ann", default);
        await audit.AddAsync(new AuditEntry("check", "plan-stale", "cccc", "moved", "cccc"), default);
        await StepAsync();
        await desk.ChangeAsync(1, new WebhookInput(Enabled: true), "ann", default);
        await StepAsync();

        Assert.Equal(["plan-stale"], receiver.Taken.Select(t => t.Event));
    }

    [Fact]
    public async Task A_slow_receiver_delays_no_other()
    {
        await AddAsync("slow", url: "https://slow.example/x");
        await AddAsync("quick", url: "https://quick.example/x");
        await StepAsync();
        receiver.Slow["slow.example"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await TellAsync("aaaa");
        await TellAsync("bbbb");
        var quick = 0;
        while (quick < 2)
        {
            // The slow one's attempt stays under way; the quick one gets both.
            await driver.TurnAsync(default);
            quick = (await desk.DeliveriesAsync(2, 0, 10, default)).Count(d => d.State == "delivered");
        }

        Assert.All(await desk.DeliveriesAsync(1, 0, 10, default), d => Assert.Equal("waiting", d.State));
        receiver.Slow["slow.example"].SetResult();
        await driver.IdleAsync();
        Assert.Equal(["waiting", "delivered"], (await desk.DeliveriesAsync(1, 0, 10, default)).Select(d => d.State));
    }

    [Fact]
    public async Task More_than_may_wait_is_noted_as_failed_and_old_ended_ones_are_forgotten()
    {
        await AddAsync("ops");
        await StepAsync();
        for (var i = 0; i < 6; i++)
        {
            await TellAsync($"aaa{i}");
        }

        await store.GatherAsync(null, time.GetUtcNow(), default);
        var rows = await desk.DeliveriesAsync(1, 0, 10, default);
        Assert.Equal((4, 2), (rows.Count(r => r.State == "waiting"), rows.Count(r => r.State == "failed")));
        Assert.Contains("Webhooks:MaxWaiting", rows[0].Error, StringComparison.Ordinal);
        for (var i = 0; i < 4; i++)
        {
            await StepAsync();
        }

        Assert.Equal(3, (await desk.DeliveriesAsync(1, 0, 10, default)).Count);
    }

    [Fact]
    public async Task Neither_secret_nor_path_lies_readable_in_database_audit_or_answers()
    {
        var secret = await AddAsync("ops");
        await desk.ChangeAsync(1, new WebhookInput(Name: "ops-2"), "ann", default);
        var fresh = (await desk.NewSecretAsync(1, "ann", default)).Secret;
        receiver.Answers.Enqueue(0);
        await desk.TestAsync(1, "ann", default);

        Assert.NotEqual(secret, fresh);
        await using var db = database.CreateDbContext();
        var kept = string.Join('\n', db.Webhooks.Select(w => w.Secret + w.Url + w.Name)) + string.Join('\n', db.WebhookDeliveries.Select(d => d.Event + d.Error));
        var told = string.Join('\n', (await audit.ListAsync(0, 50, default)).Select(r => r.Subject + r.Detail));
        var shown = System.Text.Json.JsonSerializer.Serialize(await desk.ListAsync(default));
        foreach (var hidden in new[] { secret, fresh, Path })
        {
            Assert.DoesNotContain(hidden, kept + told + shown, StringComparison.Ordinal);
        }

        Assert.Equal(["webhook-tested", "webhook-secret-changed", "webhook-changed", "webhook-added"], (await audit.ListAsync(0, 50, default)).Select(r => r.Action));
    }

    [Fact]
    public async Task A_test_goes_at_once_beside_what_waits_and_tells_the_answer()
    {
        await AddAsync("ops");
        await StepAsync();
        await TellAsync("aaaa");
        receiver.Answers.Enqueue(500);
        await StepAsync();
        receiver.Answers.Enqueue(204);
        var (outcome, delivery) = await desk.TestAsync(1, "ann", default);

        Assert.Equal(("It was taken with 204.", "delivered", 204), (outcome.Detail, delivery!.State, delivery.Status));
        Assert.Equal(["plan-proposed", "test"], receiver.Taken.Select(t => t.Event));
        Assert.Equal("not-found", (await desk.TestAsync(99, "ann", default)).Outcome.Code);
    }

    [Fact]
    public async Task A_lost_node_is_told_when_a_node_has_been_heard_before()
    {
        await AddAsync("ops");
        fleet.State = Reports.State() with { Nodes = [.. Reports.State().Nodes.Select(n => n.Member.Name == "n2" ? n with { Health = "dead" } : n)] };
        await StepAsync();
        time.Advance(TimeSpan.FromSeconds(options.NodeLostSeconds));
        await StepAsync();
        await StepAsync();

        Assert.Equal(["node-lost"], receiver.Taken.Select(t => t.Event));
        Assert.Contains("Node n2 is lost", receiver.Taken[0].Body, StringComparison.Ordinal);
    }

    private WebhookDriver NewDriver() =>
        new(store, sender, fleet, new ForecastStore(database, new HistoryOptions()), options, time, new Random(1), NullLogger<WebhookDriver>.Instance);

    private async Task<string> AddAsync(string name, string? only = null, string url = "https://hooks.example" + Path)
    {
        var (outcome, _, secret) = await desk.AddAsync(new WebhookInput(name, url, null, only is null ? [.. WebhookKinds.All.Select(k => k.Kind)] : [only]), "ann", default);
        Assert.True(outcome.Done, outcome.Detail);
        return secret;
    }

    private Task TellAsync(string plan) => audit.AddAsync(new AuditEntry("planner", "plan-proposed", plan, "n3 will be hot", plan), default);

    private async Task StepAsync()
    {
        await driver.TurnAsync(default);
        await driver.IdleAsync();
    }
}
