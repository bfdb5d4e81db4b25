namespace ShardConsole.ControlPlane.Dashboard.Theme;

/// <summary>
/// The one table of colours. <c>css/tokens.css</c> holds the same values for the browser and a test compares both;
/// the MudBlazor theme is built from here.
/// </summary>
internal static class Tokens
{
    /// <summary>Every colour, in the order of the design's table.</summary>
    public static readonly IReadOnlyList<Token> All =
    [
        new("bg0", "#0A0D12", "#EDF0F4"),
        new("bg", "#0E1217", "#F6F8FA"),
        new("surface", "#141920", "#FFFFFF"),
        new("raised", "#1A212A", "#FFFFFF"),
        new("sel", "#222B37", "#E8EEF6"),
        new("line", "#242C37", "#DCE2E9"),
        new("line-input", "#667587", "#7C8998"),
        new("text", "#E7ECF2", "#17202B"),
        new("text2", "#AAB6C4", "#445061"),
        new("text3", "#8896A7", "#5C6878"),
        new("accent", "#6AA9FF", "#1F5FBF"),
        new("accent-text", "#08111E", "#FFFFFF"),
        new("accent-soft", "#172A45", "#E4EEFC"),
        new("forecast", "#4FC9C0", "#0A736D"),
        new("after", "#BBA2FF", "#6744C4"),
        new("ok", "#57C58A", "#1B7344"),
        new("ok-soft", "#12291F", "#E3F4EA"),
        new("warn", "#F0B54A", "#8A5600"),
        new("warn-soft", "#2E2513", "#FCF0D8"),
        new("err", "#FF7B72", "#B8272A"),
        new("err-soft", "#351A1B", "#FCE7E6"),
        new("node1", "#6AA9FF", "#1F5FBF"),
        new("node2", "#F5DC6B", "#A77D61"),
        new("node3", "#E46B6E", "#810030"),
        new("node4", "#74EBD5", "#2F8A90"),
        new("node5", "#C279AE", "#6C067A"),
        new("node6", "#759D27", "#68930B"),
        new("node7", "#93F59D", "#7B3800"),
        new("node8", "#9BDAFA", "#604063"),
    ];

    /// <summary>Number of node colours; the ninth node has the first one's again.</summary>
    public const int NodeColours = 8;

    private static readonly Dictionary<string, Token> ByName = All.ToDictionary(t => t.Name, StringComparer.Ordinal);

    /// <summary>Colour of a token in one theme.</summary>
    /// <exception cref="KeyNotFoundException">No token has this name.</exception>
    public static string Colour(string name, bool dark) => dark ? ByName[name].Dark : ByName[name].Light;
}
