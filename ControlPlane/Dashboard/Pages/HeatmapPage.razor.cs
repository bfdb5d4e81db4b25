using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Heatmap;
using ShardConsole.ControlPlane.Dashboard.Layout;
using ShardConsole.ControlPlane.Dashboard.Text;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Dashboard.Pages;

/// <summary>Where will it be hot? The URL is the view; js/heatmap.js fetches and draws it.</summary>
public sealed partial class HeatmapPage : IAsyncDisposable
{
    private static readonly string[] RangeItems = ["6h", "24h", "48h", "7d", "4w"];
    private static readonly string[] AheadItems = ["24 h ahead", "6 h ahead", "1 h ahead", "nothing"];
    private static readonly string[] RowItems = ["Keyspace", "By shard", "By node", "Hottest ahead", "One a shard", "One a node"];
    private static readonly LoadMetric[] Metrics = [LoadMetric.Cpu, LoadMetric.Reads, LoadMetric.Writes, LoadMetric.BytesIn, LoadMetric.BytesOut, LoadMetric.FollowerCpu, LoadMetric.Keys, LoadMetric.DataBytes];
    private static readonly string[] MetricItems = [.. Metrics.Select(m => m.Label())];

    private ElementReference place;
    private IJSObjectReference? module;
    private IJSObjectReference? map;
    private DotNetObjectReference<HeatmapPage>? self;
    private IDisposable? listening;
    private IReadOnlyList<HeatmapPattern> patterns = [];
    private string? planId;
    private IReadOnlyList<NodeEffect> effects = [];
    private string? comparison;
    private string? shown;
    private bool brushing;
    private bool asTable;
    private bool drawing;

    [CascadingParameter]
    private MainLayout? Shell { get; set; }

    [Inject]
    private IJSRuntime Js { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private IForecastReader Forecasts { get; set; } = null!;

    [Inject]
    private IPlanDesk Plans { get; set; } = null!;

    [Inject]
    private HeatmapSource Source { get; set; } = null!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = null!;

    private HeatmapView View { get; set; } = HeatmapView.Default;

    private string? ViewError { get; set; }

    private string ModeWord => View.Mode switch { HeatmapMode.Error => "err", HeatmapMode.AfterPlan => "ap", _ => "af" };

    private string[] ModeItems => planId is null && View.Plan is null ? ["af", "err"] : ["af", "err", "ap"];

    private string AheadText => View.AheadHours == 0 ? "nothing" : $"{View.AheadHours} h ahead";

    private string[] NodeItems => ["All", .. Nodes.Select(n => n.Name)];

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        ReadUrl();
        await base.OnInitializedAsync();
        listening = Shell?.Listen(OnKey);
        Navigation.LocationChanged += OnLocation;
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // A render may come while the module is still on its way: one run draws, and goes on until what is wanted has been drawn.
        if (drawing)
        {
            return;
        }

        drawing = true;
        try
        {
            while (await DrawAsync())
            {
            }
        }
        finally
        {
            drawing = false;
        }
    }

    /// <summary>Brings the map to the present view. False when there was nothing to do.</summary>
    private async Task<bool> DrawAsync()
    {
        if (asTable || Gone.IsCancellationRequested || Queries.Map().SegmentCount == 0)
        {
            return false;
        }

        var options = ModuleView();
        var key = $"{options.Query}|{options.Brightness}|{options.Brushing}|{options.CanPlan}";
        if (map is not null)
        {
            if (shown == key)
            {
                return false;
            }

            shown = key;
            await map.InvokeVoidAsync("show", options);
            return true;
        }

        shown = key;
        self ??= DotNetObjectReference.Create(this);
        module ??= await Js.InvokeAsync<IJSObjectReference?>("import", "./js/heatmap.js");
        var made = module is null ? null : await module.InvokeAsync<IJSObjectReference?>("create", place, self, options);
        if (made is not null && (asTable || Gone.IsCancellationRequested))
        {
            await made.InvokeVoidAsync("dispose");
            await made.DisposeAsync();
            return false;
        }

        map = made;
        return map is not null;
    }

