using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using MudBlazor;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Calls;
using ShardConsole.ControlPlane.Dashboard.Controls;
using ShardConsole.ControlPlane.Dashboard.Dialogs;
using ShardConsole.ControlPlane.Dashboard.Layout;
using ShardConsole.ControlPlane.Dashboard.Text;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Dashboard.Pages;

/// <summary>What will happen if I say yes, and why?</summary>
public sealed partial class PlanPage
{
    private PlanDetail? plan;
    private ChartModel? when;
    private IDisposable? listening;
    private DateTime startLocal;
    private string? loadedId;
    private readonly SortedSet<int> picked = [];
    private bool scheduling;
    private bool editing;
    private bool allRefused;

    /// <summary>Hash of the plan or its beginning.</summary>
    [Parameter]
    public string Id { get; set; } = "";

    /// <summary>Segment whose row is open.</summary>
    [SupplyParameterFromQuery(Name = "move")]
    public int? MoveOpen { get; set; }

    /// <summary>Only moves from or to this node.</summary>
    [SupplyParameterFromQuery(Name = "node")]
    public string? NodeFilter { get; set; }

    [CascadingParameter]
    private MainLayout? Shell { get; set; }

    [Inject]
    private IPlanDesk Plans { get; set; } = null!;

    [Inject]
    private IPlanBench Bench { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private IDialogService Dialogs { get; set; } = null!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = null!;

    private double Comfort => Nodes.SelectMany(n => n.Dimensions).Where(d => d.Name == "cpu").Select(d => d.ComfortZone).FirstOrDefault(0.7);

    private int Actions => plan!.Summary.Moves + plan.Summary.Transfers;

    private List<PlanMove> ShownMoves => [.. plan!.Moves.Where(m => NodeFilter is null || NameOf(m.FromNode) == NodeFilter || NameOf(m.ToNode) == NodeFilter).OrderBy(m => m.Move.Number)];

    private DateTimeOffset StartTime => new(TimeZoneInfo.ConvertTimeToUtc(DateTime.SpecifyKind(startLocal, DateTimeKind.Unspecified), Zone.Zone), TimeSpan.Zero);

    private RenderFragment Answer => builder =>
    {
        var s = plan!.Summary;
        if (Actions == 0)
        {
            builder.AddContent(0, s.Reason);
            return;
        }

        var worst = plan.Nodes.MaxBy(n => n.Before);
        builder.AddContent(1, s.State is PlanState.Done ? "Took " : "Takes ");
        builder.OpenElement(2, "b");
        string[] parts =
        [
            .. s.Transfers > 0 ? new[] { $"the leadership of {string.Join(", ", plan.Transfers.Select(t => t.Transfer.Shard).Order())} off {string.Join(", ", plan.Transfers.Select(t => t.FromName).Distinct().Order(StringComparer.Ordinal))}" } : [],
            .. s.Moves > 0 ? new[] { $"{Show.Of(s.Moves, "segment")} off {string.Join(", ", plan.Plan.Moves.Select(m => m.From).Distinct().Order())}" } : [],
        ];
        builder.AddContent(3, string.Join(" and ", parts));
        builder.CloseElement();
        builder.AddContent(4, s.UsefulUntil is { } until ? $" before {Zone.When(until, Queries.Summary().Now)}. " : ". ");
        if (worst is not null)
        {
            // A plan for a shard may leave the nodes as they are.
            var (before, after) = (Show.Percent(worst.Before), Show.Percent(worst.After));
            builder.OpenElement(5, "b");
            builder.AddContent(6, before == after ? $"{worst.Name} stays at {after}" : $"{worst.Name} peaks at {after}");
            builder.CloseElement();
            builder.AddContent(7, $"{(before == after ? "" : $" instead of {before}")}{(worst.After <= Comfort ? ", inside its comfort zone" : "")}.");
        }
    };

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        await base.OnInitializedAsync();
        listening = Shell?.Listen(OnKey);
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (loadedId is not null && loadedId != Id)
        {
            await ReloadAsync();
        }
    }

    private protected override async Task LoadAsync(CancellationToken cancellation)
    {
        plan = await Plans.FindAsync(Id, cancellation);
        TakeFleet();
        if (plan is not null && loadedId != Id)
        {
            startLocal = Local(plan.Summary.StartAt ?? Queries.Summary().Now.AddMinutes(10));
        }

        loadedId = Id;
        when = plan is null ? null : MakeWhen((await Queries.OverviewAsync(cancellation)).Fleet, plan.Summary);
    }

