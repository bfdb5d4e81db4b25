namespace ShardConsole.NodeAgent.Resp;

/// <summary>Splits an inline command into words: blanks separate, "…" with C escapes and '…' with \' quote.</summary>
internal static class InlineWords
{
    /// <summary>False where a quote is not closed, or something other than a blank follows its end.</summary>
    /// <param name="line">The line without its end.</param>
    /// <param name="bytes">Takes the words' bytes; at least as long as the line.</param>
    /// <param name="words">Takes where each word lies in <paramref name="bytes"/>.</param>
    public static bool TrySplit(ReadOnlySpan<byte> line, Span<byte> bytes, List<ArgSlice> words)
    {
        var at = 0;
        var written = 0;
        while (true)
        {
            while (at < line.Length && IsBlank(line[at]))
            {
                at++;
            }

            if (at == line.Length)
            {
                return true;
            }

            var start = written;
            while (at < line.Length && !IsBlank(line[at]))
            {
                var quote = line[at];
                var understood = quote is (byte)'"' or (byte)'\''
                    ? TryReadQuoted(line, ref at, quote, bytes, ref written)
                    : Take(line[at++], bytes, ref written);
                if (!understood)
                {
                    return false;
                }
            }

            words.Add(new ArgSlice(start, written - start));
        }
    }

    private static bool TryReadQuoted(ReadOnlySpan<byte> line, ref int at, byte quote, Span<byte> bytes, ref int written)
    {
        at++;
        while (at < line.Length)
        {
            if (line[at] == quote)
            {
                at++;
                return at == line.Length || IsBlank(line[at]);
            }

            if (line[at] != '\\' || at + 1 == line.Length)
            {
                Take(line[at++], bytes, ref written);
            }
            else if (quote == '\'')
            {
                at += line[at + 1] == quote ? 1 : 0;
                Take(line[at++], bytes, ref written);
            }
            else
            {
                Take(ReadEscape(line, ref at), bytes, ref written);
            }
        }

        return false;
    }

    private static byte ReadEscape(ReadOnlySpan<byte> line, ref int at)
    {
        if (line[at + 1] == 'x' && at + 3 < line.Length && char.IsAsciiHexDigit((char)line[at + 2]) && char.IsAsciiHexDigit((char)line[at + 3]))
        {
            at += 4;
            return (byte)((HexDigit(line[at - 2]) << 4) | HexDigit(line[at - 1]));
        }

        at += 2;
        return line[at - 1] switch
        {
            (byte)'n' => (byte)'\n',
            (byte)'r' => (byte)'\r',
            (byte)'t' => (byte)'\t',
            (byte)'b' => (byte)'\b',
            (byte)'a' => 7,
            var other => other,
        };
    }

    private static int HexDigit(byte c) => c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;

    private static bool Take(byte c, Span<byte> bytes, ref int written)
    {
        bytes[written++] = c;
        return true;
    }

    private static bool IsBlank(byte c) => c is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r' or 0 or 11 or 12;
}
