using System.Collections.Immutable;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.ControlPlane.Planning;

/// <summary>Every move and every non-move in plain words with figures.</summary>
internal sealed class PlanWording
{
    /// <summary>Segments explained per shard or node that is over its limit: those that weigh most there.</summary>
    private const int ExplainedPerLimited = 8;

    /// <summary>Targets looked at for a refusal: the emptiest.</summary>
    private const int ExplainedTargets = 64;

    private readonly PlanningInput input;
    private readonly PlanningOptions options;
    private readonly PlanSearch search;
    private readonly Layout layout;
    private readonly LoadField field;

    public PlanWording(PlanningInput input, PlanningOptions options, PlanSearch search)
    {
        this.input = input;
        this.options = options;
        this.search = search;
        layout = search.Layout;
        field = input.Scores.Field;
    }

    /// <summary>Why there is a plan: who would pass which limit, when, and where the plan brings them.</summary>
    public string PlanReason()
    {
        var relieved = layout.All.Where(l => l.Triggered && l.ExcessNow < ExcessBefore(l) - 1e-6).ToArray();
        var sentences = relieved.Take(3).Select(l =>
        {
            var after = l.PeakStep(l.Sum.Score);
            return $"{Over(l)}; with the plan {Figure(l, l.Sum.Score(after))}.";
        });
        var more = relieved.Length > 3 ? $" {relieved.Length - 3} more are relieved too." : "";
        var count = search.Transfers.Count > 0 ? Words.Actions(search.Moves.Count, search.Transfers.Count) : search.Moves.Count == 1 ? "One move" : $"{search.Moves.Count} moves";
        var left = layout.All.Where(l => l.MinutesOver(l.Sum.Score) > 0).Select(l => l.Name).ToArray();
        var rest = left.Length == 0 ? "" : $" Still over the limit: {string.Join(", ", left)}{(search.StoppedBy is null ? "" : ", because " + search.StoppedBy)}.";
        return $"{string.Join(' ', sentences)}{more} {count}, {(search.Moves.Count == 0 ? "nothing is copied" : Words.Bytes(search.Bytes))}.{rest}";
    }

    /// <summary>Why there is no plan.</summary>
    public string NothingToDo()
    {
        var over = layout.All.Where(l => l.Triggered).ToArray();
        if (over.Length > 0)
        {
            var why = Refusals().Select(r => $"segment {r.Segment}: {r.Reason}").FirstOrDefault() ?? search.StoppedBy ?? "no segment there carries load";
            return $"Nothing to do: {string.Join("; ", over.Take(3).Select(Over))}, but no move helps ({why}).";
        }

        if (layout.Shards.Length == 0)
        {
            return "Nothing to do: the map has no shards.";
        }

        var shard = layout.Shards.MaxBy(s => s.Before.Max())!;
        var text = $"Nothing to do: {shard.Name} peaks highest, {Figure(shard, shard.Before.Max())} at {At(shard.PeakStep(k => shard.Before[k]))}, threshold {Words.Number(shard.Limit)}";
        var nodes = layout.Nodes.Where(n => double.IsFinite(n.Limit)).ToArray();
        if (nodes.Length == 0)
        {
            return text + ".";
        }

        var node = nodes.MaxBy(n => n.Before.Max() / n.Limit)!;
        return $"{text}; the busiest node is {node.Name}, {Figure(node, node.Before.Max())} at {At(node.PeakStep(k => node.Before[k]))}, comfort zone {Words.Percent(input.Scores.ComfortZone)}.";
    }

    /// <summary>The move with its reason: why it moves, and why there.</summary>
    /// <param name="startAt">When it begins; null: with the plan.</param>
    /// <param name="clump">Its clump's number; 0 where it goes alone.</param>
    public Move Describe(PickedMove move, int number, DateTimeOffset? startAt, int clump)
    {
        var score = input.Scores.Segments[move.Segment];
        var source = SourceOfTrouble(move);
        var step = source.PeakStep(k => source.Before[k]);
        var role = source.IsNode ? RoleIn(move.From, source) : LoadRole.Lead;
        var share = field.Means(role, move.Segment)[step];
        var target = layout.Shards[move.To];
        var targetStep = target.PeakStep(target.Sum.Score);
        var why = $"Segment {move.Segment} is {Words.Millicores(share)} of the {Words.Millicores(source.Before[step])} that {source.Name} is predicted to reach at {At(step)} ({Limit(source)}).";
        var leader = layout.LeaderOf(move.To);
        var node = layout.Nodes[leader];
        var there = $"{target.Name} on {node.Name} then carries at most {Words.Millicores(target.Sum.Score(targetStep))}"
            + (double.IsFinite(node.Limit) ? $" and {node.Name} {Figure(node, node.Sum.Scores().Max())}" : "")
            + $"; {Near(move)}.";
        return new Move(
            number, new SegmentId((ushort)move.Segment), layout.Map.Shards[move.From].Id, layout.Map.Shards[move.To].Id, score.Peak,
            input.SegmentBytes[move.Segment], $"{why} {there}{Together(move)}", startAt, clump > 0 ? clump : null);
    }

