using Microsoft.Extensions.Primitives;

namespace ShardConsole.ControlPlane.Api.Requests;

/// <summary>The headers If-Match and If-None-Match.</summary>
internal static class EntityTag
{
    /// <summary>Whether the header names the tag, or any tag.</summary>
    public static bool Names(StringValues header, string etag) =>
        header.Any(line => line is not null && line.Split(',', StringSplitOptions.TrimEntries).Any(t => t == "*" || Strong(t) == etag));

    /// <summary>The one tag that If-Match quotes; null where the caller sends none. Quotes may be left out.</summary>
    public static string? Quoted(string? header)
    {
        var text = Strong(header?.Trim() ?? "");
        return text.Length == 0 ? null : text == "*" || text.StartsWith('"') ? text : $"\"{text}\"";
    }

    private static string Strong(string tag) => tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag;
}
