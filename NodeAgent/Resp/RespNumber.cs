using System.Buffers.Text;

namespace ShardConsole.NodeAgent.Resp;

/// <summary>Numbers as Redis reads and writes them.</summary>
internal static class RespNumber
{
    /// <summary>Longest text of a 64-bit integer.</summary>
    public const int MaxIntegerLength = 20;

    /// <summary>
    /// Reads a 64-bit integer in its one canonical form: no sign but '-', no leading zero, no blank, nothing behind it.
    /// So a string is an integer exactly where writing the number again gives the same bytes.
    /// </summary>
    public static bool TryParseInteger(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        if (text.Length is 0 or > MaxIntegerLength)
        {
            return false;
        }

        if (text.Length == 1)
        {
            value = text[0] - '0';
            return text[0] is >= (byte)'0' and <= (byte)'9';
        }

        var digits = text[0] == '-' ? text[1..] : text;
        return digits[0] is >= (byte)'1' and <= (byte)'9'
            && Utf8Parser.TryParse(text, out value, out var used) && used == text.Length;
    }

    /// <summary>Writes an integer; answers its length.</summary>
    public static int Write(long value, Span<byte> destination)
    {
        Utf8Formatter.TryFormat(value, destination, out var written);
        return written;
    }

    /// <summary>Length of an integer's text.</summary>
    public static int LengthOf(int value)
    {
        var length = value < 0 ? 2 : 1;
        for (value = value < 0 ? -(value / 10) : value / 10; value != 0; value /= 10)
        {
            length++;
        }

        return length;
    }
}
