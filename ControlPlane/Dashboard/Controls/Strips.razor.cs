using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace ShardConsole.ControlPlane.Dashboard.Controls;

/// <summary>Rows of the strips: label, colour of the node, and what is written at the right. Values are parts of the threshold, null without data.</summary>
public sealed record StripRow(string Name, string Node, int NodeIndex, string Peak, string At, bool Over, string Link, IReadOnlyList<double?> Values);

/// <summary>Shards over time, as heat; a row's click leads to its heatmap.</summary>
public sealed record StripModel(string Key, string Words, IReadOnlyList<long> Times, int FirstForecast, long Now, IReadOnlyList<StripRow> Rows);

/// <summary>The shard strips of the Overview: one canvas, drawn by js/strips.js when the key changes.</summary>
public sealed partial class Strips : IAsyncDisposable
{
    private ElementReference place;
    private IJSObjectReference? module;
    private IJSObjectReference? strips;
    private string? drawn;
    private bool drawing;
    private bool gone;

    /// <summary>What is drawn.</summary>
    [Parameter]
    [EditorRequired]
    public StripModel? Model { get; set; }

    /// <summary>CSS classes.</summary>
    [Parameter]
    public string Class { get; set; } = "";

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // A render may come while the module is still on its way: one run draws, and goes on until the newest model has been drawn.
        if (drawing)
        {
            return;
        }

        drawing = true;
        try
        {
            while (!gone && Model is { } model && model.Key != drawn)
            {
                drawn = model.Key;
                module ??= await Js.InvokeAsync<IJSObjectReference?>("import", "./js/strips.js");
                strips ??= module is null ? null : await module.InvokeAsync<IJSObjectReference?>("create", place);
                if (strips is not null)
                {
                    await strips.InvokeVoidAsync("show", model);
                }
            }
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone and took the place with it.
        }
        finally
        {
            drawing = false;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        gone = true;
        try
        {
            if (strips is not null)
            {
                await strips.InvokeVoidAsync("dispose");
                await strips.DisposeAsync();
            }

            if (module is not null)
            {
                await module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone and took the canvas with it.
        }
    }
}
