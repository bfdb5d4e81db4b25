namespace ShardConsole.Bench;

/// <summary>
/// One client that writes rising numbers to one key as fast as they are acknowledged, and tries again every 5 ms where they are not. The write gap of a failure
/// is the time between the last acknowledgement before it and the first one after it.
/// </summary>
internal sealed class GapMeter(TimeProvider time, Func<long, CancellationToken, Task<bool>> tryWrite) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private Task? work;
    private bool disposed;
    private long lastAckAt;
    private double longestMs;

    /// <summary>The last number that was acknowledged.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>Begins to write.</summary>
    public void Start() => work = Task.Run(WriteAsync);

    /// <summary>Kills by <paramref name="fail"/> and answers the gap in milliseconds, once writes have gone on for a while.</summary>
    public async Task<double> MeasureAsync(Action fail, TimeSpan limit)
    {
        lock (gate)
        {
            longestMs = 0;
        }

        var began = time.GetTimestamp();
        fail();
        var before = Acknowledged;
        while (time.GetElapsedTime(began) < limit)
        {
            await Task.Delay(Pause * 4);
            if (Acknowledged > before + 50 && time.GetElapsedTime(began) > TimeSpan.FromSeconds(1))
            {
                lock (gate)
                {
                    return longestMs;
                }
            }
        }

        throw new InvalidOperationException($"No writes were acknowledged for {limit.TotalSeconds:0} s after the failure.");
    }

    /// <summary>Ends when that many more writes were acknowledged.</summary>
    public async Task WaitForMoreAsync(int count, TimeSpan limit)
    {
        var (began, until) = (time.GetTimestamp(), Acknowledged + count);
        while (Acknowledged < until)
        {
            await Task.Delay(Pause * 4);
            if (time.GetElapsedTime(began) > limit)
            {
                throw new InvalidOperationException($"Fewer than {count} writes were acknowledged within {limit.TotalSeconds:0} s.");
            }
        }
    }

    /// <summary>Stops writing. May be called again: who wants to read what was written last stops it before.</summary>
    public async ValueTask DisposeAsync()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        await stop.CancelAsync();
        await (work ?? Task.CompletedTask);
        stop.Dispose();
    }

    private async Task WriteAsync()
    {
        var next = 0L;
        while (!stop.IsCancellationRequested)
        {
            next++;
            if (await TryAsync(next))
            {
                Note(next);
            }
            else
            {
                await Task.Delay(Pause);
            }
        }
    }

    private async Task<bool> TryAsync(long value)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        patience.CancelAfter(Patience);
        try
        {
            return await tryWrite(value, patience.Token);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private void Note(long value)
    {
        lock (gate)
        {
            Acknowledged = value;
            var now = time.GetTimestamp();
            longestMs = lastAckAt == 0 ? 0 : Math.Max(longestMs, time.GetElapsedTime(lastAckAt, now).TotalMilliseconds);
            lastAckAt = now;
        }
    }
}
