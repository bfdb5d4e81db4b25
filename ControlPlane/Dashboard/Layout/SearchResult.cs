namespace ShardConsole.ControlPlane.Dashboard.Layout;

/// <summary>One line under the search field.</summary>
public sealed record SearchResult(string Kind, string Title, string Detail, string Link);
