namespace ShardConsole.Simulation;

/// <summary>What is wrong with a disk.</summary>
internal enum DiskFault
{
    None,
    Slow,
    Full,
    FailsFsync,
}

/// <summary>The disk of a node, as far as it can go wrong: slow, full for a while (writes wait), or failing one fsync. A transaction is there whole or not at all.</summary>
internal sealed class SimDisk
{
    private const int SlowMs = 60;
    private DiskFault fault;
    private long until;

    public void Fail(DiskFault what, long untilMs) => (fault, until) = (what, untilMs);

    public void Heal() => fault = DiskFault.None;

    public bool IsFull(long now) => fault == DiskFault.Full && now < until;

    public int ExtraMs(long now) => fault == DiskFault.Slow && now < until ? SlowMs : 0;

    /// <summary>True once where an fsync fails now.</summary>
    public bool TakeFailure(long now)
    {
        if (fault != DiskFault.FailsFsync || now >= until)
        {
            return false;
        }

        fault = DiskFault.None;
        return true;
    }
}
