using System.Text.Json;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Calls;
using ShardConsole.ControlPlane.Dashboard.Dialogs;
using ShardConsole.ControlPlane.Dashboard.Integrity;
using ShardConsole.ControlPlane.Dashboard.Text;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Dashboard.Pages;

/// <summary>Is every copy the same?</summary>
public sealed partial class IntegrityPage
{
    private const int Most = 50;
    private static readonly string[] Filters = ["all", "differs", "unknown"];

    private IntegrityView view = new([], [], [], 0, 0, 0);
    private IReadOnlyList<ComparisonRow> recent = [];
    private ShardMap map = ShardMap.Empty;
    private Dictionary<ShardId, CopyState> states = [];
    private HashSet<int> wrong = [];
    private string spoken = "";

    /// <summary>Which shards: all, differs or unknown.</summary>
    [SupplyParameterFromQuery(Name = "state")]
    public string? State { get; set; }

    /// <summary>The shard whose row is open.</summary>
    [SupplyParameterFromQuery(Name = "shard")]
    public string? ShardName { get; set; }

    [Inject]
    private IIntegrityQueries IntegrityQueries { get; set; } = null!;

    [Inject]
    private IIntegrityDesk Desk { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private IDialogService Dialogs { get; set; } = null!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = null!;

    private protected override TimeSpan Throttle => TimeSpan.FromMilliseconds(250);

    private string Filter => Filters.Contains(State) ? State! : Filters[0];

    private List<ShardIntegrityRow> Shown => [.. view.Shards.Where(s => Is(s, Filter))];

    private protected override Task LoadAsync(CancellationToken cancellation)
    {
        TakeFleet();
        (view, recent, map) = (IntegrityQueries.Integrity(), IntegrityQueries.Comparisons(), Queries.Map());
        states = view.Shards.ToDictionary(s => s.Shard, s => IntegrityWords.Of(s, Time.GetUtcNow()));
        wrong = [.. view.Shards.SelectMany(s => s.Last?.Listed ?? []).Where(d => d.Result != "repaired").Select(d => (int)d.Segment.Value)];
        spoken = view.Shards.Count(s => s.Step.Length > 0) is > 0 and var running ? $"{running} shards are being compared." : "";
        return Task.CompletedTask;
    }

    private int Count(CopyState state) => map.Owners.Where((o, i) => (wrong.Contains(i) ? CopyState.Wrong : states.GetValueOrDefault(o, CopyState.Unknown)) == state).Count();

    private bool Is(ShardIntegrityRow shard, string filter) => filter switch
    {
        "differs" => states[shard.Shard] is CopyState.Wrong or CopyState.Repaired,
        "unknown" => states[shard.Shard] is CopyState.Unknown,
        _ => true,
    };

    private string FilterText(string filter) =>
        $"{filter switch { "differs" => "Differed", "unknown" => "Not compared", _ => "All" }} {view.Shards.Count(s => Is(s, filter))}";

    private int IndexOfName(string name) => Nodes.ToList().FindIndex(n => n.Name == name);

    private string In(DateTimeOffset next) => next - Time.GetUtcNow() is var left && left <= TimeSpan.Zero ? "due" : $"in {Show.Duration(left)}";

    private void Go(string? state, string? shard) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(
        new Dictionary<string, object?> { ["state"] = state, ["shard"] = shard }));

    private async Task CompareAsync(ShardId? shard)
    {
        var what = shard is null ? $"all {view.Shards.Count} shards" : shard.Value.ToString();
        var title = $"Compare {what} now";
        var parameters = new DialogParameters<ReasonDialog>
        {
            { x => x.Verb, title },
            { x => x.IsDestructive, false },
            { x => x.Happens, (string[])[$"The leader of {(shard is null ? "each shard" : what)} writes one entry to its log; each replica answers with the digest that it has there.", "Where digests agree no data are read: less than 1 kB a shard is exchanged.", "A copy that differs from the majority is repaired, and all is compared again."] },
            { x => x.Clients, "Nothing while copies are equal. Writes to a segment that is repaired wait for some milliseconds." },
            { x => x.Undo, "There is nothing to undo." },
            { x => x.Call, new ApiCall("POST", "/api/v1/integrity/comparisons", JsonSerializer.Serialize(new { shard = shard?.ToString(), reason = "…" })) },
            { x => x.Do, async reason => await Desk.CompareAsync(shard, UserName, reason, Gone) is { Done: false } refused ? refused.Detail : null },
        };
        var dialog = await Dialogs.ShowAsync<ReasonDialog>(title, parameters, DialogLook.Form);
        if (await dialog.Result is { Canceled: false })
        {
            Snackbar.Add($"Compares {what}");
        }

        await ReloadAsync();
    }

    private async Task DropAsync(OrphanRow orphan)
    {
        var title = $"Drop the copy of segment {orphan.Segment}";
        var parameters = new DialogParameters<ReasonDialog>
        {
            { x => x.Verb, title },
            { x => x.Happens, (string[])[$"{orphan.Holder} asks the meta group once more whose segment {orphan.Segment} is, and whether a migration explains the copy.", $"If it is {orphan.Owner}'s and none does, {orphan.Holder} deletes {Show.Of(orphan.Keys, "key")}, {Show.Bytes(orphan.Bytes)}, by an entry of its log."] },
            { x => x.Clients, $"Nothing: {orphan.Owner} serves the segment." },
            { x => x.Undo, "It cannot be undone." },
            { x => x.Call, new ApiCall("POST", $"/api/v1/integrity/orphans/{orphan.Segment}/drop", JsonSerializer.Serialize(new { reason = "…" })) },
            { x => x.Do, async reason => await Desk.DropOrphanAsync(orphan.Segment, UserName, reason, Gone) is { Done: false } refused ? refused.Detail : null },
        };
        var dialog = await Dialogs.ShowAsync<ReasonDialog>(title, parameters, DialogLook.Form);
        if (await dialog.Result is { Canceled: false })
        {
            Snackbar.Add($"Drops the copy of segment {orphan.Segment}");
        }

        await ReloadAsync();
    }
}
