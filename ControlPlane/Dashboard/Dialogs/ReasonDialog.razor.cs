using Microsoft.AspNetCore.Components;
using MudBlazor;
using ShardConsole.ControlPlane.Dashboard.Calls;

namespace ShardConsole.ControlPlane.Dashboard.Dialogs;

/// <summary>Says what a destructive action does and asks for the reason. Focus starts on Back; Enter confirms nothing.</summary>
public sealed partial class ReasonDialog
{
    private ElementReference back;
    private string reason = "";
    private string? failure;
    private bool busy;

    /// <summary>The verb and its object, repeated on the button.</summary>
    [Parameter]
    public string Verb { get; set; } = "";

    /// <summary>What happens, in order.</summary>
    [Parameter]
    public IReadOnlyList<string> Happens { get; set; } = [];

    /// <summary>What clients notice.</summary>
    [Parameter]
    public string Clients { get; set; } = "";

    /// <summary>How to undo it, and until when.</summary>
    [Parameter]
    public string Undo { get; set; } = "";

    /// <summary>Whether the button warns: for what takes something away.</summary>
    [Parameter]
    public bool IsDestructive { get; set; } = true;

    /// <summary>Whether a reason is needed; without one the audit tells what was done and by whom.</summary>
    [Parameter]
    public bool AsksReason { get; set; } = true;

    /// <summary>The call that does the same.</summary>
    [Parameter]
    public ApiCall? Call { get; set; }

    /// <summary>Does it, with the reason; answers why it failed, or null.</summary>
    [Parameter]
    public Func<string, Task<string?>>? Do { get; set; }

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = null!;

    [Inject]
    private IDialogService Dialogs { get; set; } = null!;

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && back.Context is not null)
        {
            await back.FocusAsync();
        }
    }

    private async Task DoAsync()
    {
        busy = true;
        failure = Do is null ? null : await Do(reason.Trim());
        busy = false;
        if (failure is null)
        {
            Dialog.Close(DialogResult.Ok(reason.Trim()));
        }
    }
}
