using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Calls;
using ShardConsole.ControlPlane.Dashboard.Dialogs;
using ShardConsole.ControlPlane.Dashboard.Layout;

namespace ShardConsole.ControlPlane.Dashboard.Controls;

/// <summary>Head of a page: title, answer line, Show call, Copy link, and the page's own buttons.</summary>
public sealed partial class PageHead : IDisposable
{
    private IDisposable? listening;

    /// <summary>The one h1.</summary>
    [Parameter]
    [EditorRequired]
    public string Title { get; set; } = "";

    /// <summary>The answer line.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    /// <summary>Before the title, as a path.</summary>
    [Parameter]
    public RenderFragment? Before { get; set; }

    /// <summary>After the title: state, hash, age.</summary>
    [Parameter]
    public RenderFragment? Beside { get; set; }

    /// <summary>The page's own buttons.</summary>
    [Parameter]
    public RenderFragment? Actions { get; set; }

    /// <summary>The call that reads what the page shows.</summary>
    [Parameter]
    public ApiCall? Call { get; set; }

    /// <summary>Whether the page offers its link; always true, except where its buttons need the room.</summary>
    [Parameter]
    public bool CopyLink { get; set; } = true;

    [CascadingParameter]
    private MainLayout? Shell { get; set; }

    [Inject]
    private IDialogService Dialogs { get; set; } = null!;

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = null!;

    [Inject]
    private IClusterQueries Queries { get; set; } = null!;

    private string TabTitle
    {
        get
        {
            var summary = Queries.Summary();
            return (summary.PlansWaiting > 0 ? $"({summary.PlansWaiting}) " : "") + Title + (summary.Name.Length > 0 ? " · " + summary.Name : "");
        }
    }

    /// <inheritdoc/>
    protected override void OnInitialized() =>
        listening = Shell?.Listen(key =>
        {
            if (key == "c" && Call is not null)
            {
                _ = ShowCallAsync();
                return true;
            }

            if (key == "y")
            {
                _ = CopyAsync();
                return true;
            }

            return false;
        });

    private Task ShowCallAsync() => ShowCallDialog.OpenAsync(Dialogs, Call!);

    private async Task CopyAsync()
    {
        var copied = await Js.InvokeAsync<bool>("shardConsole.copy", Navigation.Uri);
        Snackbar.Add(copied ? "Copied the link to this view" : "The browser did not allow to copy: " + Navigation.Uri, copied ? Severity.Normal : Severity.Warning);
    }

    /// <inheritdoc/>
    public void Dispose() => listening?.Dispose();
}
