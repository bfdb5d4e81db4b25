using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Planning.Paper;

/// <summary>A cluster that exists on paper: who owns what at the beginning, who is there, and how large the segments are.</summary>
/// <param name="Map">The map at the beginning.</param>
/// <param name="Members">All members; a capacity of 0 is not limited and not judged.</param>
/// <param name="Lost">Members that are away for the whole run: their shards are led by the next living replica.</param>
/// <param name="SegmentBytes">Bytes per segment; its length is the segment count.</param>
internal sealed record PaperCluster(ShardMap Map, IReadOnlyList<Member> Members, IReadOnlySet<NodeId> Lost, IReadOnlyList<long> SegmentBytes)
{
    /// <summary>The cluster without some of its nodes and with some new ones. A new node leads as many empty shards as the others on average and follows some of theirs.</summary>
    /// <param name="added">Number of new nodes, 0..1024; each is as large as the first member.</param>
    public PaperCluster With(IReadOnlySet<NodeId> lost, int added)
    {
        var members = Members.ToList();
        var shards = Map.Shards.ToList();
        var replication = Map.Shards.Length == 0 ? 1 : Map.Shards.Max(s => s.Replicas.Length);
        var each = Math.Max(1, (int)Math.Round((double)Map.Shards.Length / Math.Max(1, Members.Count)));
        var (firstNode, firstShard) = (members.Count == 0 ? 1 : members.Max(m => m.Id.Value) + 1, shards.Count == 0 ? 1 : shards.Max(s => s.Id.Value) + 1);
        for (var i = 0; i < added; i++)
        {
            members.Add(members[0] with { Id = new NodeId(firstNode + (ulong)i), Name = $"n{members.Count + 1}" });
        }

        for (var i = 0; i < added * each; i++)
        {
            var own = Members.Count + (i / each);
            var replicas = Enumerable.Range(0, Math.Min(replication, members.Count)).Select(r => members[(own + (r * (1 + (i % each)))) % members.Count].Id).Append(members[own].Id);
            shards.Add(new ShardInfo(new ShardId((ushort)(firstShard + i)), [.. replicas.Distinct().Take(replication).Order()], members[own].Id));
        }

        return this with { Map = Map with { Shards = [.. shards] }, Members = members, Lost = new HashSet<NodeId>(Lost.Concat(lost)) };
    }
}
