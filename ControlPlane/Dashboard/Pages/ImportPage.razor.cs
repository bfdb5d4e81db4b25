using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using MudBlazor;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Import;
using ShardConsole.ControlPlane.Dashboard.Calls;
using ShardConsole.ControlPlane.Dashboard.Dialogs;
using ShardConsole.ControlPlane.Dashboard.Text;

namespace ShardConsole.ControlPlane.Dashboard.Pages;

/// <summary>How does a new cluster forecast on day one?</summary>
public sealed partial class ImportPage
{
    /// <summary>Largest file that the console takes; larger ones are imported from the command line.</summary>
    private const long MaxBytes = 4_000_000_000;

    private IReadOnlyList<ImportRow> rows = [];
    private IBrowserFile? sending;
    private long sent;
    private string? failure;
    private bool overMeasured;

    [Inject]
    private IImportDesk Imports { get; set; } = null!;

    [Inject]
    private IDialogService Dialogs { get; set; } = null!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = null!;

    private string Answer
    {
        get
        {
            var running = rows.Where(r => r.State == "running").ToArray();
            return running.Length > 0
                ? $"Importing {running[0].FileName}: {Show.Percent((double)running[0].BytesRead / Math.Max(1, running[0].BytesTotal))}, {Show.Count(running[0].Rows)} rows. It goes on when you leave this page."
                : rows.Count == 0 ? "Nothing imported yet. A log of the past lets a new cluster forecast on its first day." : $"{Show.Count(rows.Where(r => r.State == "done").Sum(r => r.Rows))} requests imported from {Show.Of(rows.Count(r => r.State == "done"), "log")}.";
        }
    }

    private protected override Task LoadAsync(CancellationToken cancellation)
    {
        rows = [.. Imports.List().OrderByDescending(r => r.CreatedAt).ThenByDescending(r => r.Id)];
        return Task.CompletedTask;
    }

    private async Task UploadAsync(IBrowserFile? file)
    {
        if (file is null)
        {
            return;
        }

        if (file.Size > MaxBytes)
        {
            failure = $"{file.Name} has {Show.Bytes(file.Size)}; the console takes at most {Show.Bytes(MaxBytes)}. Import it from the command line of the control plane.";
            return;
        }

        (sending, sent, failure) = (file, 0, null);
        try
        {
            await using var content = new CountingStream(file.OpenReadStream(MaxBytes, Gone), OnSent);
            var outcome = await Imports.UploadAsync(file.Name, content, new ImportSettings(OverMeasured: overMeasured), UserName, Gone);
            failure = outcome.Done ? null : outcome.Detail;
            if (outcome.Done)
            {
                Snackbar.Add($"Sent {file.Name}; the import runs");
            }
        }
        catch (IOException e)
        {
            failure = $"Sending {file.Name} ended after {Show.Bytes(sent)}: {e.Message}";
        }
        finally
        {
            sending = null;
        }

        await ReloadAsync();
    }

    private void OnSent(long bytes)
    {
        var before = sent;
        sent = bytes;
        if (bytes / 262_144 != before / 262_144)
        {
            _ = InvokeAsync(StateHasChanged);
        }
    }

    private async Task CancelAsync(ImportRow row)
    {
        var outcome = await Imports.CancelAsync(row.Id, UserName, Gone);
        Snackbar.Add(outcome.Done ? $"Cancelled the import of {row.FileName}" : outcome.Detail, outcome.Done ? Severity.Normal : Severity.Error);
        await ReloadAsync();
    }

    private async Task TakeBackAsync(ImportRow row)
    {
        var parameters = new DialogParameters<ReasonDialog>
        {
            { x => x.Verb, "Take back" },
            { x => x.Happens, [$"The history of {row.FileName} is removed, {Zone.When(row.From, Queries.Summary().Now)} to {Zone.When(row.To, Queries.Summary().Now)}.", "Where the cluster measured its own load, that stands again.", "A new forecast follows at once. Patterns that the log added fade by themselves."] },
            { x => x.Clients, "Nothing: only history changes." }, { x => x.Undo, "Import the file again." }, { x => x.Call, new ApiCall("DELETE", $"/api/v1/query-logs/{row.Id}") },
            { x => x.AsksReason, false }, { x => x.IsDestructive, true },
            { x => x.Do, async _ => await Imports.TakeBackAsync(row.Id, UserName, Gone) is { Done: false } refused ? refused.Detail : null },
        };
        var dialog = await Dialogs.ShowAsync<ReasonDialog>("Take back", parameters, DialogLook.Form);
        await dialog.Result;
        await ReloadAsync();
    }

    private static string HeatmapOf(ImportRow row) => row is { From: { } from, To: { } to } && to > from
        ? Urls.Heatmap + (Heatmap.HeatmapView.Default with { From = from, To = to }).ToQuery()
        : Urls.Heatmap;

    private static string Tone(string state) => state switch { "done" => "ok", "failed" => "err", "running" => "accent", _ => "plain" };
}
