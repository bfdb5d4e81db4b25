namespace ShardConsole.ControlPlane.Patterns;

/// <summary>Two segments that are used together more often than chance would have it.</summary>
/// <param name="Weight">How often, surely, in accesses taken, decayed.</param>
/// <param name="Lift">How many times as often as chance.</param>
internal sealed record AccessLink(int One, int Other, double Weight, double Lift);

/// <summary>Segments that are used together.</summary>
/// <param name="Segments">Two or more, ascending.</param>
/// <param name="Weight">How often two of them were used together.</param>
/// <param name="LocalShare">Share of the members' shared accesses that stays within the clump, 0..1.</param>
internal sealed record Clump(IReadOnlyList<int> Segments, double Weight, double LocalShare);

/// <summary>Finds links and clumps in a sketch.</summary>
internal static class Clumps
{
    /// <summary>The links that are no chance, heaviest first, <see cref="PatternOptions.MaxLinks"/> at most.</summary>
    public static IReadOnlyList<AccessLink> Links(AccessSketch sketch, PatternOptions options)
    {
        // The number of pairs, over both ends: what the segments' own numbers of links add up to.
        var ends = 2 * sketch.PairTotal;
        var links = new List<AccessLink>();
        foreach (var (one, other, entry) in sketch.Pairs())
        {
            var chance = ends > 0 ? sketch.Links[one] * sketch.Links[other] / ends : 0;
            if (Stands(entry.Sure, chance, options))
            {
                links.Add(new AccessLink(one, other, entry.Sure, chance > 0 ? entry.Sure / chance : double.PositiveInfinity));
            }
        }

        return [.. links.OrderByDescending(l => l.Weight).ThenBy(l => l.One).ThenBy(l => l.Other).Take(options.MaxLinks)];
    }

    /// <summary>The clumps that links form, heaviest first.</summary>
    /// <param name="links">As <see cref="Links"/> gives them.</param>
    public static IReadOnlyList<Clump> Find(AccessSketch sketch, IReadOnlyList<AccessLink> links, PatternOptions options)
    {
        var community = Louvain.Communities(sketch.Segments, [.. links.Select(l => (l.One, l.Other, l.Weight))]);
        var within = new double[sketch.Segments];
        foreach (var link in links.Where(l => community[l.One] == community[l.Other]))
        {
            within[link.One] += link.Weight;
            within[link.Other] += link.Weight;
        }

        // Who has hardly anything in common with the others of its community is no member.
        var members = Enumerable.Range(0, sketch.Segments).Where(s => within[s] > options.LeastShare * sketch.Links[s]).ToHashSet();
        var weights = new Dictionary<int, double>();
        foreach (var link in links.Where(l => community[l.One] == community[l.Other] && members.Contains(l.One) && members.Contains(l.Other)))
        {
            weights[community[link.One]] = weights.GetValueOrDefault(community[link.One]) + link.Weight;
        }

        return
        [
            .. members.Where(s => weights.ContainsKey(community[s])).GroupBy(s => community[s]).Where(g => g.Count() > 1)
                .Select(g => new Clump([.. g.Order()], weights[g.Key], Math.Min(1, 2 * weights[g.Key] / g.Sum(s => sketch.Links[s]))))
                .OrderByDescending(c => c.Weight).ThenBy(c => c.Segments[0]).Take(options.MaxFound),
        ];
    }

    /// <summary>Whether a count is no chance.</summary>
    public static bool Stands(double count, double chance, PatternOptions options) =>
        count >= options.LeastCount && count >= options.LeastLift * chance && count - chance >= options.LeastDeviations * Math.Sqrt(chance);
}