    private ChartModel MakeWhen(LoadSeries fleet, PlanSummary summary)
    {
        var now = Queries.Summary().Now;
        var recent = fleet.Times.Select((t, i) => (t, i)).Where(x => x.t >= now.AddHours(-3)).Select(x => x.i).ToArray();
        var cut = fleet with { Times = [.. recent.Select(i => fleet.Times[i])], Measured = [.. recent.Select(i => fleet.Measured[i])] };
        var crossing = Shards.Where(c => c.CrossesAt is not null).OrderBy(c => c.CrossesAt).FirstOrDefault();
        return ChartModels.Fan(cut, now, $"when|{summary.Id}|{summary.State}|{now.ToUnixTimeSeconds() / 60}", "Fleet load over the next hours, and when the plan starts.", "cores", 1000) with
        {
            Marks = summary.StartAt is { } start ? [new ChartMark(start.ToUnixTimeMilliseconds(), $"plan {Zone.Clock(start)}", "after")] : [],
            Spans = crossing is { CrossesAt: { } from, PeakAt: { } peak } ? [new ChartSpan(from.ToUnixTimeMilliseconds(), peak.ToUnixTimeMilliseconds() + 3_600_000, $"{crossing.Id} over threshold", "warn")] : [],
        };
    }

    private bool OnKey(string key)
    {
        if (!CanOperate || plan?.Summary.State != PlanState.Proposed)
        {
            return false;
        }

        switch (key)
        {
            case "A":
                _ = InvokeAsync(() => ApproveAsync(null));
                return true;
            case "S":
                scheduling = !scheduling;
                StateHasChanged();
                return true;
            case "E":
                ToggleEdit();
                StateHasChanged();
                return true;
            case "R":
                _ = InvokeAsync(RejectAsync);
                return true;
            default:
                return false;
        }
    }

    private async Task ApproveAsync(DateTimeOffset? at)
    {
        var name = Labels.ShortId(plan!.Summary.Id);
        var dialog = await Dialogs.ShowAsync<ApproveDialog>(
            at is null ? $"Approve plan {name}" : $"Schedule plan {name}", new DialogParameters<ApproveDialog> { { x => x.PlanId, plan.Summary.Id }, { x => x.StartAt, at }, { x => x.By, UserName } },
            new DialogOptions { CloseOnEscapeKey = true, CloseButton = true, MaxWidth = MaxWidth.Small, FullWidth = true });
        if (await dialog.Result is { Canceled: false, Data: string done })
        {
            scheduling = false;
            Snackbar.Add($"{done} plan {name}");
        }

        await ReloadAsync();
        StateHasChanged();
    }

    private async Task RejectAsync()
    {
        var s = plan!.Summary;
        var name = Labels.ShortId(s.Id);
        var parameters = new DialogParameters<ReasonDialog>
        {
            { x => x.Verb, $"Reject plan {name}" },
            { x => x.Happens, (string[])[$"None of its {Show.Actions(s)} runs.", "The planner looks again after the next forecast and may propose something similar."] },
            { x => x.Clients, s.MinutesOverBefore > 0 ? $"Nothing now. The forecast of {Show.Number(s.MinutesOverBefore)} shard-minutes over the threshold stands." : "Nothing." },
            { x => x.Undo, "A rejected plan stays rejected; make a new plan at any time." },
            { x => x.Call, new ApiCall("POST", $"/api/v1/plans/{s.Id}/reject", JsonSerializer.Serialize(new { reason = "…" }), plan.Etag) },
            { x => x.Do, async reason => await Plans.RejectAsync(s.Id, plan.Etag, UserName, reason, Gone) is { Done: false } outcome ? outcome.Detail : null },
        };
        var dialog = await Dialogs.ShowAsync<ReasonDialog>($"Reject plan {name}", parameters, new DialogOptions { CloseOnEscapeKey = true, CloseButton = true, MaxWidth = MaxWidth.Small, FullWidth = true });
        if (await dialog.Result is { Canceled: false })
        {
            Snackbar.Add($"Rejected plan {name}");
        }

        await ReloadAsync();
        StateHasChanged();
    }

    private async Task UnscheduleAsync()
    {
        var outcome = await Plans.UnscheduleAsync(plan!.Summary.Id, UserName, Gone);
        Snackbar.Add(outcome.Done ? "The plan waits again" : outcome.Detail, outcome.Done ? Severity.Normal : Severity.Error);
        await ReloadAsync();
    }

    private async Task RefreshAsync()
    {
        var s = plan!.Summary;
        var done = await AskAsync(
            $"Refresh plan {Labels.ShortId(s.Id)}", ["A new plan for the same segments is made from what is known now.", "It takes this one's place; this one stays in the list, as it was."],
            "Nothing: nothing moves before the new plan is approved.", "Make a plan again at any time.", new ApiCall("POST", $"/api/v1/plans/{s.Id}/refresh"),
            async _ => await Bench.RefreshAsync(s.Id, UserName, Gone));
        Follow(done, "Made plan");
    }

