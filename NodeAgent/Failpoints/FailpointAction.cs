namespace ShardConsole.NodeAgent.Failpoints;

/// <summary>What happens at a failpoint.</summary>
internal enum FailpointAction
{
    /// <summary>The process ends at once, as by kill -9.</summary>
    Kill,

    /// <summary>The step fails as by an error of the disk (EIO).</summary>
    Error,

    /// <summary>The step fails as on a full disk (ENOSPC). Only at points of files; elsewhere like <see cref="Error"/>.</summary>
    Full,

    /// <summary>Power fails: of what was written since the last sync of each file a part is lost, then the process ends. Only at points of files; elsewhere like <see cref="Kill"/>.</summary>
    Lose,

    /// <summary>The step takes longer.</summary>
    Sleep,
}
