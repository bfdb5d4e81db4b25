namespace ShardConsole.NodeAgent.Migration.Core;

/// <summary>A token bucket of copied bytes: one per stream, and one per node that all its streams share. A chunk may overdraw it; then the next one waits.</summary>
/// <param name="windowBytes">Bytes of buckets that may be on their way and not confirmed, of all streams that share it: the target commits what comes together, and its clients
/// wait for that commit. A stream that stands first goes on first, so segments become complete one after the other instead of all at the end.</param>
internal sealed class CopyBudget(long bytesPerSecond, long nowMicros, long windowBytes = long.MaxValue)
{
    private double tokens = 1;
    private long filledMicros = nowMicros;

    /// <summary>Bytes a second; takes effect from the next filling.</summary>
    public long BytesPerSecond { get; set; } = bytesPerSecond;

    /// <summary>Part of the limit that may be used, above 0 up to 1: what the guard of the clients' latency leaves (<see cref="CopyPace"/>).</summary>
    public double Share { get; set; } = 1;

    /// <summary>Bytes a second that may be copied now.</summary>
    public long AllowedBytesPerSecond => Math.Max(1, (long)(BytesPerSecond * Share));

    /// <summary>Bytes of buckets on their way and not confirmed.</summary>
    public long UnderWay { get; private set; }

    /// <summary>There is room for one more bucket.</summary>
    public bool HasRoom => UnderWay < windowBytes;

    /// <summary>A bucket was sent.</summary>
    public void Send(long bytes) => UnderWay += bytes;

    /// <summary>A bucket was confirmed, or is waited for no more.</summary>
    public void Land(long bytes) => UnderWay -= bytes;

    /// <summary>Fills up (at most 100 ms' worth is saved) and says whether anything may be copied now.</summary>
    public bool MayTake(long nowMicros)
    {
        var passed = Math.Max(0, nowMicros - filledMicros);
        filledMicros = Math.Max(filledMicros, nowMicros);
        tokens = Math.Min(tokens + (passed * (AllowedBytesPerSecond / 1e6)), Math.Max(1, AllowedBytesPerSecond / 10.0));
        return tokens > 0;
    }

    /// <summary>Bytes copied so far.</summary>
    public long Taken { get; private set; }

    /// <summary>Takes what was copied.</summary>
    public void Take(long bytes)
    {
        tokens -= bytes;
        Taken += bytes;
    }
}
