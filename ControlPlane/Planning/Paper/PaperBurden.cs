using System.Collections.Immutable;
using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Planning.Paper;

/// <summary>Adds up what the nodes bear: the shards' loads first, then what each node leads and follows of them. Who is alive does not change within a run.</summary>
internal sealed class PaperBurden
{
    private readonly int[] shardAt;
    private readonly (int Shard, LoadRole Role)[][] roles;
    private readonly double[][] shards;

    public PaperBurden(ShardMap map, IReadOnlyList<MemberLoad> members, IReadOnlySet<NodeId> alive)
    {
        shardAt = new int[map.Shards.Length == 0 ? 1 : map.Shards.Max(s => s.Id.Value) + 1];
        for (var i = 0; i < map.Shards.Length; i++)
        {
            shardAt[map.Shards[i].Id.Value] = i;
        }

        roles = [.. members.Select(m => map.Shards
            .Select((s, i) => (Shard: i, Role: alive.Contains(m.Member.Id) ? Placement.RoleOf(m.Member.Id, s, alive) : null))
            .Where(r => r.Role is not null).Select(r => (r.Shard, r.Role!.Value)).ToArray())];
        shards = [new double[map.Shards.Length], new double[map.Shards.Length]];
    }

    /// <summary>Load of each member at a moment, mcore, in the order of the members.</summary>
    public double[] Of(PaperLoads loads, ImmutableArray<ShardId> owners, DateTimeOffset at)
    {
        var step = loads.StepOf(at);
        if (step < 0 || step >= loads.Lead.Count)
        {
            return new double[roles.Length];
        }

        return Sum(owners, (role, s) => loads.Of(role, s, step));
    }

    /// <summary>Load of each member when the segments cost what was measured, mcore.</summary>
    public double[] Of(MeasuredLoad measured, ImmutableArray<ShardId> owners) => Sum(owners, (role, s) => (role == LoadRole.Lead ? measured.Cpu : measured.FollowerCpu)[s]);

    /// <summary>What the shards lead, as of the last sum, mcore, in the order of the map.</summary>
    public IReadOnlyList<double> Led => shards[(int)LoadRole.Lead];

    private double[] Sum(ImmutableArray<ShardId> owners, Func<LoadRole, int, double> cost)
    {
        for (var role = 0; role < 2; role++)
        {
            Array.Clear(shards[role]);
            for (var s = 0; s < owners.Length; s++)
            {
                shards[role][shardAt[owners[s].Value]] += cost((LoadRole)role, s);
            }
        }

        return [.. roles.Select(own => own.Sum(r => shards[(int)r.Role][r.Shard]))];
    }
}
