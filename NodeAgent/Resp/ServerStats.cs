namespace ShardConsole.NodeAgent.Resp;

/// <summary>Counts of the node since its start, or since CONFIG RESETSTAT. Safe for concurrent use.</summary>
internal sealed class ServerStats(TimeProvider clock)
{
    private long commands;
    private long connections;
    private long rejected;
    private long hits;
    private long misses;
    private long inputBytes;
    private long outputBytes;
    private long errors;

    public DateTimeOffset StartedAt { get; } = clock.GetUtcNow();

    public long Commands => Interlocked.Read(ref commands);

    public long Connections => Interlocked.Read(ref connections);

    public long Rejected => Interlocked.Read(ref rejected);

    public long Hits => Interlocked.Read(ref hits);

    public long Misses => Interlocked.Read(ref misses);

    public long InputBytes => Interlocked.Read(ref inputBytes);

    public long OutputBytes => Interlocked.Read(ref outputBytes);

    public long Errors => Interlocked.Read(ref errors);

    public void Connected() => Interlocked.Increment(ref connections);

    public void Refused() => Interlocked.Increment(ref rejected);

    /// <summary>Adds what one connection has counted since it last did so: once per batch, not once per command.</summary>
    public void Add(in Batch batch)
    {
        Interlocked.Add(ref inputBytes, batch.InputBytes);
        if (batch.Commands == 0)
        {
            return;
        }

        Interlocked.Add(ref commands, batch.Commands);
        Interlocked.Add(ref outputBytes, batch.OutputBytes);
        if (batch.Hits + batch.Misses + batch.Errors > 0)
        {
            Interlocked.Add(ref hits, batch.Hits);
            Interlocked.Add(ref misses, batch.Misses);
            Interlocked.Add(ref errors, batch.Errors);
        }
    }

    public void Reset()
    {
        commands = connections = rejected = hits = misses = inputBytes = outputBytes = errors = 0;
    }

    /// <summary>What a connection has counted by itself.</summary>
    internal struct Batch
    {
        public long Commands;
        public long Hits;
        public long Misses;
        public long InputBytes;
        public long OutputBytes;
        public long Errors;
    }
}
