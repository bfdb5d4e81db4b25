using System.Globalization;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Dialogs;
using ShardConsole.ControlPlane.Dashboard.Events;
using ShardConsole.ControlPlane.Dashboard.Text;

namespace ShardConsole.ControlPlane.Dashboard.Pages;

/// <summary>What is coming that history does not know? The calendar by month, by week and as a list, and what was learned.</summary>
public sealed partial class EventsPage
{
    /// <summary>Marks that fit into a day's cell.</summary>
    private const int MostMarks = 4;
    private static readonly string[] Views = ["month", "week", "list"];
    private static readonly string[] Week = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

    private IReadOnlyList<EventView> events = [];
    private IReadOnlyList<EventProposalView> proposals = [];
    private IReadOnlyList<EventDay> days = [];

    /// <summary>One of the views.</summary>
    [SupplyParameterFromQuery(Name = "view")]
    public string? View { get; set; }

    /// <summary>"2026-11", or "2026-11-16" for a week; empty: now.</summary>
    [SupplyParameterFromQuery(Name = "month")]
    public string? Month { get; set; }

    /// <summary>The event that is open.</summary>
    [SupplyParameterFromQuery(Name = "event")]
    public long? Event { get; set; }

    [Inject]
    private IEventDesk Desk { get; set; } = null!;

    [Inject]
    private ISettingsDesk Settings { get; set; } = null!;

    [Inject]
    private IDialogService Dialogs { get; set; } = null!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    private DateTimeOffset Now => Queries.Summary().Now;

    private DateOnly Today => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(Now, Zone.Zone).DateTime);

    private string ViewWord => Views.Contains(View) ? View! : Views[0];

    private DateOnly Shown => DateOnly.TryParseExact(Month, ["yyyy-MM", "yyyy-MM-dd"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var month) ? month : Today;

    private string Head => ViewWord == "week" ? $"Week of {EventMonth.Monday(Shown).ToString("d MMMM yyyy", CultureInfo.InvariantCulture)}" : Shown.ToString("MMMM yyyy", CultureInfo.InvariantCulture);

    private EventView? Picked => events.FirstOrDefault(e => e.Id == Event) ?? (Event is null ? EventMonth.Next(events)?.Event : null);

    private IReadOnlyList<EventProposalView> Open => [.. proposals.Where(p => p.State == "open")];

    private protected override async Task LoadAsync(CancellationToken cancellation)
    {
        events = await Desk.ListAsync(Now, cancellation);
        proposals = await Desk.ProposalsAsync(cancellation);
        Lay();
    }

    /// <inheritdoc/>
    protected override void OnParametersSet() => Lay();

    private static string Expected(EventView view) => view.Factor is { } announced ? $"announced × {announced.ToString("0.##", CultureInfo.InvariantCulture)}" : view.FactorInForce is { } learned ? $"learned × {learned.ToString("0.##", CultureInfo.InvariantCulture)}" : "its load not known yet";

    private static string Concerned(EventView view) => view.Segments is { } count ? Show.Of(count, "segment") : "all segments";

    private void Lay() => days = ViewWord switch
    {
        "list" => [],
        "week" => EventMonth.Of(EventMonth.Monday(Shown), 7, Zone.Zone, events, proposals, Settings.Current().Values.Windows),
        _ => EventMonth.Of(EventMonth.FirstOf(Shown), EventMonth.MonthDays, Zone.Zone, events, proposals, Settings.Current().Values.Windows),
    };

    private void Go(string name, string? value) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter(name, value), replace: true);

    private void Move(int by) => Go("month", ViewWord == "week"
        ? EventMonth.Monday(Shown).AddDays(7 * by).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : Shown.AddMonths(by).ToString("yyyy-MM", CultureInfo.InvariantCulture));

    private void Pick(long id) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("event", id), replace: true);

    private async Task EditAsync(EventView? view, DateOnly? day)
    {
        var parameters = new DialogParameters<EventDialog>
        {
            { x => x.Id, view?.Id ?? 0 }, { x => x.ZoneName, Zone.Zone.Id }, { x => x.Now, Now }, { x => x.Day, day ?? Today.AddDays(1) },
            { x => x.Present, view is null ? null : new EventInput(view.Name, view.Rule, view.Minutes, view.Zone, view.Scope, view.Factor) },
            {
                x => x.Do, async wanted => (view is null ? await Desk.AddAsync((EventInput)wanted, UserName, Gone) : await Desk.ChangeAsync(view.Id, (EventInput)wanted, UserName, Gone))
                    is { Done: false } outcome ? outcome.Detail : null
            },
        };
        var dialog = await Dialogs.ShowAsync<EventDialog>(view is null ? "Announce event" : $"Change {view.Name}", parameters, DialogLook.Form);
        if (await dialog.Result is { Canceled: false })
        {
            Snackbar.Add(view is null ? "Announced. The next forecast knows it." : "Changed. The next forecast knows it.");
            await ReloadAsync();
        }
    }

    private async Task RemoveAsync(EventView view)
    {
        Say(await Desk.RemoveAsync(view.Id, UserName, Gone), $"Removed {view.Name}. The next forecast is made without it.");
        await ReloadAsync();
    }

    private async Task AnswerAsync(EventProposalView found, bool yes)
    {
        Say(yes ? await Desk.AcceptAsync(found.Id, UserName, Gone) : await Desk.DismissAsync(found.Id, UserName, Gone), yes ? "Taken into the calendar." : "Dismissed. It is not proposed again.");
        await ReloadAsync();
    }

    private void Say(Outcome outcome, string done) => Snackbar.Add(outcome.Done ? done : outcome.Detail, outcome.Done ? Severity.Normal : Severity.Error);
}
