using ShardConsole.NodeAgent.Admin;

namespace ShardConsole.NodeAgent.Load;

/// <summary>
/// Closes a bucket every second: takes the counts, reads the process's use, hands a report to the buffer. The query log is open for one stretch of each bucket
/// that begins at a random moment, so that it holds whole chains of commands and does not prefer the beginning of a second.
/// </summary>
internal sealed class BucketCloser : BackgroundService, ILoadView, IMetricsSource
{
    private readonly LoadOptions options;
    private readonly LoadRecorder recorder;
    private readonly LoadTally tally;
    private readonly ReportComposer composer;
    private readonly ReportBuffer buffer;
    private readonly IStatusSource status;
    private readonly NetworkCounter peers;
    private readonly TimeProvider time;
    private readonly Random random;
    private LoadView last = LoadView.None;
    private long clientBytes;
    private long commands;

    public BucketCloser(
        LoadOptions options, LoadRecorder recorder, ReportBuffer buffer, IStatusSource status, NetworkCounter peers, TimeProvider time, Random random)
    {
        this.options = options;
        this.recorder = recorder;
        this.buffer = buffer;
        this.status = status;
        this.peers = peers;
        this.time = time;
        this.random = random;
        tally = new LoadTally(recorder);

        // Drawn at every start; a JSON number holds 53 bits exactly.
        Boot = (ulong)random.NextInt64(1, 1L << 53);
        composer = new ReportComposer(options, Boot);
    }

    /// <summary>Drawn at every start of the process.</summary>
    public ulong Boot { get; }

    /// <inheritdoc/>
    public LoadView Last => Volatile.Read(ref last);

    /// <inheritdoc/>
    public IEnumerable<Metric> Metrics()
    {
        var view = Last;
        yield return Metric.Counter("shardconsole_commands_total", "Commands served as leader.", Volatile.Read(ref commands));
        yield return Metric.Counter("shardconsole_client_bytes_total", "Request and reply bytes of served commands.", Volatile.Read(ref clientBytes));
        yield return Metric.Gauge("shardconsole_commands_per_second", "Commands served as leader in the last bucket, per second.", view.CommandsPerSecond);
        yield return new Metric(
            "shardconsole_latency_microseconds", "Service time of the last bucket's commands.", MetricKind.Gauge,
            [new MetricSample([("quantile", "0.5")], view.LatencyP50Micros), new MetricSample([("quantile", "0.99")], view.LatencyP99Micros)]);
        yield return Metric.Gauge("shardconsole_cpu_millicores", "CPU that the process used in the last bucket.", view.Use.CpuMillicores);
        yield return Metric.Gauge("shardconsole_memory_bytes", "Resident memory of the process.", view.Use.MemoryBytes);
        yield return Metric.Gauge("shardconsole_disk_bytes_per_second", "Disk I/O of the process in the last bucket.", view.Use.DiskBytesPerSecond);
        yield return Metric.Gauge("shardconsole_network_bytes_per_second", "Network I/O of the node's ports in the last bucket.", view.Use.NetworkBytesPerSecond);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var start = time.GetUtcNow();
        var before = OperatingSystemUse.Read(NetworkBytes());
        try
        {
            while (true)
            {
                var end = NextEnd(start);
                var open = start + ((end - start) * random.NextDouble() * 0.8);
                await DelayUntilAsync(open, stoppingToken);
                recorder.OpenSampling(options.SamplesPerBucket);
                await DelayUntilAsync(end, stoppingToken);
                var now = time.GetUtcNow();
                var counts = tally.Take();
                Count(counts);
                var after = OperatingSystemUse.Read(NetworkBytes());
                Close(start, now, counts, before, after);
                (start, before) = (now, after);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop; the open bucket is a gap.
        }
    }

    private void Close(DateTimeOffset start, DateTimeOffset now, BucketTally counts, ProcessTotals before, ProcessTotals after)
    {
        var input = new BucketInput(
            start.ToUnixTimeMilliseconds(), Math.Max(1, (int)(now - start).TotalMilliseconds), counts, before, after, status.Holdings(),
            [.. recorder.CloseSampling().Samples()]);
        var (view, segments) = composer.Close(input);
        Volatile.Write(ref last, view);
        if (status.ClusterId.Length > 0)
        {
            buffer.Add(composer.Report(status.ClusterId, status.Node, input, segments, status.Status() with { Use = view.Use }));
        }
    }

    private void Count(BucketTally counts)
    {
        Volatile.Write(ref commands, commands + counts.Segments.Sum(s => s.Commands));
        Volatile.Write(ref clientBytes, clientBytes + counts.Segments.Sum(s => s.BytesIn + s.BytesOut));
    }

    private long NetworkBytes() => clientBytes + peers.Total;

    /// <summary>Buckets end at whole multiples of their length, so that those of all nodes lie together. A clock that was set anew begins at the next one.</summary>
    private DateTimeOffset NextEnd(DateTimeOffset start)
    {
        var length = options.BucketMs;
        return DateTimeOffset.FromUnixTimeMilliseconds(((start.ToUnixTimeMilliseconds() / length) + 1) * length);
    }

    private async Task DelayUntilAsync(DateTimeOffset moment, CancellationToken stopping)
    {
        var rest = moment - time.GetUtcNow();
        if (rest > TimeSpan.Zero)
        {
            await Task.Delay(rest, time, stopping);
        }
    }
}
