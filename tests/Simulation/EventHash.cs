namespace ShardConsole.Simulation;

/// <summary>What happened.</summary>
internal enum EventKind : byte
{
    Start = 1,
    Crash = 2,
    Message = 3,
    Apply = 4,
    Answer = 5,
}

/// <summary>FNV-1a over the log of events, 64 bits: the same on every machine.</summary>
internal sealed class EventHash
{
    private const ulong Prime = 1099511628211;

    /// <summary>Hash of everything that was added.</summary>
    public ulong Value { get; private set; } = 14695981039346656037;

    public void Add(EventKind kind, ulong now, ulong a, ulong b, ulong c)
    {
        Add((ulong)kind);
        Add(now);
        Add(a);
        Add(b);
        Add(c);
    }

    private void Add(ulong number)
    {
        for (var shift = 0; shift < 64; shift += 8)
        {
            Value = unchecked((Value ^ ((number >> shift) & 0xff)) * Prime);
        }
    }
}
