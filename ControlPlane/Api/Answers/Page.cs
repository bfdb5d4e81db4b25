namespace ShardConsole.ControlPlane.Api.Answers;

/// <summary>Some rows of a longer list.</summary>
/// <param name="Next">What the next page is asked with by older callers: an offset, or for the audit the value of "before"; null on the last page.</param>
/// <param name="Total">Rows of the whole list; null where nobody counted.</param>
/// <param name="Cursor">What the next page is asked with (?cursor=); null on the last page. It stays right while rows are added.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, long? Next, int? Total, string? Cursor = null)
{
    /// <summary>The page of a list that is at hand, by place: for lists whose order is a weight that changes.</summary>
    public static Page<T> Of(IReadOnlyList<T> all, int offset, int limit) => new(
        [.. all.Skip(offset).Take(limit)], (long)offset + limit < all.Count ? (long)offset + limit : null, all.Count,
        (long)offset + limit < all.Count ? PageCursor.Of(PageCursor.ByPlace, offset + limit, "") : null);
}
