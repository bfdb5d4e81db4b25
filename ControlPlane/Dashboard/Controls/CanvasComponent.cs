using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace ShardConsole.ControlPlane.Dashboard.Controls;

/// <summary>
/// A place in the page that a module of wwwroot-assets/js draws in. Imports the module once, creates one instance, and hands it a model
/// whenever <see cref="KeyOf"/> has changed, not with every render.
/// </summary>
/// <typeparam name="TModel">What the module draws; JSON.</typeparam>
public abstract class CanvasComponent<TModel> : ComponentBase, IAsyncDisposable
    where TModel : class
{
    private IJSObjectReference? module;
    private IJSObjectReference? instance;
    private string? drawn;
    private bool drawing;
    private bool gone;

    /// <summary>What is drawn; null draws nothing yet.</summary>
    [Parameter]
    [EditorRequired]
    public TModel? Model { get; set; }

    /// <summary>CSS classes of the place: its height.</summary>
    [Parameter]
    public string Class { get; set; } = "";

    /// <summary>The element that the module draws in.</summary>
    protected ElementReference Place { get; set; }

    /// <summary>Path of the module; it exports create(element), whose result has show(model) and dispose().</summary>
    protected abstract string ModulePath { get; }

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    /// <summary>What the drawing depends on; equal keys draw once.</summary>
    protected abstract string KeyOf(TModel model);

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
            while (!gone && Model is { } model && KeyOf(model) != drawn)
            {
                drawn = KeyOf(model);
                module ??= await Js.InvokeAsync<IJSObjectReference?>("import", ModulePath);
                instance ??= module is null ? null : await module.InvokeAsync<IJSObjectReference?>("create", Place);
                if (instance is not null)
                {
                    await instance.InvokeVoidAsync("show", model);
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
        GC.SuppressFinalize(this);
        try
        {
            if (instance is not null)
            {
                await instance.InvokeVoidAsync("dispose");
                await instance.DisposeAsync();
            }

            if (module is not null)
            {
                await module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone and took the drawing with it.
        }
    }
}
