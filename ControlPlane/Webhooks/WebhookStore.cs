using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Webhooks.Core;

namespace ShardConsole.ControlPlane.Webhooks;

/// <summary>
/// What webhooks wait to tell, as rows. What was found and how far was looked are kept in one transaction: after a crash no event is missing and none is found twice.
/// A delivery may be sent twice (its attempt was taken, the program died before it was noted); its number tells.
/// </summary>
internal sealed class WebhookStore(IDbContextFactory<ControlPlaneDb> dbs, WebhookOptions options)
{
    public const string Waiting = "waiting";
    public const string Delivered = "delivered";
    public const string Failed = "failed";

    private const string MemoryName = "webhooks";
    private const int AuditBatch = 500;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Looks at the audit and at how the cluster stands, and queues what came to be for the webhooks that want it. Answers how many deliveries it queued.</summary>
    public async Task<int> GatherAsync(WebhookSight? sight, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var kept = await db.Settings.FirstOrDefaultAsync(s => s.Name == MemoryName, cancellation);
        var memory = kept is null ? WebhookMemory.Fresh : JsonSerializer.Deserialize<WebhookMemory>(kept.Value, Json)!;
        if (memory.Audit < 0)
        {
            // What happened before there were webhooks is not told.
            memory = memory with { Audit = await db.Audit.AnyAsync(cancellation) ? await db.Audit.MaxAsync(a => a.Id, cancellation) : 0 };
        }

        var seen = memory.Audit;
        var rows = await db.Audit.AsNoTracking().Where(a => a.Id > seen).OrderBy(a => a.Id).Take(AuditBatch).ToListAsync(cancellation);
        var events = rows.Select(EventFinder.Of).OfType<WebhookEvent>().ToList();
        if (sight is not null)
        {
            var (found, after) = EventFinder.Of(sight, memory, now, options);
            events.AddRange(found);
            memory = after;
        }

        memory = memory with { Audit = rows.Count > 0 ? rows[^1].Id : memory.Audit };
        var text = JsonSerializer.Serialize(memory, Json);
        if (events.Count == 0 && kept?.Value == text)
        {
            return 0;
        }

        var queued = events.Count == 0 ? 0 : await QueueAsync(db, events, now, cancellation);
        if (kept is null)
        {
            db.Settings.Add(new SettingRow { Name = MemoryName, Value = text });
        }
        else
        {
            kept.Value = text;
        }

        await db.SaveChangesAsync(cancellation);
        return queued;
    }

    /// <summary>Webhooks that are on and have a delivery to send, each with its oldest one: a webhook hears in order.</summary>
    public async Task<IReadOnlyList<(WebhookRow Webhook, WebhookDeliveryRow Delivery)>> HeadsAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var heads = new List<(WebhookRow, WebhookDeliveryRow)>();
        foreach (var webhook in await db.Webhooks.AsNoTracking().Where(w => w.Enabled).OrderBy(w => w.Id).ToListAsync(cancellation))
        {
            var head = await db.WebhookDeliveries.AsNoTracking().Where(d => d.WebhookId == webhook.Id && d.State == Waiting).OrderBy(d => d.Id).FirstOrDefaultAsync(cancellation);
            if (head is not null && head.NextAt <= now)
            {
                heads.Add((webhook, head));
            }
        }

        return heads;
    }

    /// <summary>Keeps what became of an attempt, and forgets the oldest ended deliveries beyond the limit. What was removed meanwhile stays removed.</summary>
    public async Task SaveAsync(WebhookDeliveryRow delivery, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        await db.WebhookDeliveries.Where(d => d.Id == delivery.Id).ExecuteUpdateAsync(
            d => d.SetProperty(x => x.State, delivery.State).SetProperty(x => x.Attempts, delivery.Attempts).SetProperty(x => x.Status, delivery.Status)
                .SetProperty(x => x.Error, delivery.Error).SetProperty(x => x.TriedAt, delivery.TriedAt).SetProperty(x => x.NextAt, delivery.NextAt),
            cancellation);
        var last = await db.WebhookDeliveries.Where(d => d.WebhookId == delivery.WebhookId && d.State != Waiting).OrderByDescending(d => d.Id).Select(d => d.Id).Skip(options.MaxKept).FirstOrDefaultAsync(cancellation);
        if (last > 0)
        {
            await db.WebhookDeliveries.Where(d => d.WebhookId == delivery.WebhookId && d.State != Waiting && d.Id <= last).ExecuteDeleteAsync(cancellation);
        }
    }

    /// <summary>Adds one delivery that is already being sent: a test.</summary>
    public async Task<WebhookDeliveryRow> AddAsync(long webhook, WebhookEvent e, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);

        // Not waiting: it goes beside the queue, so that a receiver can be tested while it is behind.
        var row = new WebhookDeliveryRow { WebhookId = webhook, Kind = e.Kind, Event = JsonSerializer.Serialize(e, Json), State = Failed, CreatedAt = e.At };
        db.WebhookDeliveries.Add(row);
        await db.SaveChangesAsync(cancellation);
        return row;
    }

    /// <summary>The event of a delivery.</summary>
    public static WebhookEvent EventOf(WebhookDeliveryRow row) => JsonSerializer.Deserialize<WebhookEvent>(row.Event, Json)!;

    private async Task<int> QueueAsync(ControlPlaneDb db, List<WebhookEvent> events, DateTimeOffset now, CancellationToken cancellation)
    {
        var queued = 0;
        foreach (var webhook in await db.Webhooks.AsNoTracking().Where(w => w.Enabled).OrderBy(w => w.Id).ToListAsync(cancellation))
        {
            var kinds = webhook.Events.Split(' ');
            var room = options.MaxWaiting - await db.WebhookDeliveries.CountAsync(d => d.WebhookId == webhook.Id && d.State == Waiting, cancellation);
            foreach (var e in events.Where(e => kinds.Contains(e.Kind)))
            {
                var fits = room-- > 0;
                queued += fits ? 1 : 0;
                db.WebhookDeliveries.Add(new WebhookDeliveryRow
                {
                    WebhookId = webhook.Id, Kind = e.Kind, Event = JsonSerializer.Serialize(e, Json), CreatedAt = now, State = fits ? Waiting : Failed, NextAt = fits ? now : null,
                    Error = fits ? "" : $"{options.MaxWaiting} deliveries waited already, the limit Webhooks:MaxWaiting.",
                });
            }
        }

        return queued;
    }
}
