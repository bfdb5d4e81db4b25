using MathNet.Numerics.Distributions;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Planning;

/// <summary>Checks a planner's result from scratch: it adds up all loads anew and shares no code with the search.</summary>
internal static class PlanVerifier
{
    /// <summary>Every property that does not hold, in words; empty when the result is sound.</summary>
    public static IReadOnlyList<string> Violations(PlanningInput input, PlanningResult result, PlanningOptions options)
    {
        var found = new List<string>();
        if (string.IsNullOrWhiteSpace(result.Reason))
        {
            found.Add("the result gives no reason");
        }

        if (result.Plan is not { } plan)
        {
            if (result.Figures.Moves != 0 || Math.Abs(result.Figures.GainMinutes) > 1e-9)
            {
                found.Add("there is no plan, yet the figures show one");
            }

            return found;
        }

        CheckMoves(input, plan, options, found);
        CheckHash(plan, found);
        CheckLoads(input, result, plan, options, found);
        return found;
    }

    private static void CheckMoves(PlanningInput input, Plan plan, PlanningOptions options, List<string> found)
    {
        var map = input.Scores.Map;
        var alive = input.Scores.Members.Where(m => m.Alive).Select(m => m.Member.Id).ToHashSet();
        CheckTransfers(input, plan, alive, options, found);
        if (plan.ActionCount == 0 || plan.ActionCount > options.MaxMoves || plan.Moves.Sum(m => m.Bytes) > options.MaxBytes)
        {
            found.Add($"{plan.Moves.Length} moves of {plan.Moves.Sum(m => m.Bytes)} bytes are outside the limits");
        }

        if (plan.Moves.Select(m => m.Segment).Distinct().Count() != plan.Moves.Length)
        {
            found.Add("a segment moves twice");
        }

        CheckApart(input, plan, found);
        for (var i = 0; i < plan.Moves.Length; i++)
        {
            var move = plan.Moves[i];
            void Require(bool holds, string what)
            {
                if (!holds)
                {
                    found.Add($"move {move.Number} of segment {move.Segment}: {what}");
                }
            }

            Require(move.Number == i + 1, "out of order");
            Require(map.OwnerOf(move.Segment) == move.From, "it does not own it");
            Require(move.To != move.From && map.Find(move.To) is not null, "no other shard of the map");
            Require(move.Bytes == input.SegmentBytes[move.Segment.Value], "wrong size");
            Require(!string.IsNullOrWhiteSpace(move.Reason), "no reason");
            Require(move.StartAt is null == (input.Scores.Reactive is not null), "only moves that rest on a forecast have a start of their own");
            Require(move.StartAt is null || (move.StartAt >= input.Now && (i == 0 || move.StartAt >= plan.Moves[i - 1].StartAt)), "it begins before now or before the move before it");
            Require(!input.Pinned.Contains(move.Segment), "pinned");
            Require(!input.Constraints.Any(c => c.Kind == ConstraintKind.Pin && c.Segments.Contains(move.Segment)), "pinned by a constraint");
            Require(input.Only?.Contains(move.Segment) != false, "not asked for");
            Require(input.UnderWay.All(m => m.Segment != move.Segment), "already under way");
            var target = map.Find(move.To)?.Replicas ?? [];
            Require(target.Count(alive.Contains) * 2 > target.Length, "the target has no living majority");
            Require(!target.Any(input.Excluded.Contains), "the target is excluded");
            Require(!input.Constraints.Any(c => c.Kind == ConstraintKind.Exclude && target.Any(c.Nodes.Contains)), "the target is excluded by a constraint");
            foreach (var past in input.Past.Where(p => p.Segment == move.Segment))
            {
                var minutes = (input.Now - past.EndedAt).TotalMinutes;
                Require(minutes >= options.CoolDownMinutes, "it rests");
                Require(past.From != move.To || minutes >= options.ReturnCoolDownMinutes || NewerThan(input, past), "it goes back");
            }
        }
    }

