using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;
using MudBlazor;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Dialogs;
using ShardConsole.ControlPlane.Dashboard.Live;
using ShardConsole.ControlPlane.Dashboard.Text;
using ShardConsole.ControlPlane.Dashboard.Theme;

namespace ShardConsole.ControlPlane.Dashboard.Layout;

/// <summary>Bar, menu and page. Shows nothing before it knows the browser's theme and time zone, so that neither jumps.</summary>
public sealed partial class MainLayout
{
    private readonly MudTheme theme = ConsoleTheme.Build();
    private readonly List<Func<string, bool>> listeners = [];
    private MudThemeProvider provider = null!;
    private ErrorBoundary? boundary;
    private IJSObjectReference? keys;
    private DotNetObjectReference<MainLayout>? self;
    private bool ready;
    private bool dark = true;
    private bool menuOpen = true;

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private DisplayZone Zone { get; set; } = null!;

    [Inject]
    private LiveState Live { get; set; } = null!;

    [Inject]
    private IClusterQueries Queries { get; set; } = null!;

    [Inject]
    private IDialogService Dialogs { get; set; } = null!;

    /// <summary>"system", "dark" or "light".</summary>
    public string ThemeMode { get; private set; } = "system";

    private string SkipLink => new Uri(Navigation.Uri).PathAndQuery + "#content";

    /// <summary>Lets a component answer single keys ("A", "c", "/"); it says whether it took the key. Dispose what this returns.</summary>
    public IDisposable Listen(Func<string, bool> listener)
    {
        listeners.Add(listener);
        return new Listening(() => listeners.Remove(listener));
    }

    /// <summary>Opens or closes the menu.</summary>
    public void ToggleMenu()
    {
        menuOpen = !menuOpen;
        StateHasChanged();
    }

    /// <summary>Chooses the theme and remembers it in the browser.</summary>
    public async Task SetThemeAsync(string mode)
    {
        ThemeMode = mode;
        dark = await Js.InvokeAsync<bool>("shardConsole.setTheme", mode);
        StateHasChanged();
    }

    /// <summary>Called by js/keys.js for a key outside of inputs, or for a sequence such as "g h".</summary>
    [JSInvokable]
    public async Task OnKey(string key)
    {
        for (var i = listeners.Count - 1; i >= 0; i--)
        {
            if (listeners[i](key))
            {
                return;
            }
        }

        if (key.StartsWith("g ", StringComparison.Ordinal))
        {
            if (SiteMap.OfKey(key[2..]) is { } page)
            {
                Navigation.NavigateTo(page.Url);
            }
        }
        else if (key == "l")
        {
            Live.Toggle(Queries.Summary().Now);
            StateHasChanged();
        }
        else if (key == "?")
        {
            await Dialogs.ShowAsync<KeysDialog>("Keys", new DialogOptions { CloseOnEscapeKey = true, CloseButton = true });
        }
    }

    /// <summary>Called by js/theme.js when the system changes between dark and light.</summary>
    [JSInvokable]
    public void OnSystemTheme(bool isDark)
    {
        dark = isDark;
        StateHasChanged();
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        self = DotNetObjectReference.Create(this);
        var browser = await Js.InvokeAsync<BrowserFacts?>("shardConsole.start", self);
        ThemeMode = browser?.Theme ?? "system";
        dark = browser?.Dark ?? true;
        Zone.TrySet(browser?.Zone);
        menuOpen = browser?.Wide ?? true;
        keys = await Js.InvokeAsync<IJSObjectReference?>("import", "./js/keys.js");
        if (keys is not null)
        {
            await keys.InvokeVoidAsync("start", self);
        }

        Navigation.LocationChanged += OnLocationChanged;
        ready = true;
        StateHasChanged();
    }

    private void OnLocationChanged(object? sender, LocationChangedEventArgs e) => boundary?.Recover();

    private void Recover() => boundary?.Recover();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Navigation.LocationChanged -= OnLocationChanged;
        try
        {
            if (keys is not null)
            {
                await keys.InvokeVoidAsync("stop");
                await keys.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone and took the module with it.
        }

        self?.Dispose();
    }

    private sealed record BrowserFacts(string Theme, bool Dark, string Zone, bool Wide);

    private sealed class Listening(Action stop) : IDisposable
    {
        public void Dispose() => stop();
    }
}
