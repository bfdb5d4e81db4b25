using Microsoft.AspNetCore.Components;
using MudBlazor;
using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Dashboard.Layout;

/// <summary>Halt all, in one step and never modal; afterwards Resume.</summary>
public sealed partial class HaltControl
{
    private IDisposable? listening;
    private ElementReference now;
    private bool open;
    private bool focusWanted;

    [CascadingParameter]
    private MainLayout? Shell { get; set; }

    [Inject]
    private IRolloutDesk Rollout { get; set; } = null!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = null!;

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        await base.OnInitializedAsync();
        listening = Shell?.Listen(key =>
        {
            if (key != "H" || !CanOperate || Queries.Summary().Halted)
            {
                return false;
            }

            open = focusWanted = true;
            StateHasChanged();
            return true;
        });
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (focusWanted && open && now.Context is not null)
        {
            focusWanted = false;
            await now.FocusAsync();
        }
    }

    private protected override Task LoadAsync(CancellationToken cancellation) => Task.CompletedTask;

    private async Task SetAsync(bool halted)
    {
        open = false;
        var outcome = await Rollout.SetHaltAsync(halted, UserName, halted ? "Halt all in the console" : "Resumed in the console", Gone);
        Snackbar.Add(outcome.Done ? (halted ? "Halted all moves" : "Resumed with the former settings") : outcome.Detail, outcome.Done ? Severity.Normal : Severity.Error);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        listening?.Dispose();
        base.Dispose(disposing);
    }
}