    private protected override async Task LoadAsync(CancellationToken cancellation)
    {
        TakeFleet();
        if (View.Mode == HeatmapMode.AfterPlan && View.Plan is not null)
        {
            effects = (await Plans.FindAsync(View.Plan, cancellation))?.Nodes ?? [];
        }

        patterns = Queries.Map().SegmentCount == 0 ? [] : await Source.PatternsAsync(View.Metric, cancellation);
        planId = (await Plans.ListAsync(cancellation)).Where(p => p.State is PlanState.Proposed or PlanState.Approved or PlanState.Scheduled or PlanState.Running)
            .OrderBy(p => p.UsefulUntil ?? DateTimeOffset.MaxValue).FirstOrDefault()?.Id;
        if (map is not null)
        {
            await map.InvokeVoidAsync("refresh");
        }
    }

    /// <summary>The pointer chose a part of the map.</summary>
    [JSInvokable]
    public void ZoomTo(long t0, long t1, int s0, int s1)
    {
        if (t1 - t0 >= 10_000)
        {
            Go(View with { From = DateTimeOffset.FromUnixTimeMilliseconds(t0), To = DateTimeOffset.FromUnixTimeMilliseconds(t1), FirstSegment = Math.Max(0, s0), LastSegment = s1 });
        }
    }

    /// <summary>One step out: the browser's history is the history of views.</summary>
    [JSInvokable]
    public void ZoomOut()
    {
        if (View.From is not { } from || View.To is not { } to)
        {
            return;
        }

        var now = Queries.Summary().Now;
        var (length, earliest, latest) = (to - from, now - View.Range, now.AddHours(View.AheadHours));
        var wider = (From: from - length, To: to + length);
        Go(wider.From <= earliest && wider.To >= latest ? ResetView() : View with { From = wider.From, To = wider.To });
    }

    /// <summary>The whole view again.</summary>
    [JSInvokable]
    public void ResetZoom() => Go(ResetView());

    /// <summary>Opens a segment's drawer.</summary>
    [JSInvokable]
    public void Open(int segment) => Navigate(SegmentUrl(segment));

    /// <summary>Makes a plan for these segments and goes to it.</summary>
    [JSInvokable]
    public async Task PlanFor(int[] segments)
    {
        var outcome = await Plans.MakeAsync(UserName, [.. segments.Select(s => new SegmentId((ushort)s))], Gone);
        Snackbar.Add(outcome.Done ? "Made a plan" : outcome.Detail, outcome.Done ? Severity.Normal : Severity.Warning);
        if (outcome is { Done: true, Id: { } id })
        {
            Navigate(Urls.Plan(Labels.ShortId(id)));
        }
    }

    /// <summary>Keeps the pins in the URL.</summary>
    [JSInvokable]
    public void Pinned(string pins, string words)
    {
        comparison = pins.Length == 0 ? null : words;
        Go(View with { Pin = pins.Length == 0 ? null : pins }, replace: true);
    }

    /// <summary>Keeps the brightness in the URL.</summary>
    [JSInvokable]
    public void Brightened(int value) => Go(View with { Brightness = Math.Clamp(value, -6, 6) }, replace: true);

    private bool OnKey(string key)
    {
        switch (key)
        {
            case "t":
                _ = InvokeAsync(ToggleTable);
                return true;
            case "b":
                ToggleBrush();
                StateHasChanged();
                return true;
            case "f":
                PickMode(ModeItems[(Array.IndexOf(ModeItems, ModeWord) + 1) % ModeItems.Length]);
                return true;
            default:
                return false;
        }
    }

    private void ToggleBrush() => brushing = !brushing;

    private async Task ToggleTable()
    {
        asTable = !asTable;
        if (map is { } old)
        {
            map = null;
            await old.InvokeVoidAsync("dispose");
            await old.DisposeAsync();
        }

        StateHasChanged();
    }