    /// <summary>The transfers of leadership with their reasons, numbered after the moves.</summary>
    public ImmutableArray<LeaderTransfer> Transfers(int moves) => [.. search.Transfers.Select((t, i) =>
    {
        var (from, to) = (layout.Nodes[t.From], layout.Nodes[t.To]);
        var (shard, step) = (layout.Shards[t.Shard], from.PeakStep(k => from.Before[k]));
        return new LeaderTransfer(
            moves + i + 1, layout.Map.Shards[t.Shard].Id, input.Scores.Members[t.From].Member.Id, input.Scores.Members[t.To].Member.Id, Limited.PeakOf(shard.Scores),
            $"{from.Name} is predicted to reach {Figure(from, from.Before[step])} at {At(step)} ({Limit(from)}); leading {shard.Name} is {Words.Millicores(shard.Sum.Mean(step))} of it. "
            + $"{to.Name} follows {shard.Name} already, so nothing is copied"
            + (double.IsFinite(to.Limit) ? $", and then carries at most {Figure(to, Limited.PeakOf(to.Scores))}." : "."));
    })];

    /// <summary>Transfers of leadership that were not taken, of nodes that are still over their comfort zone: of each its heaviest shards, with the follower that comes nearest.</summary>
    public IReadOnlyList<TransferRefusal> TransferRefusals()
    {
        var refusals = new List<TransferRefusal>();
        var transfers = new TransferSearch(search, input, options);
        for (var node = 0; node < layout.Nodes.Length && !input.LeadersStay && refusals.Count < options.MaxRefusals; node++)
        {
            if (layout.Nodes[node].ExcessNow > 1e-9)
            {
                var worst = layout.Nodes[node].WorstStep();
                refusals.AddRange(layout.LedBy(node).OrderByDescending(s => layout.Shards[s].Sum.Mean(worst)).ThenBy(s => s).Take(ExplainedPerLimited)
                    .SelectMany(shard => layout.FollowersOf(shard).Take(1).Select(to => new TransferRefusal(
                        layout.Map.Shards[shard].Id, input.Scores.Members[node].Member.Id, input.Scores.Members[to].Member.Id, transfers.WhyNot(shard, to) ?? WhyNoRelief(shard, to)))));
            }
        }

        return refusals;
    }

    private string WhyNoRelief(int shard, int to) => search.StoppedBy is { } stopped ? stopped
        : layout.TryTransfer(shard, to) is { Harmed: { } harmed } effect
        ? $"{harmed.Name} would reach {Figure(harmed, effect.HarmScore)} at {At(effect.HarmStep)}, above {Figure(harmed, harmed.Relief)} ({Limit(harmed)} less {Words.Percent(options.Hysteresis)})"
        : "following costs the node as much as leading does";

    private string Together(PickedMove move)
    {
        var with = input.Links.Select(l => l.One.Value == move.Segment ? l.Other.Value : l.Other.Value == move.Segment ? l.One.Value : -1)
            .Where(s => s >= 0 && search.Moves.Any(m => m.Segment == s && m.To == move.To)).Distinct().Order().ToArray();
        return with.Length == 0 ? "" : $" It goes with {(with.Length == 1 ? "segment" : "segments")} {string.Join(", ", with)}, asked for together with it.";
    }

    /// <summary>Candidates that were not taken, the weightiest of each shard or node over its limit.</summary>
    public IReadOnlyList<Refusal> Refusals()
    {
        var refusals = new List<Refusal>();
        var named = search.Moves.Select(m => m.Segment).ToHashSet();
        foreach (var limited in layout.All.Where(l => l.Triggered))
        {
            var step = limited.PeakStep(k => limited.Before[k]);
            if (refusals.Count >= options.MaxRefusals)
            {
                break;
            }

            var weightiest = layout.CarriedBy(limited).Where(s => field.Means(s.Role, s.Segment)[step] > 0)
                .OrderByDescending(s => field.Means(s.Role, s.Segment)[step]).ThenBy(s => s.Segment).Take(ExplainedPerLimited);
            foreach (var (segment, _) in weightiest)
            {
                if (named.Add(segment) && refusals.Count < options.MaxRefusals)
                {
                    refusals.Add(Refuse(segment, limited));
                }
            }
        }

        return refusals;
    }

