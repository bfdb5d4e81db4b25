using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Security;
using ShardConsole.ControlPlane.Webhooks.Core;

namespace ShardConsole.ControlPlane.Webhooks;

/// <summary>What an administrator may do with webhooks. Each change is kept together with its row of the audit, which names the host and never the path or the secret.</summary>
internal sealed class WebhookDesk(
    IDbContextFactory<ControlPlaneDb> dbs, WebhookStore store, WebhookSender sender, WebhookVault vault, AuditTrail audit, WebhookOptions options, TimeProvider time) : IWebhookDesk
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<WebhookView>> ListAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var views = new List<WebhookView>();
        foreach (var row in await db.Webhooks.AsNoTracking().OrderBy(w => w.Name).ThenBy(w => w.Id).ToListAsync(cancellation))
        {
            var of = db.WebhookDeliveries.AsNoTracking().Where(d => d.WebhookId == row.Id);
            var last = await of.Where(d => d.TriedAt != null).OrderByDescending(d => d.TriedAt).ThenByDescending(d => d.Id).FirstOrDefaultAsync(cancellation);
            views.Add(View(row, await of.CountAsync(d => d.State == WebhookStore.Waiting, cancellation), last));
        }

        return views;
    }

    /// <inheritdoc/>
    public async Task<WebhookSecret> AddAsync(WebhookInput input, string by, CancellationToken cancellation)
    {
        if (WebhookCheck.Problems(input, isNew: true).FirstOrDefault() is { Value: { } problem, Key: var field })
        {
            return new WebhookSecret(new Outcome("invalid", $"{field}: {problem[0]}"), null, "");
        }

        await using var db = await dbs.CreateDbContextAsync(cancellation);
        if (await db.Webhooks.CountAsync(cancellation) >= options.MaxWebhooks)
        {
            return new WebhookSecret(new Outcome("conflict", $"There are {options.MaxWebhooks} webhooks already, the limit Webhooks:MaxWebhooks. Remove one first."), null, "");
        }

        var secret = WebhookVault.NewSecret();
        var row = new WebhookRow { Form = WebhookBody.JsonForm, Enabled = true, CreatedBy = by, CreatedAt = time.GetUtcNow(), Secret = vault.Protect(secret) };
        Take(row, input);
        db.Webhooks.Add(row);
        await audit.SaveWithAsync(db, [new AuditEntry(by, "webhook-added", row.Name, Words(row))], cancellation);
        return new WebhookSecret(new Outcome(null, $"Added webhook \"{row.Name}\".", Text(row.Id)), View(row, 0, null), secret);
    }

    /// <inheritdoc/>
    public async Task<Outcome> ChangeAsync(long id, WebhookInput input, string by, CancellationToken cancellation)
    {
        if (WebhookCheck.Problems(input, isNew: false).FirstOrDefault() is { Value: { } problem, Key: var field })
        {
            return new Outcome("invalid", $"{field}: {problem[0]}");
        }

        return await WithAsync(id, "webhook-changed", by, (_, row) => Take(row, input), Words, row => $"Changed webhook \"{row.Name}\".", cancellation);
    }

    /// <inheritdoc/>
    public Task<Outcome> RemoveAsync(long id, string by, CancellationToken cancellation) =>
        WithAsync(id, "webhook-removed", by, (db, row) => db.Webhooks.Remove(row), Words, row => $"Removed webhook \"{row.Name}\".", cancellation);

    /// <inheritdoc/>
    public async Task<WebhookSecret> NewSecretAsync(long id, string by, CancellationToken cancellation)
    {
        var secret = WebhookVault.NewSecret();
        var outcome = await WithAsync(
            id, "webhook-secret-changed", by, (_, row) => row.Secret = vault.Protect(secret), _ => "the former secret signs nothing more", row => $"Webhook \"{row.Name}\" signs with a new secret.", cancellation);
        return new WebhookSecret(outcome, outcome.Done ? (await ListAsync(cancellation)).FirstOrDefault(w => w.Id == id) : null, outcome.Done ? secret : "");
    }

    /// <inheritdoc/>
    public async Task<WebhookTest> TestAsync(long id, string by, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        if (await db.Webhooks.AsNoTracking().FirstOrDefaultAsync(w => w.Id == id, cancellation) is not { } webhook)
        {
            return new WebhookTest(Missing(id), null);
        }

        var now = time.GetUtcNow();
        var row = await store.AddAsync(id, new WebhookEvent(WebhookKinds.Test, now, $"A test of webhook \"{webhook.Name}\"", "Nothing happened; somebody wants to see that this arrives.", by, webhook.Name, "", Urls.Webhooks), cancellation);
        var attempt = await sender.SendAsync(webhook, row, cancellation);
        (row.Attempts, row.Status, row.Error, row.TriedAt) = (1, attempt.Status, attempt.Error, time.GetUtcNow());
        row.State = attempt.Taken ? WebhookStore.Delivered : WebhookStore.Failed;
        await store.SaveAsync(row, cancellation);
        await audit.AddAsync(by, "webhook-tested", webhook.Name, attempt.Taken ? $"taken with {attempt.Status}" : attempt.Error, cancellation);
        return new WebhookTest(new Outcome(null, attempt.Taken ? $"It was taken with {attempt.Status}." : attempt.Error, Text(row.Id)), View(row));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DeliveryView>> DeliveriesAsync(long id, long before, int limit, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var rows = await db.WebhookDeliveries.AsNoTracking().Where(d => d.WebhookId == id && (before == 0 || d.Id < before)).OrderByDescending(d => d.Id).Take(limit).ToListAsync(cancellation);
        return rows.ConvertAll(View);
    }

    private async Task<Outcome> WithAsync(
        long id, string action, string by, Action<ControlPlaneDb, WebhookRow> change, Func<WebhookRow, string> detail, Func<WebhookRow, string> done, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        if (await db.Webhooks.FirstOrDefaultAsync(w => w.Id == id, cancellation) is not { } row)
        {
            return Missing(id);
        }

        change(db, row);
        await audit.SaveWithAsync(db, [new AuditEntry(by, action, row.Name, detail(row))], cancellation);
        return new Outcome(null, done(row), Text(id));
    }

    private void Take(WebhookRow row, WebhookInput input)
    {
        row.Name = input.Name?.Trim() ?? row.Name;
        row.Url = input.Url is { } url ? vault.Protect(url.Trim()) : row.Url;
        row.Form = input.Form ?? row.Form;
        row.Events = input.Events is { } events ? string.Join(' ', WebhookKinds.All.Select(k => k.Kind).Where(events.Contains)) : row.Events;
        row.Enabled = input.Enabled ?? row.Enabled;
    }

    private string Words(WebhookRow row) => $"{(row.Enabled ? "on" : "off")}, {Target(row)}, {row.Form}: {row.Events}";

    private string Target(WebhookRow row) => vault.TryUnprotect(row.Url) is { } url ? WebhookCheck.Shown(url) : "an address that cannot be read";

    private static Outcome Missing(long id) => new("not-found", $"There is no webhook {Text(id)}.");

    private static string Text(long id) => id.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private WebhookView View(WebhookRow row, int waiting, WebhookDeliveryRow? last) =>
        new(row.Id, row.Name, Target(row), row.Form, row.Events.Split(' '), row.Enabled, row.CreatedBy, row.CreatedAt, waiting, last is null ? null : View(last));

    private static DeliveryView View(WebhookDeliveryRow row) =>
        new(row.Id, row.Kind, WebhookStore.EventOf(row).Title, row.State, row.Attempts, row.Status, row.Error, row.CreatedAt, row.TriedAt, row.NextAt);
}
