namespace ShardConsole.NodeAgent.Peers;

/// <summary>What a frame between two nodes holds. On the wire, append-only, never renumber.</summary>
internal enum PeerFrameKind : byte
{
    /// <summary>Raft messages of any number of groups.</summary>
    Raft = 1,

    /// <summary>One message of the migration protocol.</summary>
    Migration = 2,

    /// <summary>A piece of a snapshot.</summary>
    SnapshotPiece = 3,

    /// <summary>The answer to a piece of a snapshot.</summary>
    SnapshotAnswer = 4,

    /// <summary>The founder offers the genesis.</summary>
    Genesis = 5,

    /// <summary>Whether the genesis was accepted.</summary>
    GenesisAnswer = 6,

    /// <summary>Asks for the cluster's state.</summary>
    StateRequest = 7,

    /// <summary>The cluster's state.</summary>
    State = 8,

    /// <summary>One message about replicas and members.</summary>
    Replicas = 9,

    /// <summary>One message of the comparison of replicas.</summary>
    AntiEntropy = 10,
}

/// <summary>Two connections lead to each peer, so that a heartbeat never waits behind bulk data.</summary>
internal enum PeerLane : byte
{
    /// <summary>Small and urgent: heartbeats, votes, answers.</summary>
    Control = 0,

    /// <summary>Everything with data.</summary>
    Data = 1,
}

/// <summary>Takes the frames of one kind. Called on a socket thread: must not block and must not keep the span.</summary>
internal delegate void PeerFrameHandler(Shared.Cluster.NodeId from, ReadOnlySpan<byte> body);
