using ShardConsole.ControlPlane.Scoring;

namespace ShardConsole.ControlPlane.Planning.Paper;

/// <summary>What the segments cost over time, mcore: history, or a forecast that is taken to come true. A gap (NaN) costs nothing.</summary>
/// <param name="Start">When the first step begins.</param>
/// <param name="Step">Length of a step.</param>
/// <param name="Lead">[step][segment]: cost for the node that leads the segment.</param>
/// <param name="Follow">[step][segment]: cost for each node that follows it; null: <paramref name="FollowRatio"/> of the leader's.</param>
/// <param name="FollowRatio">Cost of a follower as a ratio of the leader's, where it is not given.</param>
internal sealed record PaperLoads(DateTimeOffset Start, TimeSpan Step, IReadOnlyList<float[]> Lead, IReadOnlyList<float[]>? Follow, double FollowRatio)
{
    /// <summary>End of the last step.</summary>
    public DateTimeOffset End => Start + (Step * Lead.Count);

    /// <summary>Cost of a segment at a moment; 0 in a gap and outside.</summary>
    public double At(LoadRole role, int segment, DateTimeOffset at)
    {
        var step = StepOf(at);
        return step < 0 || step >= Lead.Count ? 0 : Of(role, segment, step);
    }

    /// <summary>Cost of a segment in a step; 0 in a gap.</summary>
    public double Of(LoadRole role, int segment, int step)
    {
        var value = role == LoadRole.Lead ? Lead[step][segment] : Follow is null ? FollowRatio * Lead[step][segment] : Follow[step][segment];
        return value > 0 ? value : 0;
    }

    /// <summary>The step that holds a moment; negative before the first.</summary>
    public int StepOf(DateTimeOffset at) => (int)Math.Floor((at - Start) / Step);

    /// <summary>The same, <paramref name="factor"/> times as much.</summary>
    public PaperLoads Times(double factor)
    {
        IReadOnlyList<float[]> Scaled(IReadOnlyList<float[]> all) => [.. all.Select(c => Array.ConvertAll(c, v => (float)(v * factor)))];
        return factor == 1 ? this : this with { Lead = Scaled(Lead), Follow = Follow is null ? null : Scaled(Follow) };
    }

    /// <summary>The same in shorter steps, straight lines between the middles of the steps. A value that has a gap for a neighbour goes on as it is.</summary>
    public PaperLoads Finer(int parts)
    {
        IReadOnlyList<float[]> Fine(IReadOnlyList<float[]> all)
        {
            var fine = new float[all.Count * parts][];
            for (var i = 0; i < fine.Length; i++)
            {
                var at = ((i + 0.5) / parts) - 0.5;
                var (low, part) = ((int)Math.Floor(at), at - Math.Floor(at));
                var (one, other) = (all[Math.Max(0, low)], all[Math.Min(all.Count - 1, low + 1)]);
                var own = all[i / parts];
                fine[i] = new float[own.Length];
                for (var s = 0; s < own.Length; s++)
                {
                    var between = ((1 - part) * one[s]) + (part * other[s]);
                    fine[i][s] = double.IsNaN(between) ? own[s] : (float)between;
                }
            }

            return fine;
        }

        return parts == 1 ? this : this with { Step = Step / parts, Lead = Fine(Lead), Follow = Follow is null ? null : Fine(Follow) };
    }
}