    private void ToggleEdit()
    {
        editing = !editing;
        picked.Clear();
    }

    private void Pick(int number, bool on)
    {
        if (on)
        {
            picked.Add(number);
        }
        else
        {
            picked.Remove(number);
        }
    }

    private async Task EditAsync(bool keep)
    {
        var s = plan!.Summary;
        int[] numbers = [.. picked];
        int[] none = [];
        var left = keep ? numbers.Length : Actions - numbers.Length;
        var done = await AskAsync(
            $"Make a plan of {Show.Of(left, "action")}", [$"A new plan with {left} of these {Actions} is simulated on the newest forecast.", $"It takes the place of plan {Labels.ShortId(s.Id)} and waits for approval."],
            "Nothing: nothing moves before the new plan is approved.", "Refresh it, or make a plan again at any time.",
            new ApiCall("POST", $"/api/v1/plans/{s.Id}/edit", JsonSerializer.Serialize(keep ? new { keep = numbers, reason = "…" } : (object)new { drop = numbers, reason = "…" }), plan.Etag),
            async reason => await Bench.EditAsync(s.Id, plan.Etag, keep ? none : numbers, keep ? numbers : none, UserName, reason, Gone));
        editing &= done is null;
        Follow(done, "Made plan");
    }

    private async Task ScheduleAsync(PlanTiming timing)
    {
        var s = plan!.Summary;
        var word = timing == PlanTiming.Window ? "next window" : "trough";
        var done = await AskAsync(
            $"Schedule plan {Labels.ShortId(s.Id)} for the {word}",
            [timing == PlanTiming.Window ? "It starts when the next maintenance window opens, or now inside one." : "It starts where the forecast of the fleet's load is lowest before it would come too late.", $"{Show.Actions(s)}, {Show.Bytes(s.Bytes)}."],
            "Each segment is closed for some milliseconds when it changes its owner.", "Undo the schedule until it starts; roll back each move while its former copy is kept.",
            new ApiCall("POST", $"/api/v1/plans/{s.Id}/schedule", JsonSerializer.Serialize(new { when = timing.ToString().ToLowerInvariant(), reason = "…" }), plan.Etag),
            async reason => await Bench.ScheduleAsync(s.Id, plan.Etag, timing, null, UserName, reason, Gone));
        if (done is not null)
        {
            scheduling = false;
            Snackbar.Add($"Scheduled plan {Labels.ShortId(s.Id)}");
        }

        await ReloadAsync();
        StateHasChanged();
    }

    // Asks with a reason and does it; the outcome where it was done, null where not.
    private async Task<Outcome?> AskAsync(string verb, string[] happens, string clients, string undo, ApiCall call, Func<string, Task<Outcome>> act)
    {
        Outcome? done = null;
        var parameters = new DialogParameters<ReasonDialog>
        {
            { x => x.Verb, verb }, { x => x.IsDestructive, false }, { x => x.Happens, happens }, { x => x.Clients, clients }, { x => x.Undo, undo }, { x => x.Call, call },
            { x => x.Do, async reason =>
                {
                    var outcome = await act(reason);
                    done = outcome.Done ? outcome : null;
                    return outcome.Done ? null : outcome.Detail;
                } },
        };
        var dialog = await Dialogs.ShowAsync<ReasonDialog>(verb, parameters, new DialogOptions { CloseOnEscapeKey = true, CloseButton = true, MaxWidth = MaxWidth.Small, FullWidth = true });
        return await dialog.Result is { Canceled: false } ? done : null;
    }

    private void Follow(Outcome? done, string said)
    {
        if (done?.Id is { } id)
        {
            Snackbar.Add($"{said} {Labels.ShortId(id)}");
            Navigation.NavigateTo(Urls.Plan(Labels.ShortId(id)));
        }
    }

    private void FilterBy(string node) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("node", NodeFilter == node ? null : node));

    private void Toggle(PlanMove move) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("move", MoveOpen == move.Move.Segment.Value ? (int?)null : move.Move.Segment.Value));

    private void OnRowKey(KeyboardEventArgs e, PlanMove move)
    {
        if (e.Key == "Enter")
        {
            Toggle(move);
        }
    }

    private string Slots(SegmentId segment)
    {
        var per = Queries.Map().SlotsPerSegment;
        return $"{segment.Value * per}–{(segment.Value * per) + per - 1}";
    }

    private DateTime Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, Zone.Zone).DateTime;

    private static string FirstSentence(string text) => text.IndexOf(". ", StringComparison.Ordinal) is var end and > 0 ? text[..end] : text.TrimEnd('.');

    private static string X(double ratio) => (double.IsFinite(ratio) ? Math.Clamp(ratio, 0, 1) * 400 : 0).ToString("0.#", CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        listening?.Dispose();
        base.Dispose(disposing);
    }
}
