namespace ShardConsole.ControlPlane.Dashboard.Live;

/// <summary>Whether the pages of one circuit follow the cluster or stand still. Used on the circuit's own context only.</summary>
internal sealed class LiveState
{
    /// <summary>When the page was paused, model time; null while it follows.</summary>
    public DateTimeOffset? PausedAt { get; private set; }

    /// <summary>Raised on every change.</summary>
    public event Action? Changed;

    /// <summary>Stands still, or follows again.</summary>
    public void Toggle(DateTimeOffset now)
    {
        PausedAt = PausedAt is null ? now : null;
        Changed?.Invoke();
    }
}
