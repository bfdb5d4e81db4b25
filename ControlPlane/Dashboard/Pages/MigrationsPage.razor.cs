using System.Text.Json;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Calls;
using ShardConsole.ControlPlane.Dashboard.Controls;
using ShardConsole.ControlPlane.Dashboard.Dialogs;
using ShardConsole.ControlPlane.Dashboard.Text;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Dashboard.Pages;

/// <summary>Is it going well, and when is it over?</summary>
public sealed partial class MigrationsPage
{
    private const int KeptRates = 240;
    private const int ShownPauses = 16;
    private const int FinishedLimit = 200;
    private static readonly string[] States = ["running", "finished", "failed"];

    // Waiting moves have no migration yet: they are counted by the summary.
    private static readonly (MigrationPhase? Phase, string Label)[] Board =
    [
        (null, "Waiting"), (MigrationPhase.Preparing, "Preparing"), (MigrationPhase.Shadowing, "Shadowing"), (MigrationPhase.Verifying, "Verifying"),
        (MigrationPhase.CuttingOver, "Cutting over"), (MigrationPhase.Retaining, "Retaining"), (MigrationPhase.Cleaning, "Cleaning"), (MigrationPhase.Done, "Done"),
    ];

    private readonly List<(DateTimeOffset At, double Rate)> rates = [];
    private IReadOnlyList<MigrationRow> rows = [];
    private ChartModel? rate;
    private ChartModel? pauses;
    private string spoken = "";

    /// <summary>"running", "finished" or "failed".</summary>
    [SupplyParameterFromQuery(Name = "state")]
    public string? State { get; set; }

    /// <summary>Only this phase, by its label.</summary>
    [SupplyParameterFromQuery(Name = "phase")]
    public string? Phase { get; set; }

    /// <summary>Only moves of this plan, by its short name.</summary>
    [SupplyParameterFromQuery(Name = "plan")]
    public string? PlanId { get; set; }

    /// <summary>The migration whose row is open.</summary>
    [SupplyParameterFromQuery(Name = "move")]
    public long? Move { get; set; }

    [Inject]
    private IRolloutDesk Rollout { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private IDialogService Dialogs { get; set; } = null!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = null!;

    private protected override TimeSpan Throttle => TimeSpan.FromMilliseconds(250);

    private ulong Opened => (ulong)(Move ?? 0);

    private List<MigrationRow> Shown => [.. rows
        .Where(r => StateOf(r) == (State ?? "running") && (PlanId is null || r.PlanId.StartsWith(PlanId, StringComparison.Ordinal)) && (Phase is null || r.Status.Phase.Label() == Phase))
        .OrderBy(r => StateOf(r) == "running" ? r.Status.Id : ulong.MaxValue - r.Status.Id).Take(FinishedLimit)];

    private string Answer
    {
        get
        {
            var s = Queries.Summary();
            var running = rows.Where(r => StateOf(r) == "running").ToArray();
            if (running.Length == 0)
            {
                var failed = rows.Count(r => StateOf(r) == "failed");
                return $"Nothing moves{(s.MovesWaiting > 0 ? $", {Show.Of(s.MovesWaiting, "move")} wait" : "")}. {Show.Count(rows.Count(r => r.Status.Phase == MigrationPhase.Done))} done{(failed > 0 ? $", {failed} cancelled or rolled back" : "")}.";
            }

            var last = running.Where(r => double.IsFinite(r.EtaSeconds)).DefaultIfEmpty().MaxBy(r => r?.EtaSeconds ?? 0);
            return $"{Show.Of(running.Length, "move")} under way, {s.MovesWaiting} wait{(last is null ? "" : $", ready at {Zone.Eta(s.Now, last.EtaSeconds, last.EtaSpreadSeconds)}")}. Copying {Show.ByteRate(s.CopyBytesPerSecond)} of at most {Show.ByteRate(s.Limits.ClusterBytesPerSecond)}.";
        }
    }

    private protected override Task LoadAsync(CancellationToken cancellation)
    {
        TakeFleet();
        rows = Queries.Migrations();
        var s = Queries.Summary();
        if (rates.Count == 0 || rates[^1].At < s.Now)
        {
            rates.Add((s.Now, s.CopyBytesPerSecond));
            if (rates.Count > KeptRates)
            {
                rates.RemoveAt(0);
            }
        }

        rate = new ChartModel($"rate|{s.Now.ToUnixTimeMilliseconds()}", $"Copy rate since this page was opened: now {Show.ByteRate(s.CopyBytesPerSecond)}.", "bytes")
        {
            Series = [new ChartSeries("copy rate", "accent", "area", [.. rates.Select(r => r.At.ToUnixTimeMilliseconds())], [.. rates.Select(r => (double?)r.Rate)])],
            Limits = [new ChartLimit(s.Limits.ClusterBytesPerSecond, "", "text2")],
        };
        var cut = rows.Where(r => r.Status.CutOverMicros > 0).OrderByDescending(r => r.Status.Id).Take(ShownPauses).Reverse().ToArray();
        pauses = cut.Length == 0 ? null : new ChartModel($"pauses|{cut[^1].Status.Id}|{cut.Length}", $"Pauses of the last cut-overs, longest {Show.Duration(TimeSpan.FromMicroseconds(cut.Max(r => r.Status.CutOverMicros)))}.", "ms")
        {
            Categories = [.. cut.Select(r => r.Status.Segment.ToString())],
            Series = [new ChartSeries("pause", "ok", "bar", [], [.. cut.Select(r => (double?)(r.Status.CutOverMicros / 1000.0))])],
        };
        spoken = $"{rows.Count(r => StateOf(r) == "running")} moves under way.";
        return Task.CompletedTask;
    }

    private int CountOf(MigrationPhase? phase) => phase is null ? Queries.Summary().MovesWaiting : rows.Count(r => r.Status.Phase == phase);

    private string StateText(string state) => $"{Show.Sentence(state)} {rows.Count(r => StateOf(r) == state)}";

    private void Go(string? state, string? phase) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(
        new Dictionary<string, object?> { ["state"] = state == "running" ? null : state, ["phase"] = phase }));

