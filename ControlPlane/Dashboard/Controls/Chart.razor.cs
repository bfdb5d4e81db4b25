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
        if (Model is null || Model.Key == drawn)
        {
            return;
        }

        drawn = Model.Key;
        module ??= await Js.InvokeAsync<IJSObjectReference?>("import", "./js/chart.js");
        if (module is null)
        {
            return;
        }

        chart ??= await module.InvokeAsync<IJSObjectReference?>("create", place);
        if (chart is not null)
        {
            await chart.InvokeVoidAsync("show", Model);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
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
