using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Calls;
using ShardConsole.ControlPlane.Dashboard.Text;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Dashboard.Dialogs;

/// <summary>Approves a plan by its hash, now or at a time. Says what will happen before, and asks again when the plan changed meanwhile.</summary>
public sealed partial class ApproveDialog
{
    private ElementReference cancel;
    private PlanDetail? plan;
    private DateTimeOffset now;
    private string comment = "";
    private string? failure;
    private bool changed;
    private bool busy;
    private bool focused;

    /// <summary>Hash of the plan, or its short name.</summary>
    [Parameter]
    [EditorRequired]
    public string PlanId { get; set; } = "";

    /// <summary>When it starts; null: as the plan suggests, or at once where it suggests nothing.</summary>
    [Parameter]
    public DateTimeOffset? StartAt { get; set; }

    /// <summary>Who approves.</summary>
    [Parameter]
    public string By { get; set; } = "";

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = null!;

    [Inject]
    private IPlanDesk Plans { get; set; } = null!;

    [Inject]
    private IClusterQueries Queries { get; set; } = null!;

    [Inject]
    private IDialogService Dialogs { get; set; } = null!;

    [Inject]
    private DisplayZone Zone { get; set; } = null!;

    private MigrationLimits Limits => Queries.Summary().Limits;

    private DateTimeOffset? Schedule => StartAt ?? (plan?.Summary.StartAt > now ? plan.Summary.StartAt : null);

    private ApiCall Call => new(
        "POST", $"/api/v1/plans/{plan!.Summary.Id}/approve",
        JsonSerializer.Serialize(new { startAt = Schedule?.ToString("yyyy-MM-ddTHH:mm:ssK", CultureInfo.InvariantCulture), reason = comment }), plan.Etag);

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync() => await LoadAsync();

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!focused && plan is not null && cancel.Context is not null)
        {
            focused = true;
            await cancel.FocusAsync();
        }
    }

    private async Task LoadAsync()
    {
        now = Queries.Summary().Now;
        plan = await Plans.FindAsync(PlanId, CancellationToken.None);
    }

    private async Task ApproveAsync(DateTimeOffset? at)
    {
        busy = true;
        var outcome = await Plans.ApproveAsync(plan!.Summary.Id, plan.Etag, at, By, comment.Trim(), CancellationToken.None);
        busy = false;
        if (outcome.Done)
        {
            Dialog.Close(DialogResult.Ok(at is null ? "Approved" : "Scheduled"));
            return;
        }

        failure = outcome.Detail;
        changed = outcome.Code is "conflict" or "stale";
        await LoadAsync();
    }

    private string NodeNames(Func<PlanMove, NodeId> of)
    {
        var names = Queries.Nodes().ToDictionary(n => n.Id, n => n.Name);
        return string.Join(", ", plan!.Moves.Select(of).Distinct().Select(id => names.GetValueOrDefault(id, "an unknown node")).Order(StringComparer.Ordinal));
    }
}