    // Who is moved to a shard finds nobody there that it is to be apart from, when all is done.
    private static void CheckApart(PlanningInput input, Plan plan, List<string> found)
    {
        var owners = input.Scores.Map.Owners.ToArray();
        foreach (var (segment, to) in input.UnderWay.Select(m => (m.Segment, m.To)).Concat(plan.Moves.Select(m => (m.Segment, m.To))))
        {
            owners[segment.Value] = to;
        }

        foreach (var constraint in input.Constraints.Where(c => c.Kind == ConstraintKind.Apart))
        {
            found.AddRange(plan.Moves.Where(m => constraint.Segments.Contains(m.Segment)
                && constraint.Segments.Any(o => o != m.Segment && o.Value < owners.Length && owners[o.Value] == m.To)).Select(m => $"move {m.Number} of segment {m.Segment}: not apart"));
        }
    }

    private static void CheckTransfers(PlanningInput input, Plan plan, HashSet<NodeId> alive, PlanningOptions options, List<string> found)
    {
        if (plan.Transfers.Select(t => t.Shard).Distinct().Count() != plan.Transfers.Length)
        {
            found.Add("the leadership of a shard goes twice");
        }

        for (var i = 0; i < plan.Transfers.Length; i++)
        {
            var transfer = plan.Transfers[i];
            var shard = input.Scores.Map.Find(transfer.Shard);
            bool holds = transfer.Number == plan.Moves.Length + i + 1 && shard is not null && shard.PreferredLeader == transfer.From && transfer.From != transfer.To
                && shard.Replicas.Contains(transfer.To) && alive.Contains(transfer.From) && alive.Contains(transfer.To) && !input.Excluded.Contains(transfer.To)
                && !input.Constraints.Any(c => c.Kind == ConstraintKind.Exclude && c.Nodes.Contains(transfer.To))
                && !input.ReplicasChanging.Contains(transfer.Shard) && !input.LeadersStay && input.Only is null && !string.IsNullOrWhiteSpace(transfer.Reason)
                && input.TransfersUnderWay.All(t => t.Shard != transfer.Shard) && plan.Preconditions.MembersUsed.Contains(transfer.To) && plan.Preconditions.ShardsUsed.Contains(transfer.Shard);
            holds &= input.PastTransfers.Where(p => p.Shard == transfer.Shard).All(p => (input.Now - p.EndedAt).TotalMinutes >= options.CoolDownMinutes);
            holds &= input.PastTransfers.Where(p => p.Shard == transfer.Shard).MaxBy(p => p.EndedAt) is not { } last
                || last.From != transfer.To || (input.Now - last.EndedAt).TotalMinutes >= options.ReturnCoolDownMinutes;
            if (!holds)
            {
                found.Add($"transfer {transfer.Number} of {transfer.Shard} to {transfer.To} is not allowed");
            }
        }
    }

    private static bool NewerThan(PlanningInput input, PastMove past) =>
        input.Past.Any(p => p.Segment == past.Segment && p.EndedAt > past.EndedAt);

    private static void CheckHash(Plan plan, List<string> found)
    {
        var again = new Plan(plan.Kind, plan.MadeAt, plan.Epoch, plan.Reason, plan.Moves, plan.Preconditions, plan.Transfers);
        if (again.Hash != plan.Hash)
        {
            found.Add("the same plan has another hash");
        }

        if (plan.Preconditions.ShardsUsed.Length != plan.Preconditions.ShardPeaks.Length
            || plan.Moves.Any(m => !plan.Preconditions.ShardsUsed.Contains(m.From) || !plan.Preconditions.ShardsUsed.Contains(m.To)))
        {
            found.Add("the preconditions do not name every shard that is used");
        }
    }

