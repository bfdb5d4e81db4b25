using MudBlazor;
using ShardConsole.ControlPlane.Security;

namespace ShardConsole.ControlPlane.Dashboard;

/// <summary>A page of the menu.</summary>
/// <param name="Group">Head under which it stands.</param>
/// <param name="Key">Second key of its sequence: "h" in "g h"; empty for none.</param>
/// <param name="Role">The least role that sees it.</param>
/// <param name="Outside">Served outside of the console's circuit: the browser loads it whole.</param>
internal sealed record SitePage(string Group, string Title, string Url, string Icon, string Key, string Role = Roles.Viewer, bool Outside = false);

/// <summary>The pages, in the order of the menu: one table for the menu, the search, the keys and the help.</summary>
internal static class SiteMap
{
    /// <summary>All pages.</summary>
    public static readonly IReadOnlyList<SitePage> Pages =
    [
        new("Watch", "Overview", Urls.Overview, Icons.Material.Outlined.Home, "o"),
        new("Watch", "Heatmap", Urls.Heatmap, Icons.Material.Outlined.GridOn, "h"),
        new("Watch", "Shards and nodes", Urls.Fleet, Icons.Material.Outlined.Dns, "f"),
        new("Act", "Plans", Urls.Plans, Icons.Material.Outlined.ListAlt, "p"),
        new("Act", "Migrations", Urls.Migrations, Icons.Material.Outlined.SwapHoriz, "m"),
        new("Forecast", "Forecast quality", Urls.Quality, Icons.Material.Outlined.ShowChart, "q"),
        new("Forecast", "Events", Urls.Events, Icons.Material.Outlined.CalendarMonth, "e"),
        new("Forecast", "Access patterns", Urls.Patterns, Icons.Material.Outlined.Hub, "t"),
        new("Forecast", "Query-log import", Urls.Import, Icons.Material.Outlined.FileDownload, "i"),
        new("Trust", "Integrity", Urls.Integrity, Icons.Material.Outlined.VerifiedUser, "y"),
        new("Trust", "Audit", Urls.Audit, Icons.Material.Outlined.Assignment, "a"),
        new("Manage", "Settings and policies", Urls.Settings, Icons.Material.Outlined.Tune, "s"),
        new("Manage", "Users and API keys", Urls.Access, Icons.Material.Outlined.VpnKey, "u", Roles.Administrator),
        new("Manage", "API", Urls.Calls, Icons.Material.Outlined.Code, "c"),
        new("Manage", "Jobs", Urls.Jobs, Icons.Material.Outlined.Schedule, "", Roles.Administrator, Outside: true),
    ];

    /// <summary>The page of a sequence's second key; null where no page has it.</summary>
    public static SitePage? OfKey(string key) => Pages.FirstOrDefault(p => p.Key.Length > 0 && p.Key == key && !p.Outside);

    /// <summary>The pages that a role sees.</summary>
    public static IEnumerable<SitePage> For(bool administrator) => Pages.Where(p => administrator || p.Role != Roles.Administrator);
}
