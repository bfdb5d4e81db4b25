namespace ShardConsole.ControlPlane.Data;

/// <summary>An address that is told of events.</summary>
internal sealed class WebhookRow
{
    public long Id { get; set; }

    public string Name { get; set; } = "";

    /// <summary>The address, protected by the keys of the data folder: its path is often a secret.</summary>
    public string Url { get; set; } = "";

    /// <summary>The secret of its signatures, protected likewise.</summary>
    public string Secret { get; set; } = "";

    /// <summary>"json" or "slack".</summary>
    public string Form { get; set; } = "";

    /// <summary>Kinds of events, separated by spaces.</summary>
    public string Events { get; set; } = "";

    public bool Enabled { get; set; }

    public string CreatedBy { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>One event for one webhook: it waits until it was taken or given up, so that a restart goes on where it was.</summary>
internal sealed class WebhookDeliveryRow
{
    public long Id { get; set; }

    public long WebhookId { get; set; }

    public string Kind { get; set; } = "";

    /// <summary>WebhookEvent, JSON.</summary>
    public string Event { get; set; } = "{}";

    /// <summary>"waiting", "delivered", "failed".</summary>
    public string State { get; set; } = "waiting";

    public int Attempts { get; set; }

    /// <summary>HTTP status of the last attempt; 0: none came.</summary>
    public int Status { get; set; }

    public string Error { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? TriedAt { get; set; }

    /// <summary>When it is due; null when it has ended.</summary>
    public DateTimeOffset? NextAt { get; set; }
}
