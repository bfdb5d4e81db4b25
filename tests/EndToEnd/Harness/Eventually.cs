namespace ShardConsole.EndToEnd.Harness;

/// <summary>Waits for something that can be seen. The limit only guards against hanging: no result depends on it.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(240);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>Ends when the condition holds. A look that fails (a node is down) counts as not yet.</summary>
    /// <param name="what">What is waited for, for the failure's message.</param>
    /// <param name="condition">Looks once.</param>
    /// <param name="evidence">Added to the failure's message.</param>
    public static Task TrueAsync(string what, Func<Task<bool>> condition, Func<string>? evidence = null) =>
        ValueAsync(what, async () => await condition() ? "" : null, evidence);

    /// <summary>Ends with the first value that is not null.</summary>
    public static async Task<T> ValueAsync<T>(string what, Func<Task<T?>> look, Func<string>? evidence = null)
        where T : class
    {
        var begin = TimeProvider.System.GetTimestamp();
        Exception? last = null;
        while (TimeProvider.System.GetElapsedTime(begin) < Guard)
        {
            try
            {
                if (await look() is { } found)
                {
                    return found;
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException or TimeoutException)
            {
                last = e;
            }

            await Task.Delay(Look);
        }

        throw new TimeoutException($"Waited {Guard.TotalSeconds:0} s for: {what}. Last failure: {last?.Message ?? "none"}.\n{evidence?.Invoke()}");
    }
}
