namespace ShardConsole.ControlPlane.History;

/// <summary>Length of a history frame. Persisted, append-only, never renumber.</summary>
internal enum HistoryTier : byte
{
    TenSeconds = 1,
    Minute = 2,
    FiveMinutes = 3,
    Hour = 4,
}

/// <summary>What the tiers are.</summary>
internal static class HistoryTiers
{
    /// <summary>All tiers, the finest first.</summary>
    public static readonly HistoryTier[] All = [HistoryTier.TenSeconds, HistoryTier.Minute, HistoryTier.FiveMinutes, HistoryTier.Hour];

    /// <summary>Length of a frame, seconds of model time.</summary>
    public static int Seconds(this HistoryTier tier) => tier switch
    {
        HistoryTier.TenSeconds => 10,
        HistoryTier.Minute => 60,
        HistoryTier.FiveMinutes => 300,
        HistoryTier.Hour => 3600,
        _ => throw new ArgumentOutOfRangeException(nameof(tier), tier, "No such tier."),
    };

    /// <summary>
    /// The finest tier that is worth keeping at a pace: a real second must not span more than a frame, or finer frames would only repeat it.
    /// </summary>
    public static HistoryTier Finest(double clockFactor)
    {
        foreach (var tier in All)
        {
            if (tier.Seconds() >= clockFactor)
            {
                return tier;
            }
        }

        return HistoryTier.Hour;
    }

    /// <summary>Start of the frame that holds a moment; both Unix seconds.</summary>
    public static long StartOf(this HistoryTier tier, long unixSeconds) => unixSeconds - Mod(unixSeconds, tier.Seconds());

    private static long Mod(long value, long by) => ((value % by) + by) % by;
}
