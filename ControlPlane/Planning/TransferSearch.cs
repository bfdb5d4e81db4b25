namespace ShardConsole.ControlPlane.Planning;

/// <summary>
/// Transfers of leadership: where a node is over its comfort zone, others that hold replicas of what it leads may lead instead. Nothing is copied, so this comes before any
/// move. A shard that is over its threshold is not helped by it: its segments stay.
/// </summary>
internal sealed class TransferSearch(PlanSearch search, PlanningInput input, PlanningOptions options)
{
    /// <summary>Transfers this close to the best relief count as equal, and the one that fewest requests feel wins.</summary>
    private const double NearlyEqual = 0.9;

    /// <summary>Nodes looked at per round: those that are worst off.</summary>
    private const int NodesPerRound = 16;

    private readonly Layout layout = search.Layout;
    private readonly HashSet<int> stuck = [];

    /// <summary>Takes transfers while one helps.</summary>
    public void Run()
    {
        if (input.LeadersStay || input.Only is not null)
        {
            return;
        }

        while (search.HasRoom && !search.IsSpent && Worst() is { Length: > 0 } nodes)
        {
            if (Best(nodes) is { } transfer)
            {
                search.Take(transfer);
            }
            else
            {
                stuck.UnionWith(nodes);
            }
        }
    }

    private int[] Worst() => [.. Enumerable.Range(0, layout.Nodes.Length).Where(n => layout.Nodes[n].ExcessNow > 1e-9 && !stuck.Contains(n))
        .OrderByDescending(n => layout.Nodes[n].ExcessNow).ThenBy(n => n).Take(NodesPerRound)];

    /// <summary>Why a node can not take over a shard's leadership, load aside; null when it can.</summary>
    public string? WhyNot(int shard, int to)
    {
        var info = layout.Map.Shards[shard];
        var (leader, member) = (layout.LeaderOf(shard), input.Scores.Members[to]);
        if (leader < 0 || input.Scores.Members[leader].Member.Id != (input.TransfersUnderWay.FirstOrDefault(t => t.Shard == info.Id)?.To ?? info.PreferredLeader))
        {
            return "its preferred leader is away; leadership returns to it";
        }

        if (input.TransfersUnderWay.Any(t => t.Shard == info.Id))
        {
            return "its leadership is on its way already";
        }

        if (input.ReplicasChanging.Contains(info.Id))
        {
            return "its replicas are being changed";
        }

        if (!member.Alive)
        {
            return $"{member.Member.Name} is not alive";
        }

        if (input.Excluded.Contains(member.Member.Id))
        {
            return $"{member.Member.Name} takes nothing on";
        }

        if (search.Eligibility.Constraints.WhyExcluded(member.Member.Id) is { } excluded)
        {
            return $"{member.Member.Name} {excluded}";
        }

        var score = input.Scores.Nodes[to];
        if (score.DiskHeadroom < 0 || score.NetworkHeadroom < 0)
        {
            return $"{member.Member.Name} is outside its comfort zone in {(score.DiskHeadroom < 0 ? "disk I/O" : "network")}";
        }

        var last = input.PastTransfers.Where(p => p.Shard == info.Id).MaxBy(p => p.EndedAt);
        var minutes = last is null ? double.MaxValue : (input.Now - last.EndedAt).TotalMinutes;
        return minutes < options.CoolDownMinutes ? $"its leadership was moved {Words.Number(minutes)} minutes ago; it rests for {Words.Number(options.CoolDownMinutes)} minutes"
            : last?.From == member.Member.Id && minutes < options.ReturnCoolDownMinutes ? $"{member.Member.Name} led it {Words.Number(minutes)} minutes ago; it does not go back for {Words.Number(options.ReturnCoolDownMinutes)}"
            : null;
    }

    private PickedTransfer? Best(int[] nodes)
    {
        var found = new List<(PickedTransfer Transfer, double Gain, double Load, double Fullest)>();
        foreach (var node in nodes)
        {
            var worst = layout.Nodes[node].WorstStep();
            foreach (var shard in layout.LedBy(node))
            {
                foreach (var to in layout.FollowersOf(shard).Where(to => WhyNot(shard, to) is null))
                {
                    search.Count();
                    var effect = layout.TryTransfer(shard, to);
                    if (effect.Harmed is null && effect.Gain > 1e-6)
                    {
                        found.Add((new PickedTransfer(shard, node, to), effect.Gain, layout.Shards[shard].Sum.Mean(worst), effect.Fullest));
                    }
                }
            }
        }

        if (found.Count == 0)
        {
            return null;
        }

        var enough = NearlyEqual * found.Max(f => f.Gain);
        return found.Where(f => f.Gain >= enough).OrderBy(f => f.Load).ThenBy(f => f.Fullest).ThenBy(f => f.Transfer.Shard).ThenBy(f => f.Transfer.To).First().Transfer;
    }
}
