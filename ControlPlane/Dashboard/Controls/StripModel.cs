namespace ShardConsole.ControlPlane.Dashboard.Controls;

/// <summary>A row of the strips: label, colour of the node, and what is written at the right. Values are parts of the threshold, null without data.</summary>
public sealed record StripRow(string Name, string Node, int NodeIndex, string Peak, string At, bool Over, string Link, IReadOnlyList<double?> Values);

/// <summary>Shards over time, as heat; a row's click leads to its heatmap.</summary>
/// <param name="Plain">Names and heat alone: without now, forecast, figures and links.</param>
public sealed record StripModel(string Key, string Words, IReadOnlyList<long> Times, int FirstForecast, long Now, IReadOnlyList<StripRow> Rows, bool Plain = false);
