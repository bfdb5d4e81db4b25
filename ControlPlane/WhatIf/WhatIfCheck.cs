using System.Globalization;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Fleet;

namespace ShardConsole.ControlPlane.WhatIf;

/// <summary>Whether a change makes sense for the cluster, and what it is called.</summary>
internal static class WhatIfCheck
{
    /// <summary>The first thing that is wrong, "field: sentence"; null where nothing is.</summary>
    public static string? Problem(WhatIfChange change, FleetState state)
    {
        var c = CultureInfo.InvariantCulture;
        if (change.Days is < 1 or > 28)
        {
            return $"days: {change.Days} is outside 1..28.";
        }

        if (change.ThresholdMillicores is { } threshold && threshold is not (> 0 and <= 1e6))
        {
            return string.Create(c, $"thresholdMillicores: {threshold} is outside 1..1000000.");
        }

        if (change.ComfortZone is { } zone && zone is not (>= 0.05 and <= 1))
        {
            return string.Create(c, $"comfortZone: {zone} is outside 0.05..1 (0.7 is 70 %).");
        }

        if (change.Quantile is { } quantile && quantile is not (>= 0.5 and <= 0.99))
        {
            return string.Create(c, $"quantile: {quantile} is outside 0.5..0.99 (0.9 plans for load that comes one time in ten).");
        }

        if (change.HorizonHours is { } hours && hours is not (>= 1 and <= 48))
        {
            return string.Create(c, $"horizonHours: {hours} is outside 1..48.");
        }

        if (change.Traffic is not (>= 0.1 and <= 10))
        {
            return string.Create(c, $"traffic: {change.Traffic} is outside 0.1..10.");
        }

        if (change.MovesAtOnce is < 1 or > 64)
        {
            return $"movesAtOnce: {change.MovesAtOnce} is outside 1..64.";
        }

        if (change.ClusterBytesPerSecond is < 1000)
        {
            return $"clusterBytesPerSecond: {change.ClusterBytesPerSecond} is below 1000.";
        }

        if (change.Added is < 0 or > 64)
        {
            return $"added: {change.Added} is outside 0..64.";
        }

        if (change.Without.FirstOrDefault(n => state.Nodes.All(m => m.Member.Name != n)) is { } stranger)
        {
            return $"without: There is no node {stranger}; the nodes are {string.Join(", ", state.Nodes.Select(n => n.Member.Name))}.";
        }

        if (change.Without.Distinct().Count() >= state.Nodes.Count + change.Added)
        {
            return "without: At least one node has to stay.";
        }

        return change.Pinned.Where(s => s < 0 || s >= state.Map.SegmentCount).Select(s => $"pinned: {s} is no segment; they are 0..{state.Map.SegmentCount - 1}.").FirstOrDefault();
    }

    /// <summary>What is other than it was: "Without n6, traffic × 1.5"; "As it is" where nothing is.</summary>
    public static string Title(WhatIfChange change)
    {
        var c = CultureInfo.InvariantCulture;
        var parts = new List<string>();
        void Add(bool given, string text)
        {
            if (given)
            {
                parts.Add(text);
            }
        }

        Add(change.Without.Count > 0, $"without {string.Join(", ", change.Without)}");
        Add(change.Added > 0, change.Added == 1 ? "one node more" : $"{change.Added} nodes more");
        Add(change.Traffic != 1, string.Create(c, $"traffic × {change.Traffic:0.##}"));
        Add(change.ThresholdMillicores is not null, string.Create(c, $"threshold {change.ThresholdMillicores:0} mcore"));
        Add(change.ComfortZone is not null, string.Create(c, $"comfort zone {100 * change.ComfortZone:0} %"));
        Add(change.Quantile is not null, string.Create(c, $"quantile {100 * change.Quantile:0} %"));
        Add(change.HorizonHours is not null, string.Create(c, $"horizon {change.HorizonHours:0.##} h"));
        Add(change.MovesAtOnce is not null, $"{change.MovesAtOnce} moves at once");
        Add(change.ClusterBytesPerSecond is not null, string.Create(c, $"{change.ClusterBytesPerSecond / 1e6:0.##} MB/s"));
        Add(change.Pinned.Count > 0, change.Pinned.Count == 1 ? $"segment {change.Pinned[0]} pinned" : $"{change.Pinned.Count} segments pinned");
        var text = parts.Count == 0 ? "as it is" : string.Join(", ", parts);
        return char.ToUpperInvariant(text[0]) + text[1..];
    }
}
