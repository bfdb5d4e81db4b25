namespace ShardConsole.ControlPlane.Planning;

/// <summary>The few smallest of many values, ascending, ties by place.</summary>
internal static class Emptiest
{
    /// <summary>The places of the <paramref name="count"/> smallest; one pass with a sorted window, which for a few of thousands is quicker than sorting all.</summary>
    public static int[] Of(double[] values, int count)
    {
        var best = new int[count];
        var size = 0;
        for (var place = 0; place < values.Length; place++)
        {
            if (size == count && values[place] >= values[best[size - 1]])
            {
                continue;
            }

            var at = size < count ? size++ : count - 1;
            while (at > 0 && values[best[at - 1]] > values[place])
            {
                best[at] = best[at - 1];
                at--;
            }

            best[at] = place;
        }

        return best;
    }
}
