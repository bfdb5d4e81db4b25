using System.Globalization;
using System.Threading.RateLimiting;
using ShardConsole.ControlPlane.Api.Answers;

namespace ShardConsole.ControlPlane.Api.Callers;

/// <summary>A token bucket per caller for REST, hub and signing in: by name where it is signed in, by address where not. Pages and scripts are not counted.</summary>
internal static class CallerLimits
{
    private static readonly PathString[] Counted = ["/api", "/hubs", "/session", "/setup", "/password-reset"];

    /// <summary>Adds the limiter; <c>UseRateLimiter</c> goes after authentication.</summary>
    public static IServiceCollection AddCallerLimits(this IServiceCollection services, ApiOptions options) => services.AddRateLimiter(limiter =>
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => PartitionOf(context, options));
        limiter.OnRejected = async (rejected, _) =>
        {
            var seconds = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)) : 1;
            rejected.HttpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            await Refusals.Problem(StatusCodes.Status429TooManyRequests, "rate", $"Too many requests from this caller; again in {seconds} s.").ExecuteAsync(rejected.HttpContext);
        };
    });

    private static RateLimitPartition<string> PartitionOf(HttpContext context, ApiOptions options)
    {
        if (!Counted.Any(p => context.Request.Path.StartsWithSegments(p)))
        {
            return RateLimitPartition.GetNoLimiter("");
        }

        return context.User.Identity is { IsAuthenticated: true, Name: { } name }
            ? Bucket($"name {name}", options.RequestsPerSecond, options.RequestBurst)
            : Bucket($"address {context.Connection.RemoteIpAddress}", options.AnonymousPerSecond, options.AnonymousBurst);
    }

    private static RateLimitPartition<string> Bucket(string caller, int perSecond, int burst) => RateLimitPartition.GetTokenBucketLimiter(
        caller, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = burst,
            TokensPerPeriod = perSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
            AutoReplenishment = true,
        });
}
