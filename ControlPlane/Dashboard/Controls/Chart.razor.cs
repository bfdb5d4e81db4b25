using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace ShardConsole.ControlPlane.Dashboard.Controls;

/// <summary>One chart. Draws when <see cref="ChartModel.Key"/> changes, not with every render.</summary>
public sealed partial class Chart : IAsyncDisposable
{
    private ElementReference place;
    private IJSObjectReference? module;
    private IJSObjectReference? chart;
    private string? drawn;
    private bool drawing;
    private bool gone;

    /// <summary>What is drawn.</summary>
    [Parameter]
    [EditorRequired]
    public ChartModel? Model { get; set; }

    /// <summary>CSS classes: the height.</summary>
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
                module ??= await Js.InvokeAsync<IJSObjectReference?>("import", "./js/chart.js");
                chart ??= module is null ? null : await module.InvokeAsync<IJSObjectReference?>("create", place);
                if (chart is not null)
                {
                    await chart.InvokeVoidAsync("show", model);
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
            if (chart is not null)
            {
                await chart.InvokeVoidAsync("dispose");
                await chart.DisposeAsync();
            }

            if (module is not null)
            {
                await module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone and took the chart with it.
        }
    }
}
