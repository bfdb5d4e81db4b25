namespace ShardConsole.NodeAgent.Peers;

/// <summary>Limits of the connections between nodes.</summary>
internal sealed class PeerOptions
{
    /// <summary>Longest frame that is accepted, bytes.</summary>
    public int MaxFrameBytes { get; set; } = 64 << 20;

    /// <summary>Bytes that may wait for one peer on one lane; further frames are dropped and counted (all protocols above repeat what matters).</summary>
    public int MaxQueuedBytes { get; set; } = 64 << 20;

    /// <summary>Pause after a failed connection, milliseconds; doubles up to <see cref="MaxReconnectMs"/>.</summary>
    public int ReconnectMs { get; set; } = 50;

    /// <summary>Longest pause between two tries to connect, milliseconds.</summary>
    public int MaxReconnectMs { get; set; } = 1000;

    /// <summary>How long connecting and the handshake may take, milliseconds.</summary>
    public int HandshakeMs { get; set; } = 3000;

    /// <summary>How long a node that was asked to stop still listens to its peers, milliseconds: longer than its clients are answered.</summary>
    public int LateMs { get; set; } = 1500;
}
