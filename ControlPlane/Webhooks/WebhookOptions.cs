namespace ShardConsole.ControlPlane.Webhooks;

/// <summary>Limits of webhooks. Real time. Section "Webhooks".</summary>
internal sealed class WebhookOptions
{
    /// <summary>Section of appsettings.json.</summary>
    public const string Section = "Webhooks";

    /// <summary>Webhooks at most, 1..100.</summary>
    public int MaxWebhooks { get; set; } = 20;

    /// <summary>Deliveries that may wait for one webhook, 1..100000; what comes beyond that is noted as failed.</summary>
    public int MaxWaiting { get; set; } = 1000;

    /// <summary>Ended deliveries that are kept for one webhook, 1..100000; the oldest goes first.</summary>
    public int MaxKept { get; set; } = 500;

    /// <summary>Attempts of one delivery, 1..50.</summary>
    public int MaxAttempts { get; set; } = 8;

    /// <summary>Wait after the first attempt that was not taken, seconds, 0..3600; it doubles with each further one.</summary>
    public double FirstRetrySeconds { get; set; } = 5;

    /// <summary>Longest wait between two attempts, seconds, at least the first one, 86400 at most.</summary>
    public double MaxRetrySeconds { get; set; } = 900;

    /// <summary>Longest time that an attempt may take, seconds, 1..300.</summary>
    public double TimeoutSeconds { get; set; } = 10;

    /// <summary>Time between two looks at what is to tell, milliseconds, 50..60000.</summary>
    public int PollMs { get; set; } = 1000;

    /// <summary>How long a node is away before it counts as lost, seconds, 0..86400.</summary>
    public double NodeLostSeconds { get; set; } = 15;

    /// <summary>How far below 0 the skill has to fall before it counts as lost, 0..1.</summary>
    public double SkillMargin { get; set; } = 0.05;

    /// <summary>Address of this console for people outside, for links ("https://console.example"); empty: links are paths.</summary>
    public string PublicUrl { get; set; } = "";

    /// <summary>All that is wrong with these options, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (var (name, value, min, max) in new[]
        {
            (nameof(MaxWebhooks), MaxWebhooks, 1d, 100), (nameof(MaxWaiting), MaxWaiting, 1, 100_000), (nameof(MaxKept), MaxKept, 1, 100_000), (nameof(MaxAttempts), MaxAttempts, 1, 50),
            (nameof(FirstRetrySeconds), FirstRetrySeconds, 0, 3600), (nameof(MaxRetrySeconds), MaxRetrySeconds, FirstRetrySeconds, 86_400), (nameof(TimeoutSeconds), TimeoutSeconds, 1, 300),
            (nameof(PollMs), PollMs, 50, 60_000), (nameof(NodeLostSeconds), NodeLostSeconds, 0, 86_400), (nameof(SkillMargin), SkillMargin, 0, 1),
        })
        {
            if (!(value >= min && value <= max))
            {
                yield return FormattableString.Invariant($"Webhooks:{name} {value} is outside {min}..{max}.");
            }
        }

        if (PublicUrl.Length > 0 && !(Uri.TryCreate(PublicUrl, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
        {
            yield return $"Webhooks:PublicUrl {PublicUrl} is no address; write https://console.example.";
        }
    }
}
