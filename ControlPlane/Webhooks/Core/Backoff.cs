namespace ShardConsole.ControlPlane.Webhooks.Core;

/// <summary>What is done after an attempt that was not taken.</summary>
internal static class Backoff
{
    private const int Gone = 410;

    /// <summary>How long to wait before the next attempt; null: give up.</summary>
    /// <param name="attempts">Attempts so far, from 1.</param>
    /// <param name="status">HTTP status of the last one; 0 where no answer came. 410 says that nobody will ever take it.</param>
    /// <param name="retryAfter">What the receiver asked for; counts where it is longer, up to the longest wait.</param>
    /// <param name="chance">0..1; spreads the wait by a fifth to both sides, so that many webhooks of one receiver do not come back together.</param>
    public static TimeSpan? Next(int attempts, int status, TimeSpan? retryAfter, double chance, WebhookOptions options)
    {
        if (attempts >= options.MaxAttempts || status == Gone)
        {
            return null;
        }

        var longest = TimeSpan.FromSeconds(options.MaxRetrySeconds);
        var wait = TimeSpan.FromSeconds(Math.Min(options.MaxRetrySeconds, options.FirstRetrySeconds * Math.Pow(2, attempts - 1)) * (0.8 + (0.4 * chance)));
        wait = retryAfter > wait ? retryAfter.Value : wait;
        return wait < longest ? wait : longest;
    }
}
