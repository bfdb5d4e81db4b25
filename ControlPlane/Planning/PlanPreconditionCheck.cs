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
    /// <param name="constraints">What operators have forbidden by now.</param>
    /// <param name="finished">Moves of this plan that have started or are done (by number): their segments may have changed owner.</param>
    public static IReadOnlyList<string> Failures(
        Plan plan, ShardMap map, IReadOnlySet<NodeId> alive, IReadOnlyDictionary<ShardId, double> shardPeaks,
        IReadOnlyList<MoveUnderWay> underWay, IReadOnlySet<int>? finished = null, IReadOnlyList<PlanConstraint>? constraints = null)
    {
        var failures = new List<string>();
        var forbidden = new PlanConstraints(constraints ?? []);
        foreach (var move in plan.Moves)
        {
            if (finished?.Contains(move.Number) != true)
            {
                CheckOwner(move, map, underWay, failures);
                CheckConstraints(move, plan, map, forbidden, failures);
            }
        }

        foreach (var transfer in plan.Transfers)
        {
            if (finished?.Contains(transfer.Number) != true && map.Find(transfer.Shard) is { } led)
            {
                CheckLeader(transfer, led, map.Epoch, failures);
                if (forbidden.WhyExcluded(transfer.To) is { } excluded)
                {
                    failures.Add($"node {transfer.To} {excluded}");
                }
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
            CheckPeaks(plan, shardPeaks, failures);
        }

        return failures;
    }

    private static void CheckLeader(LeaderTransfer transfer, ShardInfo shard, ulong epoch, List<string> failures)
    {
        if (shard.PreferredLeader != transfer.From)
        {
            failures.Add($"epoch {epoch}: {shard.Id} is led by {shard.PreferredLeader}, the plan takes it from {transfer.From}");
        }
        else if (!shard.Replicas.Contains(transfer.To))
        {
            failures.Add($"epoch {epoch}: {transfer.To} holds no replica of {shard.Id} any more");
        }
    }

    // What an operator forbids after a plan was made holds for that plan too.
    private static void CheckConstraints(Move move, Plan plan, ShardMap map, PlanConstraints forbidden, List<string> failures)
    {
        if (forbidden.WhyPinned(move.Segment) is { } pinned)
        {
            failures.Add($"segment {move.Segment} is {pinned}");
        }

        foreach (var replica in map.Find(move.To)?.Replicas ?? [])
        {
            if (forbidden.WhyExcluded(replica) is { } excluded)
            {
                failures.Add($"node {replica}, which holds a replica of {move.To}, {excluded}");
            }
        }

        ShardId? Then(SegmentId other) => plan.Moves.FirstOrDefault(m => m.Segment == other)?.To ?? (other.Value < map.SegmentCount ? map.OwnerOf(other) : null);
        if (forbidden.WhyApart(move.Segment, other => Then(other) == move.To) is { } apart)
        {
            failures.Add($"segment {move.Segment} can not go to {move.To}: {apart}");
        }
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

    // What would make the plan wrong: that those it relieves need it no more, or that those who take on, or are handed over, get more by themselves. How much is
    // measured by the threshold: a shard far below it may double without any harm.
    private static void CheckPeaks(Plan plan, IReadOnlyDictionary<ShardId, double> shardPeaks, List<string> failures)
    {
        var preconditions = plan.Preconditions;
        var gives = plan.Moves.Select(m => m.From).Concat(plan.Transfers.Select(t => t.Shard)).ToHashSet();
        var takes = plan.Moves.Select(m => m.To).Concat(plan.Transfers.Select(t => t.Shard)).ToHashSet();
        for (var i = 0; i < preconditions.ShardsUsed.Length && i < preconditions.ShardPeaks.Length; i++)
        {
            var (shard, planned) = (preconditions.ShardsUsed[i], preconditions.ShardPeaks[i]);
            if (!shardPeaks.TryGetValue(shard, out var newest) || double.IsNaN(newest))
            {
                continue;
            }

            var byThreshold = preconditions.ThresholdMillicores > 0;
            var allowed = Math.Max(NegligibleMillicores, preconditions.ForecastTolerance * (byThreshold ? preconditions.ThresholdMillicores : planned));
            var wrong = byThreshold ? (takes.Contains(shard) && newest - planned > allowed) || (gives.Contains(shard) && planned - newest > allowed) : Math.Abs(newest - planned) > allowed;
            if (wrong)
            {
                var of = byThreshold ? $"of the threshold {Words.Number(preconditions.ThresholdMillicores)} " : "";
                failures.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"the forecast of {shard} went from {planned:0} to {newest:0} mcore, more than the {100 * preconditions.ForecastTolerance:0} % {of}that the plan allows"));
            }
        }
    }
}
