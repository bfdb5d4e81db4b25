namespace ShardConsole.NodeAgent.Resp;

/// <summary>Why a connection stopped executing commands, and so what it waits for before it goes on where it stopped.</summary>
internal enum ClientStep : byte
{
    /// <summary>Goes on with the next command.</summary>
    Next,

    /// <summary>The bytes that are there are used up.</summary>
    NeedMore,

    /// <summary>Enough replies are gathered.</summary>
    Flush,

    /// <summary>The command must see, or answer after, the writes that are under way.</summary>
    WaitIdle,

    /// <summary>Too many writes are under way.</summary>
    WaitRoom,

    /// <summary>Nobody may serve the command now.</summary>
    Hold,

    /// <summary>The lease is not valid.</summary>
    Confirm,

    /// <summary>Expired keys were met.</summary>
    Expire,

    /// <summary>The command may take long and wants a worker of its own.</summary>
    Offload,

    /// <summary>The reply comes from a task.</summary>
    Await,

    /// <summary>The connection ends when its replies are out.</summary>
    Close,
}
