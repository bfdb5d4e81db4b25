using System.Text;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Forecasting.Events;

/// <summary>Which segments an event concerns: "all", "segments 3,7-9", or "keys {sale}*".</summary>
/// <param name="Text">As it was given.</param>
/// <param name="Segments">Null: all.</param>
internal sealed record EventScope(string Text, IReadOnlyList<SegmentId>? Segments)
{
    /// <summary>Everything.</summary>
    public static readonly EventScope All = new("all", null);

    /// <summary>Reads a scope; what is wrong with it otherwise.</summary>
    /// <param name="segmentCount">Segments of the cluster.</param>
    public static (EventScope? Scope, string Problem) Parse(string text, int segmentCount)
    {
        var words = text.Trim().Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words switch
        {
            ["all"] => (All, ""),
            ["segments", var list] => OfList(text.Trim(), list, segmentCount),
            ["keys", var pattern] => OfPattern(text.Trim(), pattern, segmentCount),
            _ => (null, $"the scope '{text}' is none; it is 'all', 'segments 3,7-9' or 'keys {{sale}}*'"),
        };
    }

    private static (EventScope? Scope, string Problem) OfList(string text, string list, int segmentCount)
    {
        var found = new SortedSet<ushort>();
        foreach (var part in list.Split(',', StringSplitOptions.TrimEntries))
        {
            var ends = part.Split('-');
            if (ends.Length > 2 || !ushort.TryParse(ends[0], out var from) || !ushort.TryParse(ends[^1], out var to) || from > to || to >= segmentCount)
            {
                return (null, $"'{part}' is no segment or range of segments; they are 0..{segmentCount - 1}, as in 'segments 3,7-9'");
            }

            for (var s = from; s <= to; s++)
            {
                found.Add(s);
            }
        }

        return (new EventScope(text, [.. found.Select(s => new SegmentId(s))]), "");
    }

    // Only the hash tag, or the whole key where there is none, says where a key lies.
    private static (EventScope? Scope, string Problem) OfPattern(string text, string pattern, int segmentCount)
    {
        var open = pattern.IndexOf('{', StringComparison.Ordinal);
        var close = open < 0 ? -1 : pattern.IndexOf('}', open + 1);
        var decisive = close > open + 1 ? pattern[open..(close + 1)] : pattern;
        if (decisive.AsSpan().IndexOfAny("*?[]\\") >= 0 || (close > open + 1 && pattern.AsSpan(0, open).Contains('[')))
        {
            return (null, $"keys like '{pattern}' lie in every segment; fix the hash tag, as in 'keys {{sale}}*', or give the scope 'all'");
        }

        var slot = Slot.Of(Encoding.UTF8.GetBytes(decisive));
        return (new EventScope(text, [new SegmentId((ushort)(slot / (Slot.Count / segmentCount)))]), "");
    }
}