    private Refusal Refuse(int segment, Limited limited)
    {
        var id = new SegmentId((ushort)segment);
        var from = layout.Map.Shards[layout.OwnerOf(segment)].Id;
        var reason = search.Eligibility.WhyStays(segment) ?? search.Eligibility.WhyTooHot(segment);
        if (reason is not null)
        {
            return new Refusal(id, from, null, reason);
        }

        if (limited.ExcessNow <= 1e-9)
        {
            var hopeless = Enumerable.Range(0, field.StepCount).Any(k => !limited.IsJudged(k) && limited.Sum.Score(k) > limited.Limit);
            return new Refusal(id, from, null, hopeless
                ? $"not worth it: what cannot leave {limited.Name} keeps it over its threshold with or without this segment"
                : $"not needed: {limited.Name} stays inside its limit without this move");
        }

        return search.StoppedBy is { } stopped ? new Refusal(id, from, null, stopped) : NoTarget(segment, id, from, limited);
    }

    // The target that comes nearest to taking it, and what stands against it.
    private Refusal NoTarget(int segment, SegmentId id, ShardId from, Limited limited)
    {
        string? hard = null;
        ShardId? nearest = null;
        string? obstacle = null;
        var least = double.MaxValue;
        foreach (var to in search.Targets(ExplainedTargets))
        {
            if (search.Eligibility.WhyNotTo(segment, to) is { } no)
            {
                hard ??= to == layout.OwnerOf(segment) ? null : no;
                continue;
            }

            var effect = layout.Try(segment, to);
            if (effect.Harmed is { } harmed && effect.HarmScore / harmed.Limit < least)
            {
                least = effect.HarmScore / harmed.Limit;
                nearest = layout.Map.Shards[to].Id;
                obstacle = $"{harmed.Name} would reach {Figure(harmed, effect.HarmScore)} at {At(effect.HarmStep)}, above {Figure(harmed, harmed.Relief)} ({Limit(harmed)} less {Words.Percent(options.Hysteresis)})";
            }
            else if (effect.Harmed is null)
            {
                least = 0;
                nearest = layout.Map.Shards[to].Id;
                obstacle = $"{limited.Name} would not be relieved: the same nodes carry {layout.Shards[to].Name}";
            }
        }

        return new Refusal(id, from, nearest, obstacle ?? hard ?? "there is no other shard");
    }

    // Who needs the move: the source shard when it is over its threshold, else the node of the source that is worst off.
    private Limited SourceOfTrouble(PickedMove move)
    {
        var shard = layout.Shards[move.From];
        if (shard.Triggered)
        {
            return shard;
        }

        return layout.Roles[move.From].Select(r => layout.Nodes[r.Node]).Where(n => n.Triggered)
            .OrderByDescending(n => n.Before.Max() / n.Limit).FirstOrDefault() ?? shard;
    }

    private LoadRole RoleIn(int shard, Limited node) =>
        layout.Roles[shard].First(r => ReferenceEquals(layout.Nodes[r.Node], node)).Role;

    private string Over(Limited limited)
    {
        var peak = limited.PeakStep(k => limited.Before[k]);
        var first = Enumerable.Range(0, field.StepCount).First(k => limited.Before[k] > limited.Limit);
        return $"{limited.Name} is predicted to reach {Figure(limited, limited.Before[peak])} at {At(peak)}, {Limit(limited)} passed from {At(first)} for {Words.Number(limited.MinutesOver(k => limited.Before[k]))} minutes";
    }

    private double ExcessBefore(Limited limited)
    {
        double excess = 0;
        for (var k = 0; k < field.StepCount; k++)
        {
            excess += limited.IsJudged(k) ? field.Spans[k].TotalMinutes * Math.Max(0, (limited.Before[k] / limited.Relief) - 1) : 0;
        }

        return excess;
    }

    private string Near(PickedMove move)
    {
        if (layout.LeaderOf(move.From) == layout.LeaderOf(move.To))
        {
            return "the same node leads it";
        }

        var micros = search.Eligibility.Distance(move.From, move.To);
        return $"{Words.Number(micros / 1000.0)} ms away";
    }

    private string Figure(Limited limited, double score) =>
        limited.IsNode ? $"{Words.Percent(score / limited.Limit * input.Scores.ComfortZone)} of its CPU" : Words.Millicores(score);

    private string Limit(Limited limited) =>
        limited.IsNode ? $"comfort zone {Words.Percent(input.Scores.ComfortZone)}" : $"threshold {Words.Number(limited.Limit)}";

    private string At(int step) => Words.Time(field.Starts[step], input.Now);
}
