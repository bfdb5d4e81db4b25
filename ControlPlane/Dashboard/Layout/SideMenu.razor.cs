namespace ShardConsole.ControlPlane.Dashboard.Layout;

/// <summary>The pages, with what waits in them; below, zone, time and version. Only pages that exist are listed.</summary>
public sealed partial class SideMenu
{
    private static readonly string Version = typeof(SideMenu).Assembly.GetName().Version?.ToString(3) ?? "";

    private protected override Task LoadAsync(CancellationToken cancellation) => Task.CompletedTask;
}
