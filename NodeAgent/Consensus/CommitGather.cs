namespace ShardConsole.NodeAgent.Consensus;

/// <summary>
/// How long a commit waits for more proposals. Most clients ask again as soon as they are answered: those who were answered and have not asked again are owed, and
/// while they keep coming a commit that waits for them is shared by all. What is owed when nobody came for a while is forgotten, so that clients that stay
/// away cost one short wait. A commit that has nothing to write never waits. Pure: the time is an argument, in microseconds of one clock. One thread.
/// </summary>
/// <param name="idleMicros">Nobody came for that long: the wait ends.</param>
/// <param name="maxMicros">Longest wait in all.</param>
internal sealed class CommitGather(long idleMicros, long maxMicros)
{
    private int fresh;
    private long began;
    private long last;

    /// <summary>Answered proposals whose clients have not proposed again.</summary>
    public int Owed { get; private set; }

    /// <summary>A client has proposed.</summary>
    public void Proposed()
    {
        fresh++;
        Owed -= Owed > 0 ? 1 : 0;
    }

    /// <summary>That many clients were answered.</summary>
    public void Answered(int count) => Owed += count;

    /// <summary>All that was proposed is on its way.</summary>
    public void Submitted() => fresh = 0;

    /// <summary>A wait may begin.</summary>
    public void Begin(long nowMicros) => (began, last) = (nowMicros, nowMicros);

    /// <summary>Whether to wait on.</summary>
    /// <param name="nowMicros">Now.</param>
    /// <param name="cameMore">Whether anything came since the last question.</param>
    public bool WaitsOn(long nowMicros, bool cameMore)
    {
        last = cameMore ? nowMicros : last;
        if (nowMicros - last > idleMicros || nowMicros - began > maxMicros)
        {
            Owed = 0;
        }

        return Owed > 0 && fresh > 0;
    }
}
