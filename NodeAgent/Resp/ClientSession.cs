namespace ShardConsole.NodeAgent.Resp;

/// <summary>Which replies a client wants.</summary>
internal enum ReplyMode : byte
{
    On,
    Off,

    /// <summary>Not the reply of the next command.</summary>
    SkipNext,

    /// <summary>Not the reply of this command.</summary>
    Skipping,
}

/// <summary>What a connection has said of itself. Written by its own connection, read by CLIENT LIST of any.</summary>
internal sealed class ClientSession(long id, string address, string localAddress, DateTimeOffset connectedAt)
{
    public long Id { get; } = id;

    public string Address { get; } = address;

    public string LocalAddress { get; } = localAddress;

    public DateTimeOffset ConnectedAt { get; } = connectedAt;

    /// <summary>Clock ticks at the last command.</summary>
    public long LastCommandAt { get; set; }

    /// <summary>Name of the last command; empty before the first.</summary>
    public string LastCommand { get; set; } = "";

    public string Name { get; set; } = "";

    public string LibraryName { get; set; } = "";

    public string LibraryVersion { get; set; } = "";

    /// <summary>2 or 3.</summary>
    public int Protocol { get; set; } = 2;

    public bool Authenticated { get; set; }

    /// <summary>Whether the client takes reads from followers.</summary>
    public bool ReadOnly { get; set; }

    public bool NoEvict { get; set; }

    public bool NoTouch { get; set; }

    public ReplyMode Replies { get; set; }

    /// <summary>Bytes of the client that have not been executed.</summary>
    public long InputBytes { get; set; }

    /// <summary>Bytes of replies that have not been sent.</summary>
    public long OutputBytes { get; set; }

    /// <summary>As after connecting.</summary>
    public void Reset(bool authenticated)
    {
        Name = "";
        Protocol = 2;
        Authenticated = authenticated;
        ReadOnly = NoEvict = NoTouch = false;
        Replies = ReplyMode.On;
    }
}
