namespace ShardConsole.NodeAgent.Commands;

/// <summary>How a command that is answered by the node ended.</summary>
internal enum NodeVerdict : byte
{
    /// <summary>The reply is written.</summary>
    Replied,

    /// <summary>The reply is written; the connection is closed when it is out.</summary>
    Close,

    /// <summary>Nothing is written; run the command again after the next change, at the latest when the time of holding is over.</summary>
    Hold,

    /// <summary>Nothing is written; confirm <see cref="ClientContext.ToConfirm"/>, then run the command again.</summary>
    Confirm,

    /// <summary>Nothing is written; the reply is the result of <see cref="ClientContext.Continuation"/>: an error, or null for OK.</summary>
    Await,
}
