using Microsoft.AspNetCore.Components;
using MudBlazor;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Controls;
using ShardConsole.ControlPlane.Dashboard.Dialogs;
using ShardConsole.ControlPlane.Dashboard.Text;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Dashboard.Pages;

/// <summary>Is it going well, and when is it over?</summary>
public sealed partial class MigrationsPage
{
    private static readonly DialogOptions Look = new() { CloseOnEscapeKey = true, CloseButton = true, MaxWidth = MaxWidth.Small, FullWidth = true };
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

    private List<MigrationRow> PausableRows => [.. Shown.Where(r => r.Status.Phase.CanPause() && !r.Status.Paused)];

    private List<MigrationRow> PausedRows => [.. Shown.Where(r => r.Status.Paused)];

    private List<MigrationRow> CancelableRows => [.. Shown.Where(r => r.Status.Phase.CanCancel())];

    private async Task ActAsync(MoveAction action, MigrationRow row)
    {
        var m = row.Status;
        var parameters = new DialogParameters<ReasonDialog>
        {
            { x => x.Verb, $"{action.Verb} the move of {m.Segment}" },
            { x => x.IsDestructive, action.IsDestructive },
            { x => x.Happens, action.Happens(m) },
            { x => x.Clients, action.Clients(m) },
            { x => x.Undo, action.Undo() },
            { x => x.Call, action.Call(m) },
            { x => x.Do, async reason => await Rollout.ChangeAsync(m.Id, action.Change, UserName, reason, Gone) is { Done: false } outcome ? outcome.Detail : null },
        };
        var dialog = await Dialogs.ShowAsync<ReasonDialog>(action.Title(m), parameters, Look);
        if (await dialog.Result is { Canceled: false })
        {
            Snackbar.Add($"{action.Done} the move of segment {m.Segment}");
        }

        await ReloadAsync();
    }

    // Those that are shown, one call each; the first refusal ends it and says how far it came.
    private async Task AllAsync(MoveChange change)
    {
        var rows = change switch { MoveChange.Pause => PausableRows, MoveChange.Resume => PausedRows, _ => CancelableRows };
        var (verb, done) = change switch { MoveChange.Pause => ("Pause", "Paused"), MoveChange.Resume => ("Resume", "Resumed"), _ => ("Cancel", "Cancelled") };
        var title = $"{verb} {Show.Of(rows.Count, "move")}";
        var first = rows[0].Status;
        var parameters = new DialogParameters<ReasonDialog>
        {
            { x => x.Verb, title },
            { x => x.IsDestructive, change == MoveChange.Cancel },
            { x => x.Happens, (string[])[$"Segments {string.Join(", ", rows.Take(12).Select(r => r.Status.Segment))}{(rows.Count > 12 ? " and others" : "")}: one call for each.", change switch
                {
                    MoveChange.Pause => "Copying stops where it is; writes still go to both sides.",
                    MoveChange.Resume => "Copying goes on from where it stopped.",
                    _ => "The targets drop what they have received; the sources go on serving. What has moved already stays where it is.",
                }] },
            { x => x.Clients, "Nothing." },
            { x => x.Undo, change == MoveChange.Pause ? "Resume all." : change == MoveChange.Resume ? "Pause all." : "Move the segments with a new plan." },
            { x => x.Call, MoveAction.Of(first).First(a => a.Change == change).Call(first) },
            { x => x.Do, async reason =>
                {
                    for (var i = 0; i < rows.Count; i++)
                    {
                        if (await Rollout.ChangeAsync(rows[i].Status.Id, change, UserName, reason, Gone) is { Done: false } refused)
                        {
                            return $"{i} of {rows.Count}: segment {rows[i].Status.Segment}: {refused.Detail}";
                        }
                    }

                    return null;
                } },
        };
        var dialog = await Dialogs.ShowAsync<ReasonDialog>(title, parameters, Look);
        if (await dialog.Result is { Canceled: false })
        {
            Snackbar.Add($"{done} {Show.Of(rows.Count, "move")}");
        }

        await ReloadAsync();
    }

    private string Left(MigrationRow row) => row.Status switch
    {
        { Phase: MigrationPhase.Retaining, Log: { Length: > 0 } log } => $"{Show.Seconds(Math.Max(0, Queries.Summary().Limits.RetainSeconds - ((Time.GetUtcNow().ToUnixTimeMilliseconds() - log[^1].UnixMs) / 1000.0)))} to keep",
        { Phase: MigrationPhase.CuttingOver } => "now",
        { Phase: var phase } when phase.IsEnded() => "",
        _ => Show.Seconds(row.EtaSeconds),
    };

    // The even share of what the limits leave: moves that copy at once share the cluster's rate, and each node's.
    private double Allowed(MigrationRow row)
    {
        var limits = Queries.Summary().Limits;
        var copying = rows.Where(r => r.Status.Phase == MigrationPhase.Shadowing && !r.Status.Paused).ToArray();
        int On(Shared.Cluster.NodeId node) => Math.Max(1, copying.Count(r => r.FromNode == node || r.ToNode == node));
        return Math.Min((double)limits.ClusterBytesPerSecond / Math.Max(1, copying.Length), (double)limits.NodeBytesPerSecond / Math.Max(On(row.FromNode), On(row.ToNode)));
    }

    // Each entry with the time until the next; the last of one that runs counts until now.
    private IEnumerable<(PhaseEntry Entry, string Took)> Timeline(MigrationStatus m) => m.Log.Select((entry, i) =>
        (entry, i + 1 < m.Log.Length ? Show.Duration(TimeSpan.FromMilliseconds(m.Log[i + 1].UnixMs - entry.UnixMs))
            : m.Phase.IsEnded() ? "" : Show.Duration(TimeSpan.FromMilliseconds(Math.Max(0, Time.GetUtcNow().ToUnixTimeMilliseconds() - entry.UnixMs)))));

    private async Task EditLimitsAsync()
    {
        var parameters = new DialogParameters<LimitsDialog>
        {
            { x => x.Limits, Queries.Summary().Limits },
            { x => x.Do, async limits => await Rollout.SetLimitsAsync(limits, UserName, Gone) is { Done: false } outcome ? outcome.Detail : null },
        };
        var dialog = await Dialogs.ShowAsync<LimitsDialog>("Limits of all moves", parameters, Look);
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
        _ when phase.IsCommitted() => "ok",
        MigrationPhase.Aborting or MigrationPhase.Aborted or MigrationPhase.RollingBack or MigrationPhase.RolledBack => "warn",
        _ => "",
    };
}
