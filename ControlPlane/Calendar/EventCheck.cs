using System.Globalization;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Forecasting.Events;

namespace ShardConsole.ControlPlane.Calendar;

/// <summary>An event with what it concerns.</summary>
/// <param name="Id">Row of the calendar.</param>
/// <param name="FactorInForce">Null while nothing is known.</param>
internal sealed record ScopedEvent(long Id, CalendarEvent Event, EventScope Scope, double? FactorInForce);

/// <summary>Reads events from words, with what is wrong with them.</summary>
internal static class EventCheck
{
    private const int MaxName = 100;

    /// <summary>The first problem as "field: what is wrong"; null when there is none.</summary>
    public static string? Problem(EventInput input, int segmentCount)
    {
        if (input.Name.Length is 0 or > MaxName)
        {
            return $"name: 1 to {MaxName} characters are needed.";
        }

        if (!EventRule.TryParse(input.Rule, out _))
        {
            return $"rule: \"{input.Rule}\" is none; it is {EventRule.Forms}.";
        }

        if (!(input.Minutes > 0 && input.Minutes <= CalendarEvent.MaxLength.TotalMinutes))
        {
            return string.Create(CultureInfo.InvariantCulture, $"minutes: {input.Minutes} is outside (0, {CalendarEvent.MaxLength.TotalMinutes}].");
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(input.Zone, out _))
        {
            return $"zone: \"{input.Zone}\" is no time zone; use an IANA name such as Europe/Berlin.";
        }

        if (input.Factor is { } factor && !(factor >= 1 / CalendarEvent.MaxFactor && factor <= CalendarEvent.MaxFactor))
        {
            return string.Create(CultureInfo.InvariantCulture, $"factor: {factor} is outside {1 / CalendarEvent.MaxFactor}..{CalendarEvent.MaxFactor}; leave it out to learn it.");
        }

        var (scope, problem) = EventScope.Parse(input.Scope, segmentCount);
        return scope is null ? $"scope: {problem}." : null;
    }

    /// <summary>A row as an event; null where a row of another time cannot be read any more (a zone that this machine lacks, another number of segments).</summary>
    public static ScopedEvent? Read(EventRow row, int segmentCount)
    {
        if (!EventRule.TryParse(row.Rule, out var rule) || !TimeZoneInfo.TryFindSystemTimeZoneById(row.Zone, out var zone) || EventScope.Parse(row.Scope, segmentCount).Scope is not { } scope)
        {
            return null;
        }

        return new ScopedEvent(row.Id, new CalendarEvent(row.Name, rule, TimeSpan.FromSeconds(row.LengthSeconds), zone, row.Factor), scope, row.FactorInForce);
    }
}
