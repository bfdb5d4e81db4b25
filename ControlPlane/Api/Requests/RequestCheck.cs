using System.Globalization;
using ShardConsole.ControlPlane.Api.Answers;

namespace ShardConsole.ControlPlane.Api.Requests;

/// <summary>Collects what is wrong with a request, field by field, so that all of it is answered at once.</summary>
internal sealed class RequestCheck
{
    private readonly Dictionary<string, string[]> problems = [];

    /// <summary>The 400 that names each field, or null when nothing is wrong.</summary>
    public IResult? Refusal => problems.Count == 0 ? null : Refusals.Invalid(problems);

    /// <summary>Notes a problem of a field; the first one of a field counts.</summary>
    public void Add(string field, string problem) => problems.TryAdd(field, [problem]);

    /// <summary>A whole number in a range, or <paramref name="otherwise"/> where it is left out.</summary>
    public int Number(string field, int? value, int otherwise, int min, int max)
    {
        if (value is { } given && (given < min || given > max))
        {
            Add(field, $"{given} is outside {min}..{max}.");
        }

        return value ?? otherwise;
    }

    /// <summary>A moment in ISO 8601 or Unix seconds, or <paramref name="otherwise"/> where it is left out.</summary>
    public DateTimeOffset Time(string field, string? text, DateTimeOffset otherwise)
    {
        if (string.IsNullOrEmpty(text))
        {
            return otherwise;
        }

        // A "+" of an offset that was not escaped arrives as a space.
        if (DateTimeOffset.TryParse(text.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at)
            || DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out at))
        {
            return at;
        }

        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) && seconds is > -62_135_596_800 and < 253_402_300_800)
        {
            return DateTimeOffset.FromUnixTimeSeconds(seconds);
        }

        Add(field, $"\"{text}\" is no moment; use ISO 8601 (2026-03-02T12:00:00Z) or Unix seconds.");
        return otherwise;
    }

    /// <summary>A word of an enumeration, in any case, or <paramref name="otherwise"/> where it is left out.</summary>
    public T Word<T>(string field, string? text, T otherwise)
        where T : struct, Enum
    {
        if (string.IsNullOrEmpty(text))
        {
            return otherwise;
        }

        if (char.IsAsciiLetter(text[0]) && Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value))
        {
            return value;
        }

        Add(field, $"\"{text}\" is none of {string.Join(", ", Enum.GetNames<T>().Select(n => char.ToLowerInvariant(n[0]) + n[1..]))}.");
        return otherwise;
    }

    /// <summary>A text of bounded length; empty where it is left out.</summary>
    public string Text(string field, string? text, int min, int max)
    {
        var trimmed = text?.Trim() ?? "";
        if (trimmed.Length < min || trimmed.Length > max)
        {
            Add(field, min == 0 ? $"At most {max} characters." : $"{min} to {max} characters are needed.");
        }

        return trimmed;
    }
}