    private void PickMode(string word) => Go(word switch
    {
        "err" => View with { Mode = HeatmapMode.Error },
        "ap" => View with { Mode = HeatmapMode.AfterPlan, Order = HeatmapOrder.Node, Plan = View.Plan ?? Labels.ShortId(planId ?? "") },
        _ => View with { Mode = HeatmapMode.ActualAndForecast, Plan = null, Order = View.Mode == HeatmapMode.AfterPlan ? HeatmapOrder.Keyspace : View.Order },
    });

    private void Reset() => Go(ResetView());

    private HeatmapView ResetView() => View with { From = null, To = null, FirstSegment = 0, LastSegment = -1, Node = null, Shard = 0 };

    private void Go(HeatmapView view, bool replace = false) => Navigation.NavigateTo(Urls.Heatmap + view.ToQuery(), replace: replace);

    private void Navigate(string url) => Navigation.NavigateTo(url);

    private string SegmentUrl(int segment) => Navigation.GetUriWithQueryParameter(Urls.SegmentParameter, segment);

    private void OnLocation(object? sender, Microsoft.AspNetCore.Components.Routing.LocationChangedEventArgs e)
    {
        if (!new Uri(e.Location).AbsolutePath.EndsWith(Urls.Heatmap, StringComparison.Ordinal))
        {
            return;
        }

        ReadUrl();
        _ = InvokeAsync(async () =>
        {
            await ReloadAsync();
            StateHasChanged();
        });
    }

    private void ReadUrl()
    {
        var query = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(new Uri(Navigation.Uri).Query);
        var (view, _, error) = HeatmapView.Parse(name => query.TryGetValue(name, out var value) ? value.ToString() : null);
        View = view ?? HeatmapView.Default;
        ViewError = error;
    }

    private ModuleOptions ModuleView()
    {
        var zoom = View.From is { } from && View.To is { } to
            ? new ModuleZoom(from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds(), View.FirstSegment, View.LastSegment)
            : null;
        return new ModuleOptions((View with { Brightness = 0, Pin = null }).ToQuery(), View.Brightness, zoom, brushing, CanOperate);
    }

    private static string RangeText(string word) => word[..^1] + "\u00A0" + word[^1];

    private static TimeSpan RangeOf(string word) => HeatmapView.Parse(n => n == "range" ? word : null).View!.Range;

    private static int AheadOf(string text) => text == "nothing" ? 0 : int.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture);

    private static LoadMetric MetricOf(string label) => Metrics.First(m => m.Label() == label);

    // Rows and their order are one choice: a shard's or node's row has no order of its own.
    private string RowText => RowItems[View.Rows switch { HeatmapRows.Shards => 4, HeatmapRows.Nodes => 5, _ => (int)View.Order }];

    private HeatmapView RowsOf(string text) => Array.IndexOf(RowItems, text) switch
    {
        4 => View with { Rows = HeatmapRows.Shards },
        5 => View with { Rows = HeatmapRows.Nodes },
        var order => View with { Rows = HeatmapRows.Segments, Order = (HeatmapOrder)order },
    };

    private string ModeText(string word) => word switch { "err" => "Error", "ap" => $"After plan {Labels.ShortId(View.Plan ?? planId ?? "")}", _ => "Actual + forecast" };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Navigation.LocationChanged -= OnLocation;
        listening?.Dispose();
        Dispose();
        try
        {
            if (map is not null)
            {
                await map.InvokeVoidAsync("dispose");
                await map.DisposeAsync();
            }

            if (module is not null)
            {
                await module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone and took the canvases with it.
        }

        self?.Dispose();
    }

    private sealed record ModuleZoom(long T0, long T1, int S0, int S1);

    private sealed record ModuleOptions(string Query, int Brightness, ModuleZoom? Zoom, bool Brushing, bool CanPlan);
}
