using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Scoring;

/// <summary>
/// Finds shards whose measured load has left the forecast's 95 % interval. Judged by the sum over what a shard leads: of a thousand segments some are always out by chance,
/// and it is the sum that is decided upon.
/// </summary>
internal static class OutOfInterval
{
    /// <summary>Standard normal quantile of 0.975.</summary>
    private const double Quantile975 = 1.959963984540054;

    /// <summary>Share of the sharding threshold that a deviation must be to matter.</summary>
    private const double LeastShare = 0.05;

    /// <summary>How long a measurement may stretch: beyond a step of the forecast it tells of another time.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>The shards, ascending; none where the measurement stretches too long or is not known to be short.</summary>
    /// <param name="field">Made of the forecast; its first step covers now.</param>
    public static IReadOnlyList<ShardId> Shards(ScoreInput input, LoadField field, ScoringOptions options)
    {
        if (input.MeasuredOver is not { } span || span > Longest)
        {
            return [];
        }

        var found = new List<ShardId>();
        foreach (var shard in input.Map.Shards)
        {
            var sum = new LoadSum(field);
            double measured = 0;
            for (var s = 0; s < input.Map.SegmentCount; s++)
            {
                if (input.Map.Owners[s] == shard.Id)
                {
                    sum.Add(LoadRole.Lead, s);
                    measured += IsMeasured(input, s) ? input.Measured.Cpu[s] : field.Means(LoadRole.Lead, s)[0];
                }
            }

            var deviation = Math.Abs(measured - sum.Mean(0));
            if (deviation > Quantile975 * sum.Sd(0) && deviation > LeastShare * options.ThresholdMillicores)
            {
                found.Add(shard.Id);
            }
        }

        return [.. found.Order()];
    }

    /// <summary>Moves the forecast of those shards' segments to what was measured: how far it lies from the forecast of now is taken to last, halving every hour.</summary>
    public static void Follow(ScoreInput input, LoadField field, IReadOnlyList<ShardId> shards)
    {
        var touched = shards.ToHashSet();
        for (var s = 0; s < input.Map.SegmentCount; s++)
        {
            if (touched.Contains(input.Map.Owners[s]) && IsMeasured(input, s))
            {
                field.Shift(LoadRole.Lead, s, input.Measured.Cpu[s] - field.Means(LoadRole.Lead, s)[0], input.Now);
            }
        }
    }

    private static bool IsMeasured(ScoreInput input, int segment) => segment < input.Measured.Cpu.Length && input.Measured.Cpu[segment] >= 0;
}
