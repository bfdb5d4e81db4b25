namespace ShardConsole.ControlPlane.Dashboard.Controls;

/// <summary>Ids of elements that name each other. Unique in the process; safe for concurrent use.</summary>
internal static class ElementIds
{
    private static long last;

    /// <summary>The next one: "menu-17".</summary>
    public static string Next(string kind) => $"{kind}-{Interlocked.Increment(ref last).ToString(System.Globalization.CultureInfo.InvariantCulture)}";
}
