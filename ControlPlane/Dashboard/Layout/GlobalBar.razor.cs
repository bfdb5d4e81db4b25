using Microsoft.AspNetCore.Components;

namespace ShardConsole.ControlPlane.Dashboard.Layout;

/// <summary>The line over every page: search, the state of the cluster, Halt all, theme, account.</summary>
public sealed partial class GlobalBar
{
    private static readonly (string Mode, string Label)[] Themes = [("system", "System"), ("dark", "Dark"), ("light", "Light")];

    [CascadingParameter]
    private MainLayout? Shell { get; set; }

    private string Initials => string.Concat(UserName.Split('.', '-', ' ').Where(p => p.Length > 0).Take(2).Select(p => char.ToUpperInvariant(p[0])));

    private protected override Task LoadAsync(CancellationToken cancellation) => Task.CompletedTask;

    private void ToggleLive() => Live.Toggle(Queries.Summary().Now);
}
