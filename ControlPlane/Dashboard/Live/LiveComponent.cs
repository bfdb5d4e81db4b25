using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Text;

namespace ShardConsole.ControlPlane.Dashboard.Live;

/// <summary>
/// A component that shows something of the cluster and follows it: loads once, then again after each change, at most once per
/// <see cref="Throttle"/>. A failed load keeps the last good data and shows the error; it never takes the page down.
/// </summary>
public abstract class LiveComponent : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource gone = new();
    private ITimer? timer;
    private int scheduled;
    private long lastLoad;
    private bool loading;
    private bool again;

    /// <summary>Who looks; null in tests that do not care.</summary>
    [CascadingParameter]
    private Task<AuthenticationState>? Authentication { get; set; }

    [Inject]
    private protected IClusterQueries Queries { get; set; } = null!;

    [Inject]
    private protected TimeProvider Time { get; set; } = null!;

    [Inject]
    private protected LiveState Live { get; set; } = null!;

    [Inject]
    private protected DisplayZone Zone { get; set; } = null!;

    /// <summary>Shortest time between two loads.</summary>
    private protected virtual TimeSpan Throttle => TimeSpan.FromSeconds(1);

    /// <summary>True once a load has succeeded.</summary>
    private protected bool Loaded { get; private set; }

    /// <summary>Why the newest load failed; null when it did not.</summary>
    private protected string? LoadError { get; private set; }

    /// <summary>When the data shown were loaded, model time.</summary>
    private protected DateTimeOffset LoadedAt { get; private set; }

    /// <summary>Name of the signed-in user.</summary>
    private protected string UserName { get; private set; } = "";

    /// <summary>May approve, cancel and halt.</summary>
    private protected bool CanOperate { get; private set; }

    /// <summary>May change settings and see the jobs.</summary>
    private protected bool IsAdministrator { get; private set; }

    /// <summary>Ends with the component.</summary>
    private protected CancellationToken Gone => gone.Token;

    /// <summary>Reads what the component shows.</summary>
    private protected abstract Task LoadAsync(CancellationToken cancellation);

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        if (Authentication is not null)
        {
            var user = (await Authentication).User;
            UserName = user.Identity?.Name ?? "";
            IsAdministrator = user.IsInRole("administrator");
            CanOperate = IsAdministrator || user.IsInRole("operator");
        }

        timer = Time.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Queries.Changed += OnChanged;
        Live.Changed += OnLiveChanged;
        await ReloadAsync();
    }

    /// <summary>Loads now. Also what Retry does. A call while one runs makes that one run again.</summary>
    private protected async Task ReloadAsync()
    {
        if (loading)
        {
            again = true;
            return;
        }

        loading = true;
        try
        {
            do
            {
                again = false;
                await LoadOnceAsync();
            }
            while (again && !gone.IsCancellationRequested);
        }
        finally
        {
            loading = false;
        }
    }

    private async Task LoadOnceAsync()
    {
        try
        {
            lastLoad = Time.GetTimestamp();
            await LoadAsync(gone.Token);
            LoadedAt = Queries.Summary().Now;
            Loaded = true;
            LoadError = null;
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
        }
#pragma warning disable CA1031 // A page shows whatever went wrong, with Retry, instead of ending the circuit.
        catch (Exception e)
        {
            LoadError = e.Message;
        }
#pragma warning restore CA1031
    }

    private void OnChanged()
    {
        // Only the first change of a period arms the timer; the load that follows sees all of them.
        if (gone.IsCancellationRequested || Interlocked.Exchange(ref scheduled, 1) == 1)
        {
            return;
        }

        var due = Throttle - Time.GetElapsedTime(lastLoad);
        timer?.Change(due > TimeSpan.Zero ? due : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        Volatile.Write(ref scheduled, 0);
        if (gone.IsCancellationRequested || Live.PausedAt is not null)
        {
            return;
        }

        _ = InvokeAsync(async () =>
        {
            await ReloadAsync();
            StateHasChanged();
        });
    }

    private void OnLiveChanged()
    {
        if (Live.PausedAt is null)
        {
            OnChanged();
        }
        else
        {
            _ = InvokeAsync(StateHasChanged);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Stops following.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing || gone.IsCancellationRequested)
        {
            return;
        }

        Queries.Changed -= OnChanged;
        Live.Changed -= OnLiveChanged;
        gone.Cancel();
        timer?.Dispose();
    }
}
