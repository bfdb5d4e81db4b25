using Microsoft.AspNetCore.Components;
using MudBlazor;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Dialogs;
using ShardConsole.ControlPlane.Dashboard.Text;

namespace ShardConsole.ControlPlane.Dashboard.Pages;

/// <summary>What is waiting for me?</summary>
public sealed partial class PlansPage
{
    private static readonly string[] States = ["all", "waiting", "scheduled", "running", "past"];
    private IReadOnlyList<PlanSummary> plans = [];
    private IReadOnlyList<AutoApplyPolicy> policies = [];
    private bool making;

    /// <summary>"waiting", "scheduled", "running" or "past"; null: all.</summary>
    [SupplyParameterFromQuery(Name = "state")]
    public string? State { get; set; }

    [Inject]
    private IPlanDesk Plans { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private IDialogService Dialogs { get; set; } = null!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = null!;

    private IEnumerable<PlanSummary> Shown => plans.Where(p => State is null || StateOf(p) == State).OrderBy(p => Rank(p.State)).ThenByDescending(p => p.MadeAt);

    private List<PastRow> Past => [.. Shown.Where(p => !IsCard(p)).Select(p => new PastRow(
        Labels.ShortId(p.Id), p.MadeAt, p.State.Label(), p.State.Tone(), p.Drift is null ? p.Reason : p.Drift, p.Moves, MovesText(p), p.Bytes, p.BalanceBefore, p.BalanceAfter, p.Confidence))];

    private string Answer
    {
        get
        {
            var waiting = plans.Where(p => p.State == PlanState.Proposed).ToArray();
            var scheduled = plans.Count(p => p.State == PlanState.Scheduled);
            var running = plans.Count(p => p.State == PlanState.Running);
            var first = waiting.Length == 0
                ? "Nothing waits for you."
                : $"{Show.Sentence(Show.Word(waiting.Length))} {(waiting.Length == 1 ? "plan waits" : "plans wait")} for you{(waiting.Min(p => p.UsefulUntil) is { } until ? $" until {Zone.When(until, Queries.Summary().Now)}, when {(waiting.Length == 1 ? "it" : "the first")} would come too late" : "")}.";
            var others = new List<string>();
            if (scheduled > 0)
            {
                others.Add($"{Show.Word(scheduled)} scheduled");
            }

            if (running > 0)
            {
                others.Add($"{Show.Word(running)} running");
            }

            return others.Count == 0 ? first : $"{first} {Show.Sentence(string.Join(", ", others))}.";
        }
    }

    private protected override async Task LoadAsync(CancellationToken cancellation)
    {
        plans = await Plans.ListAsync(cancellation);
        policies = await Plans.PoliciesAsync(cancellation);
        TakeFleet();
    }

    private string StateText(string state) => state switch
    {
        "all" => $"All {plans.Count}",
        _ => $"{Show.Sentence(state)} {plans.Count(p => StateOf(p) == state)}",
    };

    private void Go(string state) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("state", state == "all" ? null : state));

    private async Task MakeAsync()
    {
        making = true;
        var outcome = await Plans.MakeAsync(UserName, null, Gone);
        making = false;
        Snackbar.Add(outcome.Done ? "Made a plan" : outcome.Detail, outcome.Done ? Severity.Normal : Severity.Warning);
        await ReloadAsync();
    }

    private async Task ApproveAsync(PlanSummary plan, DateTimeOffset? at)
    {
        var dialog = await Dialogs.ShowAsync<ApproveDialog>(
            $"Schedule plan {Labels.ShortId(plan.Id)}", new DialogParameters<ApproveDialog> { { x => x.PlanId, plan.Id }, { x => x.StartAt, at }, { x => x.By, UserName } },
            new DialogOptions { CloseOnEscapeKey = true, CloseButton = true, MaxWidth = MaxWidth.Small, FullWidth = true });
        if (await dialog.Result is { Canceled: false, Data: string done })
        {
            Snackbar.Add($"{done} plan {Labels.ShortId(plan.Id)}");
        }

        await ReloadAsync();
    }

    private async Task UnscheduleAsync(PlanSummary plan)
    {
        var outcome = await Plans.UnscheduleAsync(plan.Id, UserName, Gone);
        Snackbar.Add(outcome.Done ? $"Plan {Labels.ShortId(plan.Id)} waits again" : outcome.Detail, outcome.Done ? Severity.Normal : Severity.Error);
        await ReloadAsync();
    }

    private string StateWords(PlanSummary plan) => plan.State == PlanState.Scheduled && plan.StartAt is { } at ? $"Scheduled {Zone.When(at, Queries.Summary().Now)}" : plan.State.Label();

    private static bool IsCard(PlanSummary plan) => StateOf(plan) != "past";

    private static string StateOf(PlanSummary plan) => plan.State switch
    {
        PlanState.Proposed => "waiting",
        PlanState.Approved or PlanState.Scheduled => "scheduled",
        PlanState.Running => "running",
        _ => "past",
    };

    private static int Rank(PlanState state) => state switch { PlanState.Proposed => 0, PlanState.Running => 1, PlanState.Approved or PlanState.Scheduled => 2, _ => 3 };

    private static string MovesText(PlanSummary plan) =>
        plan.State is PlanState.Halted or PlanState.Failed ? $"{plan.MovesDone} of {plan.Moves + plan.Transfers}" : Show.Count(plan.Moves + plan.Transfers);

    private sealed record PastRow(string Short, DateTimeOffset MadeAt, string State, string Tone, string Why, int Moves, string MovesText, long Bytes, double Before, double After, double Confidence);
}
