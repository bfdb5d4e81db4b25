using Microsoft.AspNetCore.Components;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Controls;
using ShardConsole.ControlPlane.Dashboard.Text;

namespace ShardConsole.ControlPlane.Dashboard.Pages;

/// <summary>What would have happened with another choice?</summary>
public sealed partial class WhatIfPage
{
    private static readonly string[] Spans = ["1", "7", "28"];

    private WhatIfForm form = new(1, 0.7, 1, 1_000_000, null);
    private IReadOnlyList<WhatIfRun> runs = [];
    private WhatIfRun? run;
    private ChartModel? chart;
    private string? problem;
    private bool comparing;
    private bool filled;

    /// <summary>A plan whose moves are replayed too; null: none.</summary>
    [Parameter]
    public string? Id { get; set; }

    /// <summary>The run that is shown.</summary>
    [SupplyParameterFromQuery(Name = "run")]
    public string? Run { get; set; }

    [Inject]
    private IWhatIfDesk Desk { get; set; } = null!;

    [Inject]
    private ISettingsDesk Settings { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    private bool Going => run?.State is WhatIfState.Waiting or WhatIfState.Running;

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        Desk.Changed += OnDesk;
        await base.OnInitializedAsync();
    }

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (Loaded)
        {
            Take();
        }
    }

    private protected override Task LoadAsync(CancellationToken cancellation)
    {
        TakeFleet();
        if (!filled)
        {
            Reset();
            filled = true;
        }

        Take();
        return Task.CompletedTask;
    }

    private void Take()
    {
        runs = Desk.List();
        var found = Run is null ? null : Desk.Find(Run);
        if (found is { State: WhatIfState.Done } && (chart is null || found.Id != run?.Id || run.State != WhatIfState.Done))
        {
            chart = ChartOf(found);
        }

        if (found is not null && found.Id != run?.Id)
        {
            form.Take(found.Change);
        }

        run = found;
    }

    private void Reset()
    {
        var (values, limits) = (Settings.Current().Values, Queries.Summary().Limits);
        form = new WhatIfForm(values.ThresholdMillicores, values.ComfortZone, limits.MaxConcurrentMoves, limits.ClusterBytesPerSecond, Id, values.Quantile, values.HorizonHours);
        problem = null;
    }

    private void StartAsync()
    {
        (var change, problem) = form.Read();
        if (change is null)
        {
            return;
        }

        var outcome = Desk.Start(change, UserName);
        problem = outcome.Done ? null : outcome.Detail;
        if (outcome is { Done: true, Id: { } id })
        {
            Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("run", id));
        }
    }

    private void CancelAsync()
    {
        var outcome = Desk.Cancel(run!.Id);
        problem = outcome.Done ? null : outcome.Detail;
    }

    private void OnDesk() => _ = InvokeAsync(() =>
    {
        Take();
        StateHasChanged();
    });

    private static WhatIfColumn? ColumnOf(WhatIfRun of, string policy) => of.Columns.FirstOrDefault(c => c.Policy == policy);

    private static ChartModel ChartOf(WhatIfRun of) => new($"what-if|{of.Id}", $"CPU of the busiest node over {Show.Of(of.Change.Days, "day")} under each policy.", "percent")
    {
        Series = [.. of.Columns.Select(c => new ChartSeries(Name(c.Policy), Tone(c.Policy), "line", ChartModels.Millis(c.Starts), [.. c.Busiest.Select(ChartModels.Known)], c.Policy == "plan" ? 2 : 1.3))],
        Limits = [new ChartLimit(of.ComfortZone, Show.Percent(of.ComfortZone), "text2")],
    };

    // Colours say how far a node is from its comfort zone, the same in every column.
    private StripModel StripsOf(WhatIfRun of, WhatIfColumn column) => new(
        $"{of.Id}|{column.Policy}", $"{Name(column.Policy)}: CPU of each node over time, part of the comfort zone.", ChartModels.Millis(column.Starts), column.Starts.Count, 0,
        [.. column.Nodes.Select((n, i) => new StripRow(n, "", 0, Show.Percent(column.Utilisation[i].Where(float.IsFinite).DefaultIfEmpty(float.NaN).Max()), "", false, "", [.. column.Utilisation[i].Select(u => ChartModels.Known(u / of.ComfortZone))]))],
        Plain: true);

    private static string Long(WhatIfColumn column) => Show.Duration(TimeSpan.FromMinutes(column.OutsideComfortMinutes));

    private static string Name(string policy) => policy switch
    {
        "noMove" => "No move", "reactive" => "Reactive", "plan" => "Plan by forecast", "thisPlan" => "This plan, made at once", _ => "Perfect foresight",
    };

    private static string Tone(string policy) => policy switch
    {
        "noMove" => "err", "reactive" => "warn", "plan" => "after", "thisPlan" => "accent", _ => "ok",
    };

    private static string Lower(string text) => char.ToLowerInvariant(text[0]) + text[1..];

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Desk.Changed -= OnDesk;
        base.Dispose(disposing);
    }
}
