using System.Globalization;
using StackExchange.Redis;

namespace ShardConsole.ControlPlane.Replay;

/// <summary>Replays a request log against a cluster through the Redis protocol, at a chosen speed-up.</summary>
internal sealed class ReplayRunner(ReplayOptions options, TimeProvider time)
{
    /// <summary>Lost keys that a report names.</summary>
    private const int NamedLost = 10;

    /// <summary>Sends all requests of <paramref name="log"/> that lie in the options' span, then reads back what was written.</summary>
    /// <param name="log">Requests in the order of their times.</param>
    /// <param name="progress">Called about once a second with (requests sent, log time reached, seconds behind).</param>
    /// <param name="cancellation">Ends the replay early; what was sent is still reported.</param>
    /// <exception cref="ClusterSilentException">No node answered anything for <see cref="ReplayOptions.RetrySeconds"/>.</exception>
    public async Task<ReplayReport> RunAsync(
        IEnumerable<LoggedRequest> log, Action<long, DateTimeOffset, double> progress, CancellationToken cancellation)
    {
        var multiplexers = await ConnectAsync();
        using var silence = new ClusterSilence(options.RetrySeconds, time);
        try
        {
            var workers = Enumerable.Range(0, options.Workers)
                .Select(i => new ReplayWorker(options, multiplexers[i % multiplexers.Count].GetDatabase(), silence, time)).ToArray();
            var running = Task.WhenAll(workers.Select(w => w.RunAsync(silence.IsOver)));
            var started = time.GetTimestamp();
            var sent = await DispatchAsync(log, workers, progress, silence.IsOver, cancellation);
            foreach (var worker in workers)
            {
                worker.Complete();
            }

            await running;
            var seconds = time.GetElapsedTime(started).TotalSeconds;
            if (options.Verify)
            {
                await Task.WhenAll(workers.Select(w => w.VerifyAsync(silence.IsOver)));
            }

            return Report(workers, sent, seconds);
        }
        catch (OperationCanceledException) when (silence.IsOver.IsCancellationRequested)
        {
            throw new ClusterSilentException(string.Create(
                CultureInfo.InvariantCulture, $"No node answered anything for {options.RetrySeconds} s: the replay was given up. See whether the nodes at {string.Join(", ", options.Endpoints)} run, and start it again."));
        }
        finally
        {
            foreach (var multiplexer in multiplexers)
            {
                await multiplexer.DisposeAsync();
            }
        }
    }

    private async Task<Sent> DispatchAsync(
        IEnumerable<LoggedRequest> log, ReplayWorker[] workers, Action<long, DateTimeOffset, double> progress, CancellationToken silent, CancellationToken cancellation)
    {
        var sent = new Sent();
        DateTimeOffset? first = null;
        var started = time.GetTimestamp();
        var reported = started;
        foreach (var request in AmplifiedLog.Of(log, options.Amplify, options.SpreadSeconds))
        {
            if (request.At < options.From || cancellation.IsCancellationRequested)
            {
                continue;
            }

            if (request.At >= options.To)
            {
                break;
            }

            // The schedule starts where the span starts, so that two replays of one span keep the same pace.
            first ??= options.From ?? request.At;
            var due = (request.At - first.Value) / options.SpeedUp;
            var early = due - time.GetElapsedTime(started);
            if (early > TimeSpan.FromMilliseconds(1))
            {
                await Task.Delay(early, time, silent);
            }

            sent.LogSeconds = (request.At - first.Value).TotalSeconds;
            sent.MaxLagSeconds = Math.Max(sent.MaxLagSeconds, -early.TotalSeconds);
            sent.Requests++;
            var isWrite = request.Of.IsWrite || DerivedKeys.TurnsIntoWrite(sent.Requests, options.WriteShare);
            sent.Writes += isWrite ? 1 : 0;
            var key = DerivedKeys.Of(request.Of.Key, request.Copy);
            var worker = workers[(uint)string.GetHashCode(key, StringComparison.Ordinal) % (uint)workers.Length];
            await worker.AddAsync(key, isWrite ? sent.Requests : 0, silent);

            if (time.GetElapsedTime(reported).TotalSeconds >= 1)
            {
                reported = time.GetTimestamp();
                progress(sent.Requests, request.At, Math.Max(0, -early.TotalSeconds));
            }
        }

        return sent;
    }

    private ReplayReport Report(ReplayWorker[] workers, Sent sent, double seconds)
    {
        var latencies = new LatencyHistogram();
        var kinds = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var worker in workers)
        {
            latencies.Add(worker.Latencies);
            foreach (var (kind, count) in worker.Errors)
            {
                kinds[kind] = kinds.GetValueOrDefault(kind) + count;
            }
        }

        return new ReplayReport(
            sent.Requests, sent.Writes, kinds.Values.Sum(), workers.Sum(w => w.Retries), seconds, sent.LogSeconds, sent.MaxLagSeconds,
            latencies.Quantile(0.5), latencies.Quantile(0.99), latencies.Quantile(0.999), latencies.Max,
            workers.Sum(w => w.VerifiedKeys), workers.Sum(w => (long)w.Lost.Count), [.. workers.SelectMany(w => w.Lost).Take(NamedLost)], kinds);
    }

    private async Task<List<ConnectionMultiplexer>> ConnectAsync()
    {
        var configuration = new ConfigurationOptions
        {
            AbortOnConnectFail = true,
            ConnectRetry = 5,
            AsyncTimeout = 5000,
            AllowAdmin = false,
            ClientName = "shardconsole-replay",
        };
        foreach (var endpoint in options.Endpoints)
        {
            configuration.EndPoints.Add(endpoint);
        }

        var multiplexers = new List<ConnectionMultiplexer>();
        for (var i = 0; i < options.Connections; i++)
        {
            multiplexers.Add(await ConnectionMultiplexer.ConnectAsync(configuration));
        }

        return multiplexers;
    }

    private sealed class Sent
    {
        public long Requests { get; set; }

        public long Writes { get; set; }

        public double LogSeconds { get; set; }

        public double MaxLagSeconds { get; set; }
    }
}
