namespace ShardConsole.NodeAgent.Resp;

/// <summary>The client port's limits and manners.</summary>
internal sealed class ClientProtocolOptions
{
    /// <summary>Section of appsettings.json.</summary>
    public const string Section = "ClientProtocol";

    /// <summary>Limits of one command.</summary>
    public RespLimits Limits { get; set; } = new();

    /// <summary>Longest key, bytes, 16 .. 1 MiB.</summary>
    public int MaxKeyBytes { get; set; } = 64 * 1024;

    /// <summary>Most connected clients, 1 .. 1,000,000.</summary>
    public int MaxClients { get; set; } = 10_000;

    /// <summary>Password of the default user; empty: none is asked.</summary>
    public string Password { get; set; } = "";

    /// <summary>How long a command is held while its segment changes its owner or its shard elects, milliseconds, 0 .. 10,000; then TRYAGAIN or CLUSTERDOWN.</summary>
    public int HoldMs { get; set; } = 200;

    /// <summary>Most writes of one connection under way at once, 1 .. 65,536. Beyond it the connection reads no further command.</summary>
    public int MaxOutstandingWrites { get; set; } = 1024;

    /// <summary>Most bytes of one connection's writes under way at once, 64 KiB .. 1 GiB; a single larger one is let through alone.</summary>
    public int MaxOutstandingBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Bytes of replies after which they are sent, and nothing further is executed before the client has taken them, 1 KiB .. 64 MiB.</summary>
    public int SoftOutputBytes { get; set; } = 64 * 1024;

    /// <summary>Largest reply of one command, bytes; a connection that asks for more is closed. At least <see cref="SoftOutputBytes"/>, at most 2 GiB - 1.</summary>
    public int HardOutputBytes { get; set; } = 256 * 1024 * 1024;

    /// <summary>Most often that one write is proposed again after it was refused, 0 .. 100.</summary>
    public int MaxReproposals { get; set; } = 8;

    /// <summary>Deletions of expired keys that one read has under way at once, 1 .. 10,000.</summary>
    public int ExpireBatch { get; set; } = 128;

    /// <summary>A node that stops closes a connection when no command has come over it for this long, milliseconds, 1 .. 10,000.</summary>
    public int LateQuietMs { get; set; } = 50;

    /// <summary>A node that stops closes a connection at the latest after this long, milliseconds, 1 .. 60,000.</summary>
    public int LateMaxMs { get; set; } = 1000;

    /// <inheritdoc cref="HoldMs"/>
    public TimeSpan HoldTime => TimeSpan.FromMilliseconds(HoldMs);

    /// <summary>All that is wrong with these options, one sentence each; empty when they can be used.</summary>
    public IEnumerable<string> Problems() =>
    [
        .. Limits.Problems($"{Section}:Limits"),
        .. Outside(nameof(MaxKeyBytes), MaxKeyBytes, 16, 1024 * 1024),
        .. Outside(nameof(MaxClients), MaxClients, 1, 1_000_000),
        .. Outside(nameof(HoldMs), HoldMs, 0, 10_000),
        .. Outside(nameof(MaxOutstandingWrites), MaxOutstandingWrites, 1, 65_536),
        .. Outside(nameof(MaxOutstandingBytes), MaxOutstandingBytes, 64 * 1024, 1024 * 1024 * 1024),
        .. Outside(nameof(SoftOutputBytes), SoftOutputBytes, 1024, 64 * 1024 * 1024),
        .. Outside(nameof(HardOutputBytes), HardOutputBytes, SoftOutputBytes, int.MaxValue),
        .. Outside(nameof(MaxReproposals), MaxReproposals, 0, 100),
        .. Outside(nameof(ExpireBatch), ExpireBatch, 1, 10_000),
        .. Outside(nameof(LateQuietMs), LateQuietMs, 1, 10_000),
        .. Outside(nameof(LateMaxMs), LateMaxMs, 1, 60_000),
    ];

    private static string[] Outside(string name, int value, int least, int most) =>
        value < least || value > most ? [$"{Section}:{name} {value} is outside {least}..{most}."] : [];
}
