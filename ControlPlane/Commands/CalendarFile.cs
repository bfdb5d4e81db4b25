using System.Globalization;
using System.IO.Enumeration;
using ShardConsole.ControlPlane.Forecasting.Events;

namespace ShardConsole.ControlPlane.Commands;

/// <summary>
/// Reads the events of the forecast command: name,series,rule,minutes,factor,zone. The series is a name with * and ?; the factor a number or "learn"; the zone may be
/// empty or left out (UTC). Everything that is wrong is a <see cref="StartupException"/> that names the line.
/// </summary>
internal sealed class CalendarFile
{
    /// <summary>Rows that a file may have.</summary>
    private const int MaxRows = 10_000;

    private readonly List<(string Series, CalendarEvent Event)> rows = [];

    private CalendarFile()
    {
    }

    /// <summary>A calendar without events.</summary>
    public static CalendarFile None { get; } = new();

    /// <summary>Reads a file.</summary>
    public static CalendarFile Read(string path)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"--events {path} cannot be read: {e.Message}");
        }

        if (lines.Length == 0 || lines[0].TrimStart('\ufeff').Split(',') is not ["name", "series", "rule", "minutes", "factor", ..])
        {
            throw new StartupException($"{path}, line 1: the header must be name,series,rule,minutes,factor,zone.");
        }

        if (lines.Length > MaxRows + 1)
        {
            throw new StartupException($"{path}, line {MaxRows + 2}: there are more than {MaxRows} events.");
        }

        var calendar = new CalendarFile();
        for (var k = 1; k < lines.Length; k++)
        {
            calendar.rows.Add(Parse(lines[k], what => new StartupException($"{path}, line {k + 1}: {what}.")));
        }

        return calendar;
    }

    /// <summary>The events of one series.</summary>
    public IReadOnlyList<CalendarEvent> Of(string series) =>
        [.. rows.Where(r => FileSystemName.MatchesSimpleExpression(r.Series, series, ignoreCase: false)).Select(r => r.Event)];

    private static (string Series, CalendarEvent Event) Parse(string line, Func<string, StartupException> wrong)
    {
        var fields = line.Split(',');
        if (fields.Length is < 5 or > 6)
        {
            throw wrong($"'{line}' is not name,series,rule,minutes,factor,zone");
        }

        if (!EventRule.TryParse(fields[2], out var rule))
        {
            throw wrong($"the rule '{fields[2]}' is none; it is {EventRule.Forms}");
        }

        if (!double.TryParse(fields[3], NumberStyles.Float, CultureInfo.InvariantCulture, out var minutes) || !(minutes > 0 && minutes <= CalendarEvent.MaxLength.TotalMinutes))
        {
            throw wrong($"'{fields[3]}' minutes are outside (0, {CalendarEvent.MaxLength.TotalMinutes}]");
        }

        double? factor = null;
        if (fields[4] != "learn")
        {
            factor = double.TryParse(fields[4], NumberStyles.Float, CultureInfo.InvariantCulture, out var told) && told is >= 1 / CalendarEvent.MaxFactor and <= CalendarEvent.MaxFactor
                ? told
                : throw wrong($"the factor '{fields[4]}' is neither 'learn' nor a number from {1 / CalendarEvent.MaxFactor} to {CalendarEvent.MaxFactor}");
        }

        var name = fields.Length == 6 && fields[5].Length > 0 ? fields[5] : "UTC";
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone))
        {
            throw wrong($"the zone '{name}' is not known here; use a name like Europe/Berlin, or UTC");
        }

        return (fields[1], new CalendarEvent(fields[0], rule, TimeSpan.FromMinutes(minutes), zone, factor));
    }
}
