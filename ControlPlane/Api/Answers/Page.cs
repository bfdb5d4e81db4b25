namespace ShardConsole.ControlPlane.Api.Answers;

/// <summary>Some rows of a longer list.</summary>
/// <param name="Next">What the next page is asked with: an offset, or for the audit the value of "before"; null on the last page.</param>
/// <param name="Total">Rows of the whole list; null where nobody counted.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, long? Next, int? Total)
{
    /// <summary>The page of a list that is at hand.</summary>
    public static Page<T> Of(IReadOnlyList<T> all, int offset, int limit) => new(
        [.. all.Skip(offset).Take(limit)], (long)offset + limit < all.Count ? (long)offset + limit : null, all.Count);
}
