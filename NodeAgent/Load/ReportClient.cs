using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ShardConsole.NodeAgent.Admin;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Load;

/// <summary>What became of one post.</summary>
internal enum PostOutcome
{
    /// <summary>Taken, now or before.</summary>
    Delivered,

    /// <summary>Will never be taken: another cluster, or unreadable there.</summary>
    Refused,

    /// <summary>Not reached, or not able at the moment.</summary>
    Away,
}

/// <summary>Posts the buffered reports to the control plane, one after the other, and tries again with growing pauses while it is away.</summary>
internal sealed partial class ReportClient(
    LoadOptions options, ReportBuffer buffer, HttpClient http, TimeProvider time, ILogger<ReportClient> log) : BackgroundService, IMetricsSource
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private long delivered;
    private long refused;
    private long failed;

    /// <summary>What a status says; null: no answer.</summary>
    internal static PostOutcome Judge(HttpStatusCode? status) => status switch
    {
        null => PostOutcome.Away,
        >= HttpStatusCode.OK and < HttpStatusCode.Ambiguous => PostOutcome.Delivered,

        // The key may be put right there without a restart here, and the limits of a moment pass.
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests => PostOutcome.Away,
        >= HttpStatusCode.InternalServerError => PostOutcome.Away,
        _ => PostOutcome.Refused,
    };

    /// <summary>Pause after the given number of failures in a row, 1 and more.</summary>
    internal static TimeSpan Pause(LoadOptions options, int failures) =>
        TimeSpan.FromMilliseconds(Math.Min(options.RetryMaxMs, options.RetryMs * Math.Pow(2, Math.Min(failures - 1, 20))));

    /// <inheritdoc/>
    public IEnumerable<Metric> Metrics()
    {
        yield return Metric.Counter("shardconsole_reports_delivered_total", "Load reports that the control plane took.", Volatile.Read(ref delivered));
        yield return Metric.Counter("shardconsole_reports_refused_total", "Load reports that the control plane refused for good.", Volatile.Read(ref refused));
        yield return Metric.Counter("shardconsole_reports_failed_posts_total", "Posts without a usable answer.", Volatile.Read(ref failed));
        yield return Metric.Counter("shardconsole_reports_dropped_total", "Load reports dropped because too many waited.", buffer.Dropped);
        yield return Metric.Gauge("shardconsole_reports_waiting", "Load reports that wait for the control plane.", buffer.Count);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failures = 0;
        try
        {
            while (true)
            {
                if (!buffer.TryPeek(out var report))
                {
                    await buffer.WaitAsync(stoppingToken);
                    continue;
                }

                var status = await PostAsync(report, stoppingToken);
                var outcome = Judge(status);
                if (outcome == PostOutcome.Away)
                {
                    Interlocked.Increment(ref failed);
                    if (++failures == 1)
                    {
                        Away(log, http.BaseAddress, status, options.BufferedReports);
                    }

                    await Task.Delay(Pause(options, failures), time, stoppingToken);
                    continue;
                }

                Note(outcome, status, report, failures);
                failures = 0;
                buffer.Remove(report);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop; what still waits is a gap.
        }
    }

    private void Note(PostOutcome outcome, HttpStatusCode? status, LoadReport report, int failures)
    {
        if (outcome == PostOutcome.Delivered)
        {
            Interlocked.Increment(ref delivered);
            if (failures > 0)
            {
                Back(log, http.BaseAddress, buffer.Count);
            }
        }
        else if (Interlocked.Increment(ref refused) == 1)
        {
            Refused(log, http.BaseAddress, status, report.ClusterId);
        }
    }

    private async Task<HttpStatusCode?> PostAsync(LoadReport report, CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(options.PostTimeoutMs);
        using var content = new ByteArrayContent(Body(report));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        try
        {
            using var answer = await http.PostAsync(AdminRoutes.LoadIntake, content, limit.Token);
            return answer.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !stopping.IsCancellationRequested))
        {
            return null;
        }
    }

    private static byte[] Body(LoadReport report)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest))
        {
            JsonSerializer.Serialize(gzip, report, Json);
        }

        return bytes.ToArray();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The control plane at {Address} does not take load reports ({Status}); up to {Limit} are kept")]
    private static partial void Away(ILogger logger, Uri? address, HttpStatusCode? status, int limit);

    [LoggerMessage(Level = LogLevel.Information, Message = "The control plane at {Address} takes load reports again; {Waiting} wait")]
    private static partial void Back(ILogger logger, Uri? address, int waiting);

    [LoggerMessage(Level = LogLevel.Error, Message = "The control plane at {Address} refuses the reports of cluster {ClusterId} ({Status}); is it that of another cluster?")]
    private static partial void Refused(ILogger logger, Uri? address, HttpStatusCode? status, string clusterId);
}
