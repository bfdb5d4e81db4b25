using System.Globalization;

namespace ShardConsole.ControlPlane.Dashboard.Text;

/// <summary>Times in the viewer's zone, 24 hours. One per circuit; UTC until the browser has named its zone. Not safe for concurrent use.</summary>
internal sealed class DisplayZone
{
    /// <summary>The zone that times are shown in.</summary>
    public TimeZoneInfo Zone { get; private set; } = TimeZoneInfo.Utc;

    /// <summary>Its name: "Europe/Berlin".</summary>
    public string Name => Zone == TimeZoneInfo.Utc ? "UTC" : Zone.Id;

    /// <summary>Takes the browser's IANA name; an unknown one leaves the zone as it is.</summary>
    public bool TrySet(string? ianaName)
    {
        if (ianaName is null || !TimeZoneInfo.TryFindSystemTimeZoneById(ianaName, out var zone))
        {
            return false;
        }

        Zone = zone;
        return true;
    }

    /// <summary>"03:10"; in the doubled hour at the end of daylight saving with its offset, "02:30 +01:00".</summary>
    public string Clock(DateTimeOffset at)
    {
        var local = TimeZoneInfo.ConvertTime(at, Zone);
        var text = local.ToString("HH:mm", CultureInfo.InvariantCulture);
        return Zone.IsAmbiguousTime(local.DateTime) ? text + local.ToString(" zzz", CultureInfo.InvariantCulture) : text;
    }

    /// <summary>As <see cref="Clock(DateTimeOffset)"/>, "–" for none.</summary>
    public string Clock(DateTimeOffset? at) => at is { } value ? Clock(value) : Show.Nothing;

    /// <summary>"03:10:05".</summary>
    public string ClockSeconds(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, Zone).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>The same day "03:10", within the six days around "Wed 18:40", else "12 Nov 18:40".</summary>
    public string When(DateTimeOffset at, DateTimeOffset now)
    {
        var days = (TimeZoneInfo.ConvertTime(at, Zone).Date - TimeZoneInfo.ConvertTime(now, Zone).Date).Days;
        var day = days switch
        {
            0 => "",
            >= -6 and <= 6 => TimeZoneInfo.ConvertTime(at, Zone).ToString("ddd ", CultureInfo.InvariantCulture),
            _ => TimeZoneInfo.ConvertTime(at, Zone).ToString("d MMM ", CultureInfo.InvariantCulture),
        };
        return day + Clock(at);
    }

    /// <summary>As <see cref="When(DateTimeOffset, DateTimeOffset)"/>, "–" for none.</summary>
    public string When(DateTimeOffset? at, DateTimeOffset now) => at is { } value ? When(value, now) : Show.Nothing;

    /// <summary>"now", "20 s ago", "2 min ago" within the hour, then the time.</summary>
    public string Age(DateTimeOffset at, DateTimeOffset now)
    {
        var age = now - at;
        return age.TotalSeconds < 1 ? "now" : age < TimeSpan.FromHours(1) ? Show.Duration(age) + " ago" : When(at, now);
    }

    /// <summary>"Thu 19 Nov 2026, 03:10".</summary>
    public string Full(DateTimeOffset at) =>
        TimeZoneInfo.ConvertTime(at, Zone).ToString("ddd d MMM yyyy, ", CultureInfo.InvariantCulture) + Clock(at);

    /// <summary>UTC with milliseconds, for tooltips.</summary>
    public static string Utc(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss.fff 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>"04:09 (± 20 s)"; "–" while the remaining time is unknown.</summary>
    public string Eta(DateTimeOffset now, double seconds, double spreadSeconds) =>
        double.IsFinite(seconds) && seconds < 1e8
            ? Clock(now.AddSeconds(seconds)) + (double.IsFinite(spreadSeconds) ? " (±\u00A0" + Show.Seconds(spreadSeconds) + ")" : "")
            : Show.Nothing;
}
