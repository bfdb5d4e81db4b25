using System.Globalization;
using System.Threading.Channels;
using StackExchange.Redis;

namespace ShardConsole.ControlPlane.Replay;

/// <summary>Sends the requests of its keys one after the other, so that the order of each key is kept, and remembers what was acknowledged.</summary>
internal sealed class ReplayWorker(ReplayOptions options, IDatabase database, ClusterSilence silence, TimeProvider time)
{
    private static readonly string[] NotExecuted = ["TRYAGAIN", "CLUSTERDOWN", "LOADING", "MOVED", "READONLY", "MASTERDOWN", "OOM"];

    private readonly Channel<Request> queue = Channel.CreateBounded<Request>(
        new BoundedChannelOptions(options.QueueLength) { SingleReader = true, SingleWriter = true });

    private readonly Dictionary<string, Written> written = new(StringComparer.Ordinal);

    /// <summary>Time from the first try to the acknowledgement, retries included.</summary>
    public LatencyHistogram Latencies { get; } = new();

    /// <summary>Requests that were given up, by what was answered.</summary>
    public Dictionary<string, long> Errors { get; } = new(StringComparer.Ordinal);

    /// <summary>Tries that were answered with an error and tried again.</summary>
    public long Retries { get; private set; }

    /// <summary>Keys whose last acknowledged value is gone, with what was found. Filled by <see cref="VerifyAsync"/>.</summary>
    public List<string> Lost { get; } = [];

    /// <summary>Keys that were read back.</summary>
    public long VerifiedKeys { get; private set; }

    /// <summary>Requests waiting here.</summary>
    public int Waiting => queue.Reader.Count;

    /// <summary>Queues a request; waits while the queue is full. A sequence above 0 is a write of that number.</summary>
    public ValueTask AddAsync(string key, long sequence, CancellationToken cancellation) =>
        queue.Writer.TryWrite(new Request(key, sequence)) ? default : queue.Writer.WriteAsync(new Request(key, sequence), cancellation);

    /// <summary>No more requests come.</summary>
    public void Complete() => queue.Writer.Complete();

    /// <summary>Sends until <see cref="Complete"/> was called and the queue is empty.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await foreach (var request in queue.Reader.ReadAllAsync(cancellation))
        {
            await SendAsync(request, cancellation);
        }
    }

    /// <summary>Reads every written key and compares it with the last acknowledged value.</summary>
    public async Task VerifyAsync(CancellationToken cancellation)
    {
        foreach (var (key, expected) in written)
        {
            if (expected.Acknowledged == 0)
            {
                continue;
            }

            var found = await TryAsync(() => database.StringGetAsync(key), cancellation);
            VerifiedKeys++;
            if (found is not { } value)
            {
                Lost.Add($"{key}: could not be read");
                continue;
            }

            var sequence = Sequence(value);
            if (sequence < expected.Acknowledged && !(expected.Uncertain?.Contains(sequence) ?? false))
            {
                Lost.Add($"{key}: acknowledged {expected.Acknowledged}, found {(value.IsNull ? "nothing" : sequence.ToString(CultureInfo.InvariantCulture))}");
            }
        }
    }

    private async Task SendAsync(Request request, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        if (request.Sequence == 0)
        {
            _ = await TryAsync(() => database.StringGetAsync(request.Key), cancellation);
        }
        else
        {
            var value = request.Sequence.ToString(CultureInfo.InvariantCulture).PadRight(options.ValueBytes);
            ref var entry = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(written, request.Key, out _);
            entry ??= new Written();
            var target = entry;
            var done = await TryAsync(
                async () => await database.StringSetAsync(request.Key, value),
                cancellation,
                onUnknown: () => (target.Uncertain ??= []).Add(request.Sequence));
            if (done is true)
            {
                target.Acknowledged = request.Sequence;
            }
        }

        Latencies.Add((long)time.GetElapsedTime(started).TotalMicroseconds);
    }

    /// <summary>Tries until the time for retries is over; null after that. A try whose fate is unknown is reported before the next.</summary>
    private async Task<T?> TryAsync<T>(Func<Task<T>> send, CancellationToken cancellation, Action? onUnknown = null)
        where T : struct
    {
        var started = time.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            string error;
            try
            {
                var result = await send();
                silence.Answered();
                return result;
            }
            catch (RedisServerException e)
            {
                silence.Answered();
                error = e.Message.Split(' ')[0];
                if (!NotExecuted.Contains(error))
                {
                    onUnknown?.Invoke();
                }
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                error = e.GetType().Name;
                onUnknown?.Invoke();
                silence.NotAnswered();
            }

            if (time.GetElapsedTime(started).TotalSeconds > options.RetrySeconds)
            {
                Errors[error] = Errors.GetValueOrDefault(error) + 1;
                return null;
            }

            Retries++;
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(5 << Math.Min(attempt, 5), 100)), cancellation);
        }
    }

    private static long Sequence(RedisValue value)
    {
        var text = value.IsNull ? "" : value.ToString().TrimEnd();
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) ? sequence : 0;
    }

    private readonly record struct Request(string Key, long Sequence);

    private sealed class Written
    {
        public long Acknowledged { get; set; }

        /// <summary>Writes of which at least one try may or may not have been executed.</summary>
        public HashSet<long>? Uncertain { get; set; }
    }
}
