namespace ShardConsole.NodeAgent.Membership.Core;

/// <summary>
/// How much this node doubts itself: rises with probes that fail for want of answers and with suspicions of itself, falls with probes that succeed.
/// Whoever is slow accuses others slowly (Lifeguard, section IV-A).
/// </summary>
internal sealed class LocalHealth(int most)
{
    /// <summary>0 (well) to the largest score.</summary>
    public int Score { get; private set; }

    public void Change(int by) => Score = Math.Clamp(Score + by, 0, most);

    /// <summary>A time stretched by the score + 1.</summary>
    public long Stretch(long micros) => micros * (Score + 1);
}
