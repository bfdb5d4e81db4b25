namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>Numbers the heartbeat rounds of a leader and remembers when each of the latest was sent.</summary>
internal sealed class HeartbeatRounds
{
    private const int Remembered = 64;
    private readonly long[] sentAt = new long[Remembered];

    /// <summary>Number of the latest round; never reused while the core lives.</summary>
    public ulong Latest { get; private set; }

    /// <summary>First round of this term.</summary>
    public ulong First { get; private set; } = 1;

    /// <summary>A term begins: answers to earlier rounds say nothing about it.</summary>
    public void BeginTerm() => First = Latest + 1;

    /// <summary>Begins a round that is sent at or after <paramref name="now"/>.</summary>
    public ulong Begin(long now)
    {
        Latest++;
        sentAt[Latest % Remembered] = now;
        return Latest;
    }

    /// <summary>When a round of this term was sent, at the earliest. Null: not a round of this term, or forgotten.</summary>
    public long? SentAt(ulong round) =>
        round >= First && round <= Latest && Latest - round < Remembered ? sentAt[round % Remembered] : null;
}