    private void FilterPhase(string label)
    {
        if (label != "Waiting")
        {
            Go(label == "Done" ? "finished" : "running", Phase == label ? null : label);
        }
    }

    private void Toggle(ulong id) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("move", Opened == id ? (long?)null : (long)id));

    private async Task CancelAsync(MigrationRow row)
    {
        var m = row.Status;
        var parameters = new DialogParameters<ReasonDialog>
        {
            { x => x.Verb, $"Cancel the move of {m.Segment}" },
            { x => x.Happens, (string[])[$"Copying segment {m.Segment} from {m.From} to {m.To} stops.", $"{m.To} drops the {Show.Bytes(m.CopiedBytes)} that it has received.", $"{m.From} goes on serving; the other moves of the plan go on."] },
            { x => x.Clients, m.Phase == MigrationPhase.CuttingOver ? "Commands that are held now are answered by the source." : "Nothing." },
            { x => x.Undo, "Move the segment with a new plan." },
            { x => x.Call, new ApiCall("POST", $"/api/v1/migrations/{m.Id}/cancel", JsonSerializer.Serialize(new { reason = "…" })) },
            { x => x.Do, async reason => await Rollout.CancelAsync(m.Id, UserName, reason, Gone) is { Done: false } outcome ? outcome.Detail : null },
        };
        var dialog = await Dialogs.ShowAsync<ReasonDialog>($"Cancel the move of segment {m.Segment}", parameters, new DialogOptions { CloseOnEscapeKey = true, CloseButton = true, MaxWidth = MaxWidth.Small, FullWidth = true });
        if (await dialog.Result is { Canceled: false })
        {
            Snackbar.Add($"Cancelled the move of segment {m.Segment}");
        }

        await ReloadAsync();
    }

    private async Task EditLimitsAsync()
    {
        var parameters = new DialogParameters<LimitsDialog>
        {
            { x => x.Limits, Queries.Summary().Limits },
            { x => x.Do, async limits => await Rollout.SetLimitsAsync(limits, UserName, Gone) is { Done: false } outcome ? outcome.Detail : null },
        };
        var dialog = await Dialogs.ShowAsync<LimitsDialog>("Limits of all moves", parameters, new DialogOptions { CloseOnEscapeKey = true, CloseButton = true, MaxWidth = MaxWidth.Small, FullWidth = true });
        if (await dialog.Result is { Canceled: false })
        {
            Snackbar.Add("Changed the limits");
        }

        await ReloadAsync();
    }

    private static string StateOf(MigrationRow row) => row.Status.Phase switch
    {
        MigrationPhase.Done => "finished",
        MigrationPhase.Aborted or MigrationPhase.RolledBack => "failed",
        _ => "running",
    };

    private static double Progress(MigrationStatus m) => m.Phase switch
    {
        MigrationPhase.Shadowing => m.TotalBytes > 0 ? Math.Clamp((double)m.CopiedBytes / m.TotalBytes, 0, 1) : 0,
        MigrationPhase.Done => 1,
        _ => 0.5,
    };

    private static string PhaseTone(MigrationPhase phase) => phase switch
    {
        MigrationPhase.Retaining or MigrationPhase.Cleaning or MigrationPhase.Done => "ok",
        MigrationPhase.Aborting or MigrationPhase.Aborted or MigrationPhase.RollingBack or MigrationPhase.RolledBack => "warn",
        _ => "",
    };
}
