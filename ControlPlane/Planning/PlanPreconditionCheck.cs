using System.Globalization;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Planning;

/// <summary>Whether a plan still holds. The epoch is information only: what counts is what the plan rests on.</summary>
internal static class PlanPreconditionCheck
{
    /// <summary>Difference of a peak that never makes a plan stale, mcore.</summary>
    private const double NegligibleMillicores = 5;

    /// <summary>The failed preconditions in words; empty when the plan holds.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="map">The map in force.</param>
    /// <param name="alive">Members that are alive.</param>
    /// <param name="shardPeaks">Newest predicted peak per shard, mcore, moves under way of *other* plans counted as done; a missing shard is not judged.</param>
    /// <param name="underWay">Moves that run or wait in other plans.</param>
    /// <param name="finished">Moves of this plan that have started or are done (by number): their segments may have changed owner.</param>
    public static IReadOnlyList<string> Failures(
        Plan plan, ShardMap map, IReadOnlySet<NodeId> alive, IReadOnlyDictionary<ShardId, double> shardPeaks,
        IReadOnlyList<MoveUnderWay> underWay, IReadOnlySet<int>? finished = null)
    {
        var failures = new List<string>();
        foreach (var move in plan.Moves)
        {
            if (finished?.Contains(move.Number) != true)
            {
                CheckOwner(move, map, underWay, failures);
            }
        }

        foreach (var shard in plan.Preconditions.ShardsUsed)
        {
            if (map.Find(shard) is null)
            {
                failures.Add($"shard {shard} is no longer in the map (epoch {map.Epoch})");
            }
        }

        foreach (var member in plan.Preconditions.MembersUsed)
        {
            if (!alive.Contains(member))
            {
                failures.Add($"node {member} is not alive");
            }
        }

        // Once moves have landed, the peaks differ because of them.
        if (finished is null || finished.Count == 0)
        {
            CheckPeaks(plan.Preconditions, shardPeaks, failures);
        }

        return failures;
    }

    private static void CheckOwner(Move move, ShardMap map, IReadOnlyList<MoveUnderWay> underWay, List<string> failures)
    {
        if (move.Segment.Value >= map.SegmentCount)
        {
            failures.Add($"segment {move.Segment} is not in the map (0..{map.SegmentCount - 1})");
            return;
        }

        var owner = map.OwnerOf(move.Segment);
        if (owner != move.From)
        {
            failures.Add($"epoch {map.Epoch}: segment {move.Segment} belongs to {owner}, the plan moves it from {move.From}");
        }

        var other = underWay.FirstOrDefault(m => m.Segment == move.Segment);
        if (other is not null)
        {
            failures.Add($"segment {move.Segment} is already moving from {other.From} to {other.To}");
        }
    }

    private static void CheckPeaks(PlanPreconditions preconditions, IReadOnlyDictionary<ShardId, double> shardPeaks, List<string> failures)
    {
        for (var i = 0; i < preconditions.ShardsUsed.Length && i < preconditions.ShardPeaks.Length; i++)
        {
            var planned = preconditions.ShardPeaks[i];
            if (!shardPeaks.TryGetValue(preconditions.ShardsUsed[i], out var newest) || double.IsNaN(newest))
            {
                continue;
            }

            var allowed = Math.Max(NegligibleMillicores, preconditions.ForecastTolerance * planned);
            if (Math.Abs(newest - planned) > allowed)
            {
                failures.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"the forecast of {preconditions.ShardsUsed[i]} went from {planned:0} to {newest:0} mcore, more than the {100 * preconditions.ForecastTolerance:0} % that the plan allows"));
            }
        }
    }
}
