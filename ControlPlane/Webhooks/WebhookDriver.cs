using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.History;
using ShardConsole.ControlPlane.Webhooks.Core;

namespace ShardConsole.ControlPlane.Webhooks;

/// <summary>Looks for what is to tell and sends what is due. Each webhook has one attempt under way at most: it hears in order, and one that is slow delays no other.</summary>
internal sealed partial class WebhookDriver(
    WebhookStore store, WebhookSender sender, IFleet fleet, ForecastStore forecasts, WebhookOptions options, TimeProvider time, Random random, ILogger<WebhookDriver> log) : BackgroundService
{
    private readonly Dictionary<long, Task> lines = [];

    /// <summary>One look: queues what came to be, and begins to send what is due. One caller at a time.</summary>
    public async Task TurnAsync(CancellationToken cancellation)
    {
        await store.GatherAsync(Sight(), time.GetUtcNow(), cancellation);
        foreach (var (webhook, delivery) in await store.HeadsAsync(time.GetUtcNow(), cancellation))
        {
            if (!lines.TryGetValue(webhook.Id, out var line) || line.IsCompleted)
            {
                lines[webhook.Id] = SendAsync(webhook, delivery, cancellation);
            }
        }
    }

    /// <summary>Ends when no attempt is under way.</summary>
    public Task IdleAsync() => Task.WhenAll(lines.Values);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(options.PollMs), time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await TurnAsync(stoppingToken);
                }
                catch (Exception e) when (e is System.Data.Common.DbException or Microsoft.EntityFrameworkCore.DbUpdateException)
                {
                    NotKept(log, e.Message);
                }
            }
        }
        finally
        {
            await IdleAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SendAsync(WebhookRow webhook, WebhookDeliveryRow delivery, CancellationToken cancellation)
    {
        try
        {
            var attempt = await sender.SendAsync(webhook, delivery, cancellation);
            delivery.Attempts++;
            (delivery.Status, delivery.Error, delivery.TriedAt) = (attempt.Status, attempt.Error, time.GetUtcNow());
            var wait = attempt.Taken ? null : Backoff.Next(delivery.Attempts, attempt.Status, attempt.RetryAfter, random.NextDouble(), options);
            delivery.State = attempt.Taken ? WebhookStore.Delivered : wait is null ? WebhookStore.Failed : WebhookStore.Waiting;
            delivery.NextAt = delivery.TriedAt + wait;
            await store.SaveAsync(delivery, cancellation);
            if (delivery.State == WebhookStore.Failed)
            {
                GaveUp(log, webhook.Name, delivery.Kind, delivery.Attempts, attempt.Error);
            }
        }
        catch (Exception e) when (e is System.Data.Common.DbException or Microsoft.EntityFrameworkCore.DbUpdateException)
        {
            // The row still waits: it is sent again, under the same number.
            NotKept(log, e.Message);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The program stops; the row still waits.
        }
    }

    // Before a node has answered nothing is known of any.
    private WebhookSight? Sight()
    {
        var state = fleet.State;
        return state.AnsweredAt is null ? null
            : new WebhookSight([.. state.Nodes.Where(n => n.Health is "dead" or "unknown").Select(n => n.Member.Name)], forecasts.LatestResult(LoadMetric.Cpu)?.Skill.HourAhead);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook \"{Name}\": {Kind} was given up after {Attempts} attempts. {Error}")]
    private static partial void GaveUp(ILogger logger, string name, string kind, int attempts, string error);

    [LoggerMessage(Level = LogLevel.Error, Message = "What webhooks are to tell could not be read or kept ({Reason}); it is tried again")]
    private static partial void NotKept(ILogger logger, string reason);
}
