using ShardConsole.ControlPlane.Jobs;
using StackExchange.Redis;

namespace ShardConsole.ControlPlane.Demo;

/// <summary>Sends the profile's load through the Redis protocol. Used by one task at a time.</summary>
internal sealed class DemoLoad(IDatabase database, DemoKeys keys, int segments, DemoOptions options, ModelClock clock, TimeProvider realTime)
{
    private const int TickMs = 50;

    private readonly Random random = new(options.Seed);
    private readonly string value = new('v', options.ValueBytes);
    private int inFlight;
    private long failed;

    /// <summary>Requests that got an error, or no answer.</summary>
    public long Failed => Interlocked.Read(ref failed);

    /// <summary>Writes every key once, so that segments hold something when they move.</summary>
    public async Task FillAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5), realTime);
        for (var number = 0; number < options.KeysPerSegment; number++)
        {
            for (var segment = 0; segment < segments; segment++)
            {
                while (Volatile.Read(ref inFlight) >= options.MaxInFlight)
                {
                    await timer.WaitForNextTickAsync(cancellation);
                }

                Send(segment, number, isWrite: true);
            }
        }
    }

    /// <summary>Sends load until it is cancelled.</summary>
    public async Task RunAsync(Func<DemoProfile> profile, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(TickMs), realTime);
        var last = realTime.GetTimestamp();
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            var now = realTime.GetTimestamp();

            // A late tick sends what is due, but never more than half a second of load at once.
            var seconds = Math.Min(0.5, realTime.GetElapsedTime(last, now).TotalSeconds);
            last = now;
            SendTick(profile().Rates(clock.GetUtcNow()), seconds);
        }
    }

    private void SendTick(double[] rates, double seconds)
    {
        var cumulative = new double[rates.Length];
        double sum = 0;
        for (var i = 0; i < rates.Length; i++)
        {
            cumulative[i] = sum += rates[i];
        }

        var expected = sum * seconds;
        var requests = (int)expected + (random.NextDouble() < expected - Math.Floor(expected) ? 1 : 0);
        for (var n = 0; n < requests && Volatile.Read(ref inFlight) < options.MaxInFlight; n++)
        {
            var at = Array.BinarySearch(cumulative, random.NextDouble() * sum);
            Send(Math.Min(rates.Length - 1, at < 0 ? ~at : at), random.Next(options.KeysPerSegment), random.NextDouble() < options.WriteShare);
        }
    }

    private void Send(int segment, int number, bool isWrite)
    {
        Interlocked.Increment(ref inFlight);
        var key = keys.Of(segment, number);
        Task sent = isWrite ? database.StringSetAsync(key, value) : database.StringGetAsync(key);
        _ = sent.ContinueWith(Sent, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Sent(Task task)
    {
        Interlocked.Decrement(ref inFlight);
        if (task.Exception is not null)
        {
            Interlocked.Increment(ref failed);
        }
    }
}
