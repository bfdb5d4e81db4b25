using ShardConsole.ControlPlane.Api.Answers;

namespace ShardConsole.ControlPlane.Api.Requests;

/// <summary>How a caller asks for a page of a list: ?limit= and ?cursor=, or ?offset= as older callers do.</summary>
/// <param name="Limit">Rows at most.</param>
/// <param name="Offset">Rows to leave out; 0 where a cursor is given.</param>
/// <param name="After">Where reading goes on; null: from the beginning, or from the offset.</param>
internal readonly record struct Paging(int Limit, int Offset, PagePlace? After)
{
    /// <summary>What the documents say of it.</summary>
    public const string Words = "limit: rows of the page. cursor: the answer's cursor, for the page after it; it stays right while rows are added. The header Link names the next page.";

    /// <summary>The same where the answer is a plain array.</summary>
    public const string ArrayWords = "limit and cursor may be left out for all rows. With them the answer is one page, and the header Link names the next one.";

    private const int MaxOffset = 1_000_000;
    private const int ArrayLimit = 100;
    private const int MaxArrayLimit = 1000;

    /// <summary>Reads and checks them.</summary>
    /// <param name="list">Name of the list, as its cursors quote it.</param>
    public static Paging Read(RequestCheck check, string list, int? limit, string? cursor, int? offset, int otherwise, int max)
    {
        var count = check.Number("limit", limit, otherwise, 1, max);
        var from = check.Number("offset", offset, 0, 0, MaxOffset);
        PagePlace place = default;
        if (cursor is not null && !PageCursor.TryRead(list, cursor, out place))
        {
            check.Add("cursor", "It is no cursor of this list; take it from an answer of this list, or leave it out for the first page.");
        }

        if (cursor is not null && offset is not null)
        {
            check.Add("offset", "It does not go with a cursor; leave one of them out.");
        }

        return new Paging(count, from, cursor is null ? null : place);
    }

    /// <summary>The page of a list that is at hand and whose order changes: a cursor of it is a place.</summary>
    public static Paging ReadByPlace(RequestCheck check, int? limit, string? cursor, int? offset, int otherwise, int max)
    {
        var paging = Read(check, PageCursor.ByPlace, limit, cursor, offset, otherwise, max);
        return paging.After is { Order: >= 0 and <= int.MaxValue } at ? paging with { Offset = (int)at.Order, After = null } : paging;
    }

    /// <summary>The page of a list that is at hand, the largest order first.</summary>
    public Page<T> Of<T>(string list, IEnumerable<T> all, Func<T, long> order, Func<T, string> key, HttpContext http)
    {
        var sorted = all.OrderByDescending(order).ThenBy(key, StringComparer.Ordinal).ToList();
        var first = After is { } after ? sorted.TakeWhile(r => order(r) > after.Order || (order(r) == after.Order && string.CompareOrdinal(key(r), after.Key) <= 0)).Count() : Offset;
        var items = sorted.Skip(first).Take(Limit).ToList();
        var more = first + items.Count < sorted.Count && items.Count > 0;
        var cursor = more ? PageCursor.Of(list, order(items[^1]), key(items[^1])) : null;
        Link(http, cursor);
        return new Page<T>(items, more ? first + items.Count : null, sorted.Count, cursor);
    }

    /// <summary>The same for lists whose answers have been plain arrays: all rows where neither limit nor cursor is given, else the rows of a page, and its cursor in the headers.</summary>
    public static IResult Rows<T>(string list, IEnumerable<T> all, Func<T, long> order, Func<T, string> key, int? limit, string? cursor, HttpContext http)
    {
        if (limit is null && cursor is null)
        {
            return Results.Ok(all);
        }

        var check = new RequestCheck();
        var paging = Read(check, list, limit, cursor, null, ArrayLimit, MaxArrayLimit);
        return check.Refusal ?? Results.Ok(paging.Of(list, all, order, key, http).Items);
    }

    /// <summary>Says in the header Link where the next page is (RFC 8288), for lists whose answers are plain arrays too.</summary>
    public static void Link(HttpContext http, string? cursor)
    {
        if (cursor is null)
        {
            return;
        }

        var query = http.Request.Query.Where(q => q.Key is not ("cursor" or "offset" or "before"))
            .SelectMany(q => q.Value.Select(v => $"{Uri.EscapeDataString(q.Key)}={Uri.EscapeDataString(v ?? "")}")).Append($"cursor={cursor}");
        http.Response.Headers.Link = $"<{http.Request.Path}?{string.Join('&', query)}>; rel=\"next\"";
    }
}
