using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;
using ShardConsole.ControlPlane.Dashboard.Calls;

namespace ShardConsole.ControlPlane.Dashboard.Dialogs;

/// <summary>Shows the REST call behind a page or an action, ready to copy.</summary>
public sealed partial class ShowCallDialog
{
    private static readonly string[] Languages = ["curl", "Python"];
    private string language = "curl";
    private bool copied;

    /// <summary>The call.</summary>
    [Parameter]
    [EditorRequired]
    public ApiCall Call { get; set; } = null!;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = null!;

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    private string Text => language == "curl" ? Call.ToCurl() : Call.ToPython();

    /// <summary>Opens it.</summary>
    public static Task<IDialogReference> OpenAsync(IDialogService dialogs, ApiCall call) =>
        dialogs.ShowAsync<ShowCallDialog>("This as a call", new DialogParameters<ShowCallDialog> { { x => x.Call, call } }, new DialogOptions { CloseOnEscapeKey = true, CloseButton = true, MaxWidth = MaxWidth.Small, FullWidth = true });

    private async Task CopyAsync() => copied = await Js.InvokeAsync<bool>("shardConsole.copy", Text);
}
