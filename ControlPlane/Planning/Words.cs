using System.Globalization;

namespace ShardConsole.ControlPlane.Planning;

/// <summary>Figures as they stand in reasons.</summary>
internal static class Words
{
    /// <summary>"640 B", "12.4 MB", "2.1 GB".</summary>
    public static string Bytes(long bytes)
    {
        var c = CultureInfo.InvariantCulture;
        return bytes switch
        {
            >= 1_000_000_000 => (bytes / 1e9).ToString("0.0", c) + " GB",
            >= 1_000_000 => (bytes / 1e6).ToString("0.0", c) + " MB",
            >= 1_000 => (bytes / 1e3).ToString("0.0", c) + " kB",
            _ => bytes.ToString(c) + " B",
        };
    }

    /// <summary>"137 mcore", one digit below 10.</summary>
    public static string Millicores(double value) => Number(value) + " mcore";

    /// <summary>Whole from 10 on, one digit below.</summary>
    public static string Number(double value) => value.ToString(Math.Abs(value) < 10 ? "0.0" : "0", CultureInfo.InvariantCulture);

    /// <summary>"3 moves", "1 transfer of leadership", "1 transfer of leadership and 3 moves".</summary>
    public static string Actions(int moves, int transfers)
    {
        var c = CultureInfo.InvariantCulture;
        var leadership = string.Create(c, $"{transfers} {(transfers == 1 ? "transfer" : "transfers")} of leadership");
        var segments = string.Create(c, $"{moves} {(moves == 1 ? "move" : "moves")}");
        return transfers == 0 ? segments : moves == 0 ? leadership : $"{leadership} and {segments}";
    }

    /// <summary>"73 %".</summary>
    public static string Percent(double ratio) => (100 * ratio).ToString("0", CultureInfo.InvariantCulture) + " %";

    /// <summary>"08:55", with the day where it is not <paramref name="now"/>'s.</summary>
    public static string Time(DateTimeOffset at, DateTimeOffset now) =>
        at.ToString(at.Date == now.Date ? "HH:mm" : "d MMM HH:mm", CultureInfo.InvariantCulture);
}
