using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Calls;
using ShardConsole.ControlPlane.Forecasting.Events;

namespace ShardConsole.ControlPlane.Dashboard.Events;

/// <summary>Announces or changes an event: its rule in words, with the next dates that follow from it.</summary>
public sealed partial class EventDialog
{
    private const int Shown = 5;
    private static readonly string[] Repeats = ["once", "daily", "weekly", "monthly"];
    private static readonly string[] Week = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    private string name = "";
    private string repeat = "once";
    private string date = "";
    private string weekday = "friday";
    private string monthDay = "1";
    private string time = "18:00";
    private string zone = "UTC";
    private double minutes = 60;
    private string scope = "all";
    private string factor = "";
    private string? failure;
    private bool busy;

    /// <summary>The event that is changed; 0: a new one.</summary>
    [Parameter]
    public long Id { get; set; }

    /// <summary>What it is now (an EventInput: components are public, the model is not); null: nothing yet.</summary>
    [Parameter]
    public object? Present { get; set; }

    /// <summary>Zone of a new one.</summary>
    [Parameter]
    public string ZoneName { get; set; } = "UTC";

    /// <summary>Model time.</summary>
    [Parameter]
    public DateTimeOffset Now { get; set; }

    /// <summary>Day of a new one.</summary>
    [Parameter]
    public DateOnly Day { get; set; }

    /// <summary>Saves an EventInput; answers why not, or null.</summary>
    [Parameter]
    public Func<object, Task<string?>>? Do { get; set; }

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = null!;

    [Inject]
    private IDialogService Dialogs { get; set; } = null!;

    private string RuleText => repeat switch
    {
        "once" => $"once {date} {time}",
        "weekly" => $"weekly {weekday} {time}",
        "monthly" => $"monthly {monthDay.Trim()} {time}",
        _ => $"daily {time}",
    };

    private EventRule? Rule => EventRule.TryParse(RuleText, out var rule) ? rule : null;

    private List<string> Upcoming => Rule is { } rule && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found)
        ? [.. rule.Beginnings(Now, Now.AddDays(366), found).Take(Shown).Select(at => TimeZoneInfo.ConvertTime(at, found).ToString("ddd d MMM HH:mm", CultureInfo.InvariantCulture))] : [];

    private EventInput Wanted => new(
        name.Trim(), RuleText, minutes, zone.Trim(), scope.Trim(), double.TryParse(factor, NumberStyles.Float, CultureInfo.InvariantCulture, out var given) ? given : null);

    private ApiCall Call => new(
        Id == 0 ? "POST" : "PUT", Id == 0 ? "/api/v1/events" : string.Create(CultureInfo.InvariantCulture, $"/api/v1/events/{Id}"),
        JsonSerializer.Serialize(Wanted, JsonSerializerOptions.Web));

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        (zone, date) = (ZoneName, Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        if (Present is not EventInput known || !EventRule.TryParse(known.Rule, out var rule))
        {
            return;
        }

        (name, zone, minutes, scope, factor) = (known.Name, known.Zone, known.Minutes, known.Scope, known.Factor?.ToString(CultureInfo.InvariantCulture) ?? "");
        (repeat, time) = (rule.Repeat.ToString().ToLowerInvariant(), rule.Time.ToString("HH:mm", CultureInfo.InvariantCulture));
        date = rule.Repeat == EventRepeat.Once ? rule.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : date;
        weekday = rule.Repeat == EventRepeat.Weekly ? rule.Weekday.ToString().ToLowerInvariant() : weekday;
        monthDay = rule.Repeat == EventRepeat.Monthly ? known.Rule.Split(' ')[1] : monthDay;
    }

    private async Task DoAsync()
    {
        if (factor.Trim().Length > 0 && Wanted.Factor is null)
        {
            failure = $"factor: “{factor}” is no number. Leave it empty to learn it.";
            return;
        }

        busy = true;
        failure = Do is null ? null : await Do(Wanted);
        busy = false;
        if (failure is null)
        {
            Dialog.Close(DialogResult.Ok(true));
        }
    }
}
