using Microsoft.AspNetCore.Components;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Dashboard.Text;
using ShardConsole.ControlPlane.Settings.Core;

namespace ShardConsole.ControlPlane.Dashboard.Layout;

/// <summary>The line over every page: search, the state of the cluster, Halt all, theme, account.</summary>
public sealed partial class GlobalBar
{
    private static readonly (string Mode, string Label)[] Themes = [("system", "System"), ("dark", "Dark"), ("light", "Light")];

    [CascadingParameter]
    private MainLayout? Shell { get; set; }

    [Inject]
    private ISettingsDesk Settings { get; set; } = null!;

    // A freeze goes before everything; then the open window, then the next one.
    private (string Label, string When, bool Frozen, string Hint) Window
    {
        get
        {
            var (rules, now) = (Settings.Current().Values.Windows, Queries.Summary().Now);
            if (WindowCalendar.Open(rules, WindowKind.Freeze, now) is { } freeze)
            {
                return ("Frozen until", Zone.When(freeze.End, now), true, $"{freeze.Rule.Name}: nothing begins before {DisplayZone.Utc(freeze.End)}.");
            }

            if (WindowCalendar.Open(rules, WindowKind.Maintenance, now) is { } open)
            {
                return ("Window until", Zone.When(open.End, now), false, $"{open.Rule.Name} is open until {DisplayZone.Utc(open.End)}.");
            }

            return WindowCalendar.Next(rules, now) is { } next
                ? ("Next window", $"{Zone.When(next.Start, now)}–{Zone.Clock(next.Span.End)}", false, $"{next.Span.Rule.Name}, from {DisplayZone.Utc(next.Start)} to {DisplayZone.Utc(next.Span.End)}.")
                : ("Window", Show.Nothing, false, "No maintenance window is set: approved plans may start at any time.");
        }
    }

    private string Initials => string.Concat(UserName.Split('.', '-', ' ').Where(p => p.Length > 0).Take(2).Select(p => char.ToUpperInvariant(p[0])));

    private protected override Task LoadAsync(CancellationToken cancellation) => Task.CompletedTask;

    private void ToggleLive() => Live.Toggle(Queries.Summary().Now);
}
