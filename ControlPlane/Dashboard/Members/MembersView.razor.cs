using System.Text.Json;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Calls;
using ShardConsole.ControlPlane.Dashboard.Dialogs;

namespace ShardConsole.ControlPlane.Dashboard.Members;

/// <summary>The members, what is said of them, and what may be asked of them.</summary>
public sealed partial class MembersView
{
    private const int Most = 30;
    private const int MostTrips = 12;

    /// <summary>So many times the median is far.</summary>
    private const int FarFactor = 3;

    private IReadOnlyList<MemberRow> members = [];
    private IReadOnlyList<ReplicaChangeRow> changes = [];

    /// <summary>Name of the member whose row is open; null: none.</summary>
    [Parameter]
    public string? Opened { get; set; }

    /// <summary>Another row is to be open.</summary>
    [Parameter]
    public EventCallback<string?> OnOpen { get; set; }

    [Inject]
    private IMemberQueries MemberQueries { get; set; } = null!;

    [Inject]
    private IMemberDesk Desk { get; set; } = null!;

    [Inject]
    private IDialogService Dialogs { get; set; } = null!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = null!;

    private protected override TimeSpan Throttle => TimeSpan.FromMilliseconds(250);

    private List<ReplicaChangeRow> Running => [.. changes.Where(c => c.EndedAt is null)];

    private List<MemberRow> Measured => [.. members.Where(m => m.RoundTrips.Count > 0).Take(MostTrips)];

    private int Far => members.Select(m => m.RoundTripMicros).Where(t => t > 0).Order().ToList() is { Count: > 0 } trips ? FarFactor * trips[trips.Count / 2] : int.MaxValue;

    private protected override Task LoadAsync(CancellationToken cancellation)
    {
        TakeFleet();
        members = MemberQueries.Members();
        changes = MemberQueries.ReplicaChanges();
        return Task.CompletedTask;
    }

    private async Task ActAsync(MemberAction action, MemberRow member)
    {
        var plan = action.Verb == MemberVerb.Fill ? MemberQueries.FillPlan(member.Id) : null;
        var parameters = new DialogParameters<ReasonDialog>
        {
            { x => x.Verb, action.Title(member) },
            { x => x.IsDestructive, action.IsDestructive },
            { x => x.Happens, action.Happens(member, plan) },
            { x => x.Clients, action.Clients(member) },
            { x => x.Undo, action.Undo(member) },
            { x => x.Call, action.Call(member) },
            { x => x.Do, async reason => await action.DoAsync(Desk, member, UserName, reason, Gone) is { Done: false } refused ? refused.Detail : null },
        };
        var dialog = await Dialogs.ShowAsync<ReasonDialog>(action.Title(member), parameters, DialogLook.Form);
        if (await dialog.Result is { Canceled: false })
        {
            Snackbar.Add($"{action.Done} {member.Name}");
        }

        await ReloadAsync();
    }

    private async Task CancelAsync(ReplicaChangeRow change)
    {
        var title = $"Cancel the change of {change.Group}";
        var parameters = new DialogParameters<ReasonDialog>
        {
            { x => x.Verb, title },
            { x => x.Happens, (string[])[$"{change.Group} comes back to the replicas of before: {string.Join(", ", change.From.DefaultIfEmpty("those that it had"))}.", "What a new replica has fetched is deleted."] },
            { x => x.Clients, "Nothing, unless leadership was handed over already: then commands wait for some milliseconds." },
            { x => x.Undo, "Ask for the change again. A drain begins it again by itself: end the drain instead." },
            { x => x.Call, new ApiCall("POST", $"/api/v1/replicas/{change.Id}/cancel", JsonSerializer.Serialize(new { reason = "…" })) },
            { x => x.Do, async reason => await Desk.CancelReplicasAsync(change.Id, UserName, reason, Gone) is { Done: false } refused ? refused.Detail : null },
        };
        var dialog = await Dialogs.ShowAsync<ReasonDialog>(title, parameters, DialogLook.Form);
        if (await dialog.Result is { Canceled: false })
        {
            Snackbar.Add($"Cancelled the change of {change.Group}");
        }

        await ReloadAsync();
    }

    private Task ShowChangesCallAsync() => ShowCallDialog.OpenAsync(Dialogs, new ApiCall("GET", "/api/v1/replicas"));
}
