namespace ShardConsole.ControlPlane.Api.Model;

/// <summary>A webhook without its secret and without the path of its address.</summary>
/// <param name="Target">Scheme and host of its address.</param>
/// <param name="Form">"json" or "slack".</param>
/// <param name="Events">Kinds of events that it is told.</param>
/// <param name="Waiting">Deliveries that wait.</param>
/// <param name="Last">The newest delivery that has been tried; null before the first.</param>
internal sealed record WebhookView(
    long Id, string Name, string Target, string Form, IReadOnlyList<string> Events, bool Enabled, string CreatedBy, DateTimeOffset CreatedAt, int Waiting, DeliveryView? Last);

/// <summary>One delivery. Times are real time.</summary>
/// <param name="State">"waiting", "delivered" or "failed".</param>
/// <param name="Status">HTTP status of the last attempt; 0 before the first and where no answer came.</param>
/// <param name="Error">Why the last attempt was not taken; empty where it was.</param>
/// <param name="NextAt">When it is tried again; null when it has ended.</param>
internal sealed record DeliveryView(
    long Id, string Event, string Title, string State, int Attempts, int Status, string Error, DateTimeOffset CreatedAt, DateTimeOffset? TriedAt, DateTimeOffset? NextAt);

/// <summary>What a webhook is to be. In a change, what is null stays.</summary>
internal sealed record WebhookInput(string? Name = null, string? Url = null, string? Form = null, IReadOnlyList<string>? Events = null, bool? Enabled = null);

/// <summary>An answer that carries a secret for the only time.</summary>
internal sealed record WebhookSecret(Outcome Outcome, WebhookView? Webhook, string Secret);

/// <summary>What became of a test.</summary>
internal sealed record WebhookTest(Outcome Outcome, DeliveryView? Delivery);

/// <summary>Webhooks, for administrators.</summary>
internal interface IWebhookDesk
{
    /// <summary>All webhooks, by name.</summary>
    Task<IReadOnlyList<WebhookView>> ListAsync(CancellationToken cancellation);

    /// <summary>Adds one; its secret is answered once and never again.</summary>
    Task<WebhookSecret> AddAsync(WebhookInput input, string by, CancellationToken cancellation);

    /// <summary>Changes one; what is null stays. What waits goes to the new address.</summary>
    Task<Outcome> ChangeAsync(long id, WebhookInput input, string by, CancellationToken cancellation);

    /// <summary>Removes one with its deliveries.</summary>
    Task<Outcome> RemoveAsync(long id, string by, CancellationToken cancellation);

    /// <summary>Draws a new secret, in force at once; it is answered once and never again.</summary>
    Task<WebhookSecret> NewSecretAsync(long id, string by, CancellationToken cancellation);

    /// <summary>Sends a test now, once, beside what waits.</summary>
    Task<WebhookTest> TestAsync(long id, string by, CancellationToken cancellation);

    /// <summary>Deliveries of one, the newest first, older than that of id <paramref name="before"/> (0: from the newest).</summary>
    Task<IReadOnlyList<DeliveryView>> DeliveriesAsync(long id, long before, int limit, CancellationToken cancellation);
}
