namespace ShardConsole.ControlPlane.Patterns;

/// <summary>Segments that are used one after the other.</summary>
/// <param name="Segments">Two to four, in order.</param>
/// <param name="Count">How often, surely, decayed.</param>
/// <param name="Confidence">Share of the beginnings (all but the last segment) that go on to the last one, 0..1.</param>
/// <param name="Lift">How many times as often as chance.</param>
internal sealed record AccessChain(IReadOnlyList<int> Segments, double Count, double Confidence, double Lift);

/// <summary>Finds the chains of a sketch that have a direction and are no chance.</summary>
internal static class ChainFinder
{
    /// <summary>A step counts as directed when the way back is at most this share as frequent: members of a clump come in any order.</summary>
    private const double MostBack = 0.5;

    /// <summary>A chain is told of beside a longer one that begins or ends with it only when the longer one is less than this share of the ways in which it goes on, or comes about.</summary>
    private const double Explained = 0.7;

    /// <summary>The chains, most frequent first, <see cref="PatternOptions.MaxFound"/> at most.</summary>
    public static IReadOnlyList<AccessChain> Find(AccessSketch sketch, PatternOptions options)
    {
        var steps = sketch.Out.Sum();
        var found = new Dictionary<ulong, AccessChain>();
        foreach (var (segments, entry) in sketch.Chains())
        {
            if (segments.Distinct().Count() < segments.Length || !Directed(sketch, segments))
            {
                continue;
            }

            var chance = steps;
            for (var k = 0; k < segments.Length; k++)
            {
                chance *= (k == 0 ? sketch.Out[segments[k]] : sketch.In[segments[k]]) / Math.Max(1, steps);
            }

            if (Clumps.Stands(entry.Sure, chance, options))
            {
                found[ChainCode.Of(segments)] = new AccessChain(segments, entry.Sure, Confidence(sketch, segments, entry.Sure), chance > 0 ? entry.Sure / chance : double.PositiveInfinity);
            }
        }

        var covered = Covered(sketch, found);
        return
        [
            .. found.Where(f => !covered.Contains(f.Key)).Select(f => f.Value)
                .OrderByDescending(c => c.Count).ThenByDescending(c => c.Segments.Count).ThenBy(c => ChainCode.Of([.. c.Segments])).Take(options.MaxFound),
        ];
    }

    private static bool Directed(AccessSketch sketch, int[] segments)
    {
        for (var k = 0; k + 1 < segments.Length; k++)
        {
            var forth = sketch.Chain(segments[k], segments[k + 1]);
            var back = sketch.Chain(segments[k + 1], segments[k]);
            if (back.Sure > MostBack * forth.Sure)
            {
                return false;
            }
        }

        return true;
    }

    private static double Confidence(AccessSketch sketch, int[] segments, double count)
    {
        var beginnings = segments.Length == 2 ? sketch.Out[segments[0]] : sketch.Chain(segments.AsSpan(0, segments.Length - 1)).Count;
        return beginnings > 0 ? Math.Min(1, count / beginnings) : 0;
    }

    // Chains that nearly always go on, or begin, as a longer one does. What was cut off at either end because nothing was sampled there says nothing.
    private static HashSet<ulong> Covered(AccessSketch sketch, Dictionary<ulong, AccessChain> found)
    {
        var goesOn = new Dictionary<ulong, double>();
        var comesFrom = new Dictionary<ulong, double>();
        foreach (var (segments, entry) in sketch.Chains().Where(c => c.Segments.Length > 2 && c.Entry.Sure > 0))
        {
            var (head, tail) = Parts(segments);
            goesOn[head] = goesOn.GetValueOrDefault(head) + entry.Sure;
            comesFrom[tail] = comesFrom.GetValueOrDefault(tail) + entry.Sure;
        }

        var covered = new HashSet<ulong>();
        foreach (var chain in found.Values.Where(c => c.Segments.Count > 2))
        {
            var (head, tail) = Parts([.. chain.Segments]);
            if (chain.Count >= Explained * goesOn[head])
            {
                covered.Add(head);
            }

            if (chain.Count >= Explained * comesFrom[tail])
            {
                covered.Add(tail);
            }
        }

        return covered;
    }

    // A chain without its last segment, and without its first.
    private static (ulong Head, ulong Tail) Parts(int[] segments) => (ChainCode.Of(segments.AsSpan(0, segments.Length - 1)), ChainCode.Of(segments.AsSpan(1)));
}
