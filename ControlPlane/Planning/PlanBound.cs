namespace ShardConsole.ControlPlane.Planning;

/// <summary>
/// What no plan can go below: the load of all shards together (and of all nodes, where every shard has as many replicas) is the same wherever the
/// segments are, so what exceeds the room of all of them stays over some limit. It takes means for scores and segments for divisible: the true least is never lower.
/// </summary>
internal static class PlanBound
{
    /// <summary>Least excess that can be left, minutes × ratio, in the unit of <see cref="Limited.Excess"/>.</summary>
    public static double Excess(Layout layout, IReadOnlyList<TimeSpan> spans)
    {
        var bound = Excess(layout.Shards, spans);
        var equal = layout.Roles.Select(r => r.Length).Distinct().Count() <= 1;
        return equal ? bound + Excess(layout.Nodes, spans) : bound;
    }

    private static double Excess(Limited[] all, IReadOnlyList<TimeSpan> spans)
    {
        double bound = 0;
        for (var k = 0; k < spans.Count; k++)
        {
            double load = 0, room = 0, largest = 0;
            var comparable = true;
            foreach (var limited in all)
            {
                // Who is not judged may carry anything, so nothing follows for the others.
                comparable &= limited.IsJudged(k) && double.IsFinite(limited.Relief);
                load += limited.Sum.Mean(k);
                room += limited.Triggered ? limited.Relief : Math.Max(limited.Relief, limited.Before[k]);
                largest = Math.Max(largest, limited.Relief);
            }

            bound += comparable && largest > 0 ? spans[k].TotalMinutes * Math.Max(0, load - room) / largest : 0;
        }

        return bound;
    }
}
