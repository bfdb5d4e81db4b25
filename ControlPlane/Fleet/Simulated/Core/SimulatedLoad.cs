using ShardConsole.ControlPlane.Demo;
using ShardConsole.ControlPlane.Planning.Paper;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Fleet.Simulated.Core;

/// <summary>What each node of a simulated fleet would report: the profile's requests at their cost, spread over leaders and followers as the map has it.</summary>
internal sealed class SimulatedLoad(SimulatedOptions options, DemoProfile profile, IReadOnlyList<Member> members, long[] segmentBytes)
{
    /// <summary>CPU of a node's process beside its segments, mcore.</summary>
    private const double BaseMillicores = 40;
    private const int RequestBytes = 40;
    private const int ValueBytes = 400;
    private const int BytesPerKey = 450;
    private const double WriteShare = 0.3;
    private readonly QueueModel queue = new();

    /// <summary>Costs of a request, µs of CPU: read, write, write at a follower.</summary>
    public static (double Read, double Write, double Follow) Cost => (OperationCost.DefaultRead, OperationCost.DefaultWrite, OperationCost.DefaultFollow);

    /// <summary>CPU of an average request with its followers, µs.</summary>
    public static double MicrosPerRequest(int replicas) => (Cost.Read * (1 - WriteShare)) + (Cost.Write * WriteShare) + (WriteShare * Cost.Follow * (replicas - 1));

    /// <summary>The reports of all nodes for one bucket.</summary>
    /// <param name="at">Middle of the bucket, model time.</param>
    /// <param name="startUnixMs">Its start, real time.</param>
    /// <param name="sequence">Of all nodes, from 1 on.</param>
    public IEnumerable<LoadReport> Reports(
        string clusterId, ShardMap map, IReadOnlyList<MigrationStatus> migrations, bool halted, DateTimeOffset at, long startUnixMs, int bucketMs, ulong boot, long sequence)
    {
        var rates = profile.Rates(at);
        for (var s = 0; s < rates.Length; s++)
        {
            rates[s] = Math.Max(0, rates[s] * profile.NoiseOf(s, startUnixMs));
        }

        var owned = map.Shards.ToDictionary(s => s.Id, _ => new List<int>());
        for (var s = 0; s < map.SegmentCount; s++)
        {
            owned[map.Owners[s]].Add(s);
        }

        var digest = map.Digest();
        foreach (var member in members)
        {
            var hosted = map.Shards.Where(s => s.Replicas.Contains(member.Id)).ToArray();
            var loads = hosted.SelectMany(shard => owned[shard.Id].Select(s => (Segment: s, Leads: shard.PreferredLeader == member.Id))).ToArray();
            var seconds = bucketMs / 1000.0;
            var mcore = BaseMillicores + loads.Sum(l => l.Leads ? Lead(rates[l.Segment]) : Follow(rates[l.Segment])) / 1000;
            var p99 = (int)Math.Min(1_000_000, 1000 * queue.P99Ms(Math.Min(0.999, mcore / options.NodeCpuMillicores)));
            var bytes = loads.Sum(l => segmentBytes[l.Segment]);
            var copying = migrations.Where(m => m.BytesPerSecond > 0 && hosted.Any(h => h.Id == m.From || h.Id == m.To)).Sum(m => m.BytesPerSecond);
            var use = new NodeUse(mcore, bytes, loads.Sum(l => rates[l.Segment] * WriteShare * ValueBytes) + copying, loads.Where(l => l.Leads).Sum(l => rates[l.Segment] * (RequestBytes + ValueBytes)) + copying);
            yield return new LoadReport(
                clusterId, member.Id, boot, sequence, startUnixMs, bucketMs, [.. loads.Select(l => Of(l.Segment, l.Leads, rates[l.Segment] * seconds, p99))], [],
                new NodeStatus(map.Epoch, digest, use, (long)loads.Count(l => l.Leads) * 4, members[0].Id, halted,
                    [.. hosted.Select(h => new ReplicaStatus(h.Id, h.PreferredLeader == member.Id ? "leader" : "follower", 1, h.PreferredLeader, map.Epoch, map.Epoch, 1, map.Epoch))], []));
        }
    }

    private static double Lead(double rate) => rate * ((Cost.Read * (1 - WriteShare)) + (Cost.Write * WriteShare));

    private static double Follow(double rate) => rate * WriteShare * Cost.Follow;

    private SegmentLoad Of(int segment, bool leads, double requests, int p99Micros)
    {
        var id = new SegmentId((ushort)segment);
        var writes = (long)Math.Round(requests * WriteShare);
        if (!leads)
        {
            return new SegmentLoad(id, 0, 0, 0, 0, 0, (long)Math.Round(Follow(requests)), 0, 0, -1, -1);
        }

        var reads = (long)Math.Round(requests) - writes;
        return new SegmentLoad(
            id, Math.Max(0, reads), writes, (long)(requests * RequestBytes) + (writes * ValueBytes), Math.Max(0, reads) * ValueBytes, (long)Math.Round(Lead(requests)), 0,
            p99Micros / 3, p99Micros, segmentBytes[segment] / BytesPerKey, segmentBytes[segment]);
    }
}
