using System.Text.Json;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Calls;
using ShardConsole.ControlPlane.Dashboard.Dialogs;
using ShardConsole.ControlPlane.Dashboard.Settings;
using ShardConsole.ControlPlane.Dashboard.Text;
using ShardConsole.ControlPlane.Planning;
using ShardConsole.ControlPlane.Settings.Core;

namespace ShardConsole.ControlPlane.Dashboard.Pages;

/// <summary>What will change if I change this? Edits stay in the page until they are saved as one version.</summary>
public sealed partial class SettingsPage
{
    private const int DryRunDays = 30;
    private const string NotificationsTab = "notifications";
    private static readonly string[] Tabs = ["planning", "approval", "rollout", "policies", "windows", "constraints", NotificationsTab];

    private readonly Dictionary<AutoApplyPolicy, PolicyDryRun> runs = [];
    private SettingsForm? form;
    private SettingsPreview? preview;
    private IReadOnlyList<SettingsVersion> versions = [];

    /// <summary>One of the tabs.</summary>
    [SupplyParameterFromQuery(Name = "tab")]
    public string? Tab { get; set; }

    [Inject]
    private ISettingsDesk Desk { get; set; } = null!;

    [Inject]
    private IDialogService Dialogs { get; set; } = null!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    private string TabWord => Tabs.Contains(Tab) ? Tab! : Tabs[0];

    private IReadOnlyList<string> MaintenanceNames => [.. (form?.Windows ?? []).Where(w => w.Kind == WindowKind.Maintenance).Select(w => w.Name)];

    private protected override async Task LoadAsync(CancellationToken cancellation)
    {
        var view = Desk.Current();
        if (form is null || (form.Changes == 0 && form.View.Etag != view.Etag))
        {
            form = new SettingsForm(view);
            preview = null;
        }

        versions = await Desk.VersionsAsync(cancellation);
        foreach (var policy in form.Policies.Where(p => !runs.ContainsKey(p)))
        {
            runs[policy] = await Desk.DryRunAsync(policy, DryRunDays, cancellation);
        }
    }

