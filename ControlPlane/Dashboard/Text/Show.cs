using System.Globalization;

namespace ShardConsole.ControlPlane.Dashboard.Text;

/// <summary>
/// Numbers as the console writes them: a no-break space before the unit, a thin space between thousands, at most three significant digits,
/// a true minus sign, and "–" where there is no value.
/// </summary>
internal static class Show
{
    /// <summary>What stands where nothing is known.</summary>
    public const string Nothing = "–";

    private const string Nbsp = "\u00A0";
    private const string Thin = "\u2009";
    private const string Minus = "\u2212";

    /// <summary>A whole number: "1 024" with a thin space.</summary>
    public static string Count(long value)
    {
        var digits = Math.Abs(value).ToString("#,0", CultureInfo.InvariantCulture).Replace(",", Thin, StringComparison.Ordinal);
        return value < 0 ? Minus + digits : digits;
    }

    /// <summary>Three significant digits without trailing zeros: "1.75", "96", "0.42", "&lt; 0.01".</summary>
    public static string Number(double value)
    {
        if (!double.IsFinite(value))
        {
            return Nothing;
        }

        var size = Math.Abs(value);
        if (size is > 0 and < 0.005)
        {
            return "<" + Nbsp + "0.01";
        }

        var digits = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
        var rounded = Math.Round(size, digits);
        var text = rounded >= 1000
            ? Count((long)rounded)
            : rounded.ToString(digits switch { 0 => "0", 1 => "0.#", _ => "0.##" }, CultureInfo.InvariantCulture);
        return value < 0 && rounded > 0 ? Minus + text : text;
    }

    /// <summary>Exactly two decimals, for figures that are compared with each other: "1.75", "0.40".</summary>
    public static string Ratio(double value) => double.IsFinite(value) ? value.ToString("0.00", CultureInfo.InvariantCulture) : Nothing;

    /// <summary>A rate with k or M: "96 k ops/s".</summary>
    public static string Rate(double value, string unit)
    {
        if (!double.IsFinite(value))
        {
            return Nothing;
        }

        return Math.Abs(value) switch
        {
            >= 999_500 => Number(value / 1e6) + Nbsp + "M" + Nbsp + unit,
            >= 9_995 => Number(value / 1e3) + Nbsp + "k" + Nbsp + unit,
            _ => Number(value) + Nbsp + unit,
        };
    }

    /// <summary>Decimal bytes: "2.1 GB" is 2.1 × 10⁹.</summary>
    public static string Bytes(double value)
    {
        if (!double.IsFinite(value))
        {
            return Nothing;
        }

        string[] units = ["B", "kB", "MB", "GB", "TB", "PB"];
        var size = Math.Abs(value);
        var unit = 0;
        while (size >= 999.5 && unit < units.Length - 1)
        {
            size /= 1000;
            unit++;
        }

        var digits = size >= 99.95 || unit == 0 ? 0 : 1;
        var text = Math.Round(size, digits).ToString(digits == 0 ? "0" : "0.#", CultureInfo.InvariantCulture);
        return (value < 0 ? Minus : "") + text + Nbsp + units[unit];
    }

    /// <summary>Bytes a second.</summary>
    public static string ByteRate(double value) => double.IsFinite(value) ? Bytes(value) + "/s" : Nothing;

    /// <summary>A ratio as per cent without decimals: 0.914 is "91 %".</summary>
    public static string Percent(double ratio) =>
        double.IsFinite(ratio) ? WholePercent(ratio) + Nbsp + "%" : Nothing;

    /// <summary>The number of <see cref="Percent"/> alone, for "32 → 91 %".</summary>
    public static string WholePercent(double ratio)
    {
        if (!double.IsFinite(ratio))
        {
            return Nothing;
        }

        var whole = (long)Math.Round(ratio * 100);
        return whole == 0 && ratio > 0 ? "<" + Nbsp + "1" : Count(whole);
    }

    /// <summary>A change as per cent with its sign: "+42 %", "−6 %".</summary>
    public static string Change(double ratio)
    {
        if (!double.IsFinite(ratio))
        {
            return Nothing;
        }

        var whole = (long)Math.Round(ratio * 100);
        return (whole > 0 ? "+" : "") + Count(whole) + Nbsp + "%";
    }

    /// <summary>A load score: "137 mcore", from 1000 on "3.5 cores".</summary>
    public static string Score(double millicores)
    {
        if (!double.IsFinite(millicores))
        {
            return Nothing;
        }

        return Math.Abs(millicores) >= 999.5 ? Number(millicores / 1000) + Nbsp + "cores" : Number(millicores) + Nbsp + "mcore";
    }

    /// <summary>A length of time: "3.1 ms", "20 s", "4 min", "1 h 05 min", "2 d 03 h".</summary>
    public static string Duration(TimeSpan value)
    {
        if (value < TimeSpan.Zero)
        {
            return Minus + Duration(-value);
        }

        if (value.TotalSeconds < 0.9995)
        {
            return value == TimeSpan.Zero ? "0" + Nbsp + "s" : Number(value.TotalMilliseconds) + Nbsp + "ms";
        }

        if (value.TotalSeconds < 59.5)
        {
            return Math.Round(value.TotalSeconds).ToString("0", CultureInfo.InvariantCulture) + Nbsp + "s";
        }

        var minutes = (long)Math.Round(value.TotalMinutes);
        return minutes switch
        {
            < 60 => $"{minutes}{Nbsp}min",
            < 48 * 60 => string.Create(CultureInfo.InvariantCulture, $"{minutes / 60}{Nbsp}h{Nbsp}{minutes % 60:00}{Nbsp}min"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{minutes / 1440}{Nbsp}d{Nbsp}{minutes % 1440 / 60:00}{Nbsp}h"),
        };
    }

    /// <summary>Seconds as a duration; "–" where they are unknown or too many to mean something.</summary>
    public static string Seconds(double seconds) =>
        double.IsFinite(seconds) && Math.Abs(seconds) < 1e9 ? Duration(TimeSpan.FromSeconds(seconds)) : Nothing;

    /// <summary>"1 move", "12 moves".</summary>
    public static string Of(long count, string one, string? many = null) => Count(count) + Nbsp + (count == 1 ? one : many ?? one + "s");

    /// <summary>"12 moves", "1 leader and 12 moves", "2 leaders": what a plan does.</summary>
    public static string Actions(Api.Model.PlanSummary plan) =>
        plan.Transfers == 0 ? Of(plan.Moves, "move") : plan.Moves == 0 ? Of(plan.Transfers, "leader") : $"{Of(plan.Transfers, "leader")} and {Of(plan.Moves, "move")}";

    /// <summary>"none", "one", "two" … "ten", then digits: for sentences.</summary>
    public static string Word(long count) =>
        count is >= 0 and <= 10 ? ((string[])["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])[count] : Count(count);

    /// <summary>Its first letter in upper case.</summary>
    public static string Sentence(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
}
