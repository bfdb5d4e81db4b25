namespace ShardConsole.NodeAgent.Commands;

/// <summary>
/// Patterns of KEYS, SCAN and CONFIG GET: *, ?, [a-z], [^a], \x. Goes back only to the last star, so the cost is at most pattern times text.
/// </summary>
internal static class GlobPattern
{
    public static bool Matches(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> text, bool ignoreCase = false)
    {
        var (p, t, starP, starT) = (0, 0, -1, 0);
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                starP = ++p;
                starT = t;
                continue;
            }

            var at = p;
            if (p < pattern.Length && MatchOne(pattern, ref at, text[t], ignoreCase))
            {
                p = at;
                t++;
                continue;
            }

            if (starP < 0)
            {
                return false;
            }

            p = starP;
            t = ++starT;
        }

        while (p < pattern.Length && pattern[p] == '*')
        {
            p++;
        }

        return p == pattern.Length;
    }

    private static bool MatchOne(ReadOnlySpan<byte> pattern, ref int p, byte c, bool ignoreCase)
    {
        switch (pattern[p])
        {
            case (byte)'?':
                p++;
                return true;
            case (byte)'[':
                return MatchSet(pattern, ref p, c, ignoreCase);
            case (byte)'\\' when p + 1 < pattern.Length:
                p++;
                break;
        }

        return Fold(pattern[p++], ignoreCase) == Fold(c, ignoreCase);
    }

    /// <summary>A set that is not closed ends with the pattern, as in Redis.</summary>
    private static bool MatchSet(ReadOnlySpan<byte> pattern, ref int p, byte c, bool ignoreCase)
    {
        var negated = ++p < pattern.Length && pattern[p] == '^';
        p += negated ? 1 : 0;
        var wanted = Fold(c, ignoreCase);
        var found = false;
        while (p < pattern.Length && pattern[p] != ']')
        {
            if (pattern[p] == '\\' && p + 1 < pattern.Length)
            {
                found |= pattern[p + 1] == c;
                p += 2;
            }
            else if (p + 2 < pattern.Length && pattern[p + 1] == '-')
            {
                var (low, high) = (Fold(pattern[p], ignoreCase), Fold(pattern[p + 2], ignoreCase));
                found |= wanted >= Math.Min(low, high) && wanted <= Math.Max(low, high);
                p += 3;
            }
            else
            {
                found |= Fold(pattern[p++], ignoreCase) == wanted;
            }
        }

        p += p < pattern.Length ? 1 : 0;
        return found != negated;
    }

    private static byte Fold(byte c, bool ignoreCase) => ignoreCase && c is >= (byte)'A' and <= (byte)'Z' ? (byte)(c | 0x20) : c;
}
