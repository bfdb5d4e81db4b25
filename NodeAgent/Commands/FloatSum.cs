using System.Globalization;
using System.Text;

namespace ShardConsole.NodeAgent.Commands;

/// <summary>
/// Adds two decimal texts as INCRBYFLOAT does. Redis counts in 80-bit floats and shows 17 places; here numbers that a decimal holds are added exactly, so that
/// 0.1 + 0.2 is 0.3, and others as doubles. Both give the same bits on every machine, which an entry of a log must.
/// </summary>
internal static class FloatSum
{
    private const int Places = 17;
    private const double LargestExact = 1e15;

    /// <summary>Null and the sum's text, or the error.</summary>
    public static string? TryAdd(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, out byte[] sum)
    {
        sum = [];
        if (!TryRead(left, out var a) || !TryRead(right, out var b))
        {
            return Errors.NotFloat;
        }

        if (!double.IsFinite(a + b))
        {
            return "ERR increment would produce NaN or Infinity";
        }

        var text = Math.Abs(a) < LargestExact && Math.Abs(b) < LargestExact
            ? Math.Round(ReadDecimal(left) + ReadDecimal(right), Places).ToString("F" + Places, CultureInfo.InvariantCulture)
            : (a + b).ToString("F" + Places, CultureInfo.InvariantCulture);
        text = text.TrimEnd('0').TrimEnd('.');
        sum = Encoding.ASCII.GetBytes(text is "-0" or "" ? "0" : text);
        return null;
    }

    private static bool TryRead(ReadOnlySpan<byte> text, out double value)
    {
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        var sign = text.Length > 0 && text[0] is (byte)'-' or (byte)'+' ? 1 : 0;
        if (Ascii.EqualsIgnoreCase(text[sign..], "inf"u8) || Ascii.EqualsIgnoreCase(text[sign..], "infinity"u8))
        {
            value = text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }

        return double.TryParse(text, Style, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
    }

    private static decimal ReadDecimal(ReadOnlySpan<byte> text) =>
        decimal.Parse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture);
}