    private void Go(string tab) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("tab", tab == Tabs[0] ? null : tab), replace: true);

    private Task Set(SettingField field, string text)
    {
        form!.Set(field, text);
        return PreviewAsync();
    }

    private Task PutPolicy(int place, AutoApplyPolicy policy) => Policies([.. form!.Policies.Select((p, i) => i == place ? policy : p)]);

    private Task AddPolicy()
    {
        var number = form!.Policies.Count + 1;
        return Policies([.. form.Policies, new AutoApplyPolicy($"policy {number}", false, 5, 1_000_000_000, 0.9, 10)]);
    }

    private Task Policies(IReadOnlyList<AutoApplyPolicy> policies)
    {
        form!.Policies = policies;
        return PreviewAsync();
    }

    private Task PutWindow(WindowRule old, WindowRule? window)
    {
        form!.Windows = [.. form.Windows.Select(w => w == old ? window : w).OfType<WindowRule>()];
        return PreviewAsync();
    }

    private async Task EditWindowAsync(WindowRule? window)
    {
        var parameters = new DialogParameters<WindowDialog> { { x => x.Rule, window }, { x => x.ZoneName, Zone.Zone.Id } };
        var dialog = await Dialogs.ShowAsync<WindowDialog>(window is null ? "Add window" : $"Change {window.Name}", parameters, DialogLook.Form);
        if (await dialog.Result is { Canceled: false, Data: WindowRule edited })
        {
            form!.Windows = window is null ? [.. form.Windows, edited] : [.. form.Windows.Select(w => w == window ? edited : w)];
            await PreviewAsync();
        }
    }

    private Task PutConstraint(ConstraintRule old, ConstraintRule? rule)
    {
        form!.Constraints = [.. form.Constraints.Select(c => c == old ? rule : c).OfType<ConstraintRule>()];
        return PreviewAsync();
    }

    private async Task EditConstraintAsync(ConstraintRule? rule)
    {
        var parameters = new DialogParameters<ConstraintDialog> { { x => x.Rule, rule }, { x => x.NodeNames, [.. Queries.Nodes().Select(n => n.Name)] }, { x => x.SegmentCount, Queries.Map().SegmentCount } };
        var dialog = await Dialogs.ShowAsync<ConstraintDialog>(rule is null ? "Add constraint" : $"Change {rule.Name}", parameters, DialogLook.Form);
        if (await dialog.Result is { Canceled: false, Data: ConstraintRule edited })
        {
            form!.Constraints = rule is null ? [.. form.Constraints, edited] : [.. form.Constraints.Select(c => c == rule ? edited : c)];
            await PreviewAsync();
        }
    }

    private static string WordsOf(ConstraintRule rule) => rule.Kind switch
    {
        ConstraintKind.Exclude => $"{string.Join(", ", rule.Nodes)} {(rule.Nodes.Count == 1 ? "takes" : "take")} nothing on",
        ConstraintKind.Pin => $"{Named(rule)} {(rule.Segments.Count == 1 ? "stays where it is" : "stay where they are")}",
        _ => $"{Named(rule)} are kept in different shards",
    };

    private static string Named(ConstraintRule rule) =>
        $"{(rule.Segments.Count == 1 ? "segment" : "segments")} {string.Join(", ", rule.Segments.Take(12))}{(rule.Segments.Count > 12 ? $" and {rule.Segments.Count - 12} more" : "")}";

    private async Task PreviewAsync()
    {
        preview = form is { Changes: > 0 } edited ? await Desk.PreviewAsync(edited.Values, Gone) : null;
        await ReloadAsync();
        StateHasChanged();
    }

    private Task Discard()
    {
        form = new SettingsForm(Desk.Current());
        return PreviewAsync();
    }

    private async Task SaveAsync()
    {
        var edited = form!;
        var shown = await Desk.PreviewAsync(edited.Values, Gone);
        var verb = $"Save {Show.Of(edited.Changes, "change")}";
        var parameters = new DialogParameters<ReasonDialog>
        {
            { x => x.Verb, verb },
            { x => x.IsDestructive, false },
            { x => x.Happens, [.. shown.Changes, .. shown.Effects] },
            { x => x.Clients, "Nothing: settings decide what is planned and approved, not how the cluster serves." },
            { x => x.Undo, "Each version can be undone on this page as long as no later one changed the same." },
            { x => x.Call, new ApiCall("PUT", "/api/v1/settings", JsonSerializer.Serialize(edited.Values, SettingsJson.Options), edited.View.Etag) },
            { x => x.Do, reason => PutAsync(edited, reason) },
        };
        var dialog = await Dialogs.ShowAsync<ReasonDialog>(verb, parameters, DialogLook.Form);
        if (await dialog.Result is { Canceled: false })
        {
            await Discard();
        }
    }

    private async Task<string?> PutAsync(SettingsForm edited, string reason)
    {
        var outcome = await Desk.SaveAsync(edited.Values, edited.View.Etag, UserName, reason, Gone);
        if (outcome.Done)
        {
            Snackbar.Add($"Saved version {outcome.Id}");
        }

        return outcome.Done ? null : outcome.Code == "changed" ? $"Somebody else saved meanwhile. Close this, discard, and make the change again. {outcome.Detail}" : outcome.Detail;
    }

    private async Task UndoAsync(SettingsVersion version)
    {
        var outcome = await Desk.UndoAsync(version.Version, Desk.Current().Etag, UserName, $"undo of version {version.Version}", Gone);
        Snackbar.Add(outcome.Done ? $"Undid version {version.Version}" : outcome.Detail, outcome.Done ? Severity.Normal : Severity.Warning);
        await Discard();
    }
}
