using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.WebUtilities;
using MudBlazor;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Controls;
using ShardConsole.ControlPlane.Dashboard.Text;
using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.ControlPlane.Planning;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Dashboard.Layout;

/// <summary>What is this segment, and is it my problem? Opens over any page by <c>?segment=427</c>.</summary>
public sealed partial class SegmentDrawer
{
    private SegmentDetail? detail;
    private ChartModel? chart;
    private HorizonReport? learnt;
    private string? id;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private IPlanDesk Plans { get; set; } = null!;

    [Inject]
    private IHorizonQueries Horizons { get; set; } = null!;

    [Inject]
    private ISettingsDesk Settings { get; set; } = null!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = null!;

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        ReadUrl();
        Navigation.LocationChanged += OnLocation;
        await base.OnInitializedAsync();
    }

    private protected override async Task LoadAsync(CancellationToken cancellation)
    {
        if (id is null)
        {
            detail = null;
            return;
        }

        TakeFleet();
        detail = ushort.TryParse(id, out var number) && number < Queries.Map().SegmentCount ? await Queries.SegmentAsync(new SegmentId(number), cancellation) : null;
        if (detail is { } d)
        {
            learnt = await Horizons.HorizonsAsync(d.Id.Value, cancellation);
            var now = Queries.Summary().Now;
            chart = ChartModels.Fan(d.Series, now, $"segment|{d.Id}|{now.ToUnixTimeSeconds() / 10}", $"Load of segment {d.Id}: now {Show.Score(d.ScoreNow)}, predicted peak {Show.Score(d.ScorePeak)}.", d.Series.Unit, 1);
        }
    }

    private double Threshold(SegmentDetail segment) => Shards.FirstOrDefault(s => s.Id == segment.Shard)?.Threshold ?? double.NaN;

    private static string PinName(SegmentId segment) => $"segment {segment}";

    private IEnumerable<ConstraintRule> Constraining(SegmentId segment) => Settings.Current().Values.Constraints.Where(c => c.Enabled && c.Segments.Contains(segment.Value));

    // A pin has a name that this drawer finds again; those of the settings page have names of their own.
    private async Task PinAsync(bool pin)
    {
        var (name, view) = (PinName(detail!.Id), Settings.Current());
        var others = view.Values.Constraints.Where(c => c.Name != name);
        ConstraintRule[] own = pin ? [new ConstraintRule(name, ConstraintKind.Pin, true, [detail.Id.Value], [])] : [];
        var outcome = await Settings.SaveAsync(view.Values with { Constraints = [.. others, .. own] }, view.Etag, UserName, pin ? "pinned in the segment's drawer" : "unpinned in the segment's drawer", Gone);
        Snackbar.Add(outcome.Done ? pin ? $"Pinned {name}: no plan moves it" : $"Unpinned {name}" : outcome.Detail, outcome.Done ? Severity.Normal : Severity.Warning);
        StateHasChanged();
    }

    private void ReadUrl() => id = QueryHelpers.ParseQuery(new Uri(Navigation.Uri).Query).TryGetValue(Urls.SegmentParameter, out var value) ? value.ToString() : null;

    private void OnLocation(object? sender, LocationChangedEventArgs e)
    {
        var before = id;
        ReadUrl();
        if (id != before)
        {
            _ = InvokeAsync(async () =>
            {
                await ReloadAsync();
                StateHasChanged();
            });
        }
    }

    private void Close() => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter(Urls.SegmentParameter, (string?)null));

    private async Task PlanAsync()
    {
        var outcome = await Plans.MakeAsync(UserName, [detail!.Id], Gone);
        Snackbar.Add(outcome.Done ? "Made a plan" : outcome.Detail, outcome.Done ? Severity.Normal : Severity.Warning);
        if (outcome is { Done: true, Id: { } plan })
        {
            Navigation.NavigateTo(Urls.Plan(Labels.ShortId(plan)));
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Navigation.LocationChanged -= OnLocation;
        base.Dispose(disposing);
    }
}
