namespace ShardConsole.ControlPlane.Webhooks.Core;

/// <summary>Something that webhooks tell of. Kept as JSON with each delivery.</summary>
/// <param name="Kind">One of <see cref="WebhookKinds.All"/>, or "test".</param>
/// <param name="At">Real time.</param>
/// <param name="Title">One sentence for people.</param>
/// <param name="Detail">Why, or with which values; may be empty. Never a secret.</param>
/// <param name="By">Person, key, policy or "system".</param>
/// <param name="Subject">What it happened to: a plan's hash, "move 3", a node's name.</param>
/// <param name="Plan">Hash of the plan that it belongs to; empty where it belongs to none.</param>
/// <param name="Page">The console's page that shows it, a path.</param>
internal sealed record WebhookEvent(string Kind, DateTimeOffset At, string Title, string Detail, string By, string Subject, string Plan, string Page);
