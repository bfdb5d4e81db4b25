namespace ShardConsole.ControlPlane.Planning;

/// <summary>The few smallest of many, ascending.</summary>
internal static class Emptiest
{
    /// <summary>The <paramref name="count"/> smallest by a rank that is asked for once each; one pass with a sorted window, which for a few of thousands is quicker than sorting all.</summary>
    /// <param name="all">At least <paramref name="count"/> of them.</param>
    /// <param name="rank">A value and what decides between equal ones.</param>
    public static int[] Of(IReadOnlyList<int> all, Func<int, (double Value, int Tie)> rank, int count)
    {
        var best = new int[count];
        var ranks = new (double Value, int Tie)[count];
        var size = 0;
        for (var i = 0; i < all.Count && count > 0; i++)
        {
            var own = rank(all[i]);
            if (size == count && !IsBefore(own, ranks[size - 1]))
            {
                continue;
            }

            var at = size < count ? size++ : count - 1;
            while (at > 0 && IsBefore(own, ranks[at - 1]))
            {
                (best[at], ranks[at]) = (best[at - 1], ranks[at - 1]);
                at--;
            }

            (best[at], ranks[at]) = (all[i], own);
        }

        return best;
    }

    private static bool IsBefore((double Value, int Tie) one, (double Value, int Tie) other) =>
        one.Value < other.Value || (one.Value == other.Value && one.Tie < other.Tie);
}