    private static void CheckLoads(PlanningInput input, PlanningResult result, Plan plan, PlanningOptions options, List<string> found)
    {
        var board = input.Scores;
        var before = board.Map.Owners.ToArray();
        foreach (var move in input.UnderWay)
        {
            before[move.Segment.Value] = move.To;
        }

        var after = (ShardId[])before.Clone();
        foreach (var move in plan.Moves)
        {
            after[move.Segment.Value] = move.To;
        }

        double minutesBefore = 0, minutesAfter = 0;
        void Compare(string name, double limit, double fixedLoad, Func<ShardId, LoadRole?> oldRole, Func<ShardId, LoadRole?> newRole)
        {
            for (var k = 0; k < board.Field.StepCount; k++)
            {
                var old = Score(board, before, oldRole, k, fixedLoad);
                var now = Score(board, after, newRole, k, fixedLoad);
                minutesBefore += old > limit ? board.Field.Spans[k].TotalMinutes : 0;
                minutesAfter += now > limit ? board.Field.Spans[k].TotalMinutes : 0;
                if (now > ((1 - options.Hysteresis) * limit) + 1e-3 && now > old + 1e-3)
                {
                    found.Add($"the plan pushes {name} from {old:0.###} to {now:0.###} mcore in step {k}, limit {limit:0.###}");
                }
            }
        }

        foreach (var shard in board.Map.Shards)
        {
            LoadRole? Own(ShardId id) => id == shard.Id ? LoadRole.Lead : null;
            Compare(shard.Id.ToString(), board.ThresholdMillicores, 0, Own, Own);
        }

        var alive = board.Members.Where(m => m.Alive).Select(m => m.Member.Id).ToHashSet();
        for (var i = 0; i < board.Members.Count; i++)
        {
            var (member, fixedLoad) = (board.Members[i], board.Nodes[i].BaseMillicores);
            Dictionary<ShardId, LoadRole?> Roles(bool planned) => board.Map.Shards.ToDictionary(s => s.Id, s => RoleOf(Led(s, input, planned ? plan : null, alive), member.Member.Id, alive));
            var (oldRoles, newRoles) = (Roles(false), Roles(true));
            var capacity = member.Alive && member.Member.Capacity.CpuMillicores > 0 ? member.Member.Capacity.CpuMillicores : double.PositiveInfinity;
            Compare(member.Member.Name, board.ComfortZone * capacity, fixedLoad, id => oldRoles.GetValueOrDefault(id), id => newRoles.GetValueOrDefault(id));
        }

        var claimed = result.Figures;
        if (Math.Abs(claimed.MinutesOverBefore + claimed.NodeMinutesOverBefore - minutesBefore) > 0.01
            || Math.Abs(claimed.MinutesOverAfter + claimed.NodeMinutesOverAfter - minutesAfter) > 0.01)
        {
            found.Add($"minutes over the limits are {minutesBefore:0} and {minutesAfter:0}, the figures say something else");
        }

        if (minutesBefore - minutesAfter < options.MinGainMinutes - 1e-6)
        {
            found.Add($"the plan saves {minutesBefore - minutesAfter:0} minutes, less than {options.MinGainMinutes:0}");
        }
    }

    // The shard with the leader that it has once what is under way, and then the plan, is carried out.
    private static ShardInfo Led(ShardInfo shard, PlanningInput input, Plan? plan, HashSet<NodeId> alive)
    {
        var underWay = input.TransfersUnderWay.FirstOrDefault(t => t.Shard == shard.Id && alive.Contains(t.To) && shard.Replicas.Contains(t.To));
        var led = underWay is null ? shard : shard with { PreferredLeader = underWay.To };
        return plan?.Transfers.FirstOrDefault(t => t.Shard == shard.Id) is { } transfer ? led with { PreferredLeader = transfer.To } : led;
    }

    private static LoadRole? RoleOf(ShardInfo shard, NodeId node, HashSet<NodeId> alive)
    {
        var leads = alive.Contains(shard.PreferredLeader) || !shard.Replicas.Any(alive.Contains)
            ? shard.PreferredLeader
            : shard.Replicas.First(alive.Contains);
        return node == leads ? LoadRole.Lead : shard.Replicas.Contains(node) ? LoadRole.Follow : null;
    }

    private static double Score(ScoreBoard board, ShardId[] owners, Func<ShardId, LoadRole?> role, int step, double fixedLoad)
    {
        var field = board.Field;
        double mean = fixedLoad, variance = 0;
        var loadings = new double[field.FactorCount];
        for (var s = 0; s < owners.Length; s++)
        {
            if (role(owners[s]) is not { } carried)
            {
                continue;
            }

            mean += field.Means(carried, s)[step];
            variance += field.OwnVariances(carried, s)[step];
            for (var f = 0; f < loadings.Length; f++)
            {
                loadings[f] += field.Loadings(carried, s)[(step * loadings.Length) + f];
            }
        }

        return Math.Max(0, mean + (Normal.InvCDF(0, 1, board.Quantile) * Math.Sqrt(variance + loadings.Sum(l => l * l))));
    }
}
