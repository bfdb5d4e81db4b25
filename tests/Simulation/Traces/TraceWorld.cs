using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.Simulation.Traces;

/// <summary>The meta group and two shards with one segment, as a trace finds them; the promises; and, at the end, leaders that bring everything to rest.</summary>
internal sealed class TraceWorld
{
    private const int RestMs = 120_000;
    private readonly MigrationOptions options = new() { AskMs = 100, RepeatMs = 50, ResendMs = 50, TargetSilenceMs = 3000, StallMs = 6000 };
    private ulong metaIndex = 1;

    public TraceWorld()
    {
        var members = Enumerable.Range(1, 2).Select(i => new Member(new NodeId((ulong)i), $"n{i}", "", new NodeCapacity(500, 0, 0, 0), new NodeAddresses("127.0.0.1", 1, 2, 3, 4))).ToList();
        var genesis = Founding.Create("trace", members, SimOptions.SegmentCount, 1, 1);
        var first = genesis.Map.Shards[0].Id;
        Segment = new SegmentId((ushort)genesis.Map.Owners.IndexOf(first));
        Shards = new() { ["A"] = new TraceShard(first, Segment, owns: true), ["B"] = new TraceShard(genesis.Map.Shards[1].Id, Segment, owns: false) };
        _ = Decide(new FoundCluster(0, genesis));
        _ = Decide(new ChangeLimits(0, MigrationLimits.Default with { RetainSeconds = 1 }));
    }

    public SegmentId Segment { get; }

    public Dictionary<string, TraceShard> Shards { get; }

    public MetaMachine Meta { get; } = new();

    /// <summary>What was acknowledged.</summary>
    public Dictionary<string, string> Truth { get; } = new() { ["k0"] = "0", ["k1"] = "0" };

    public TraceShard ById(ShardId id) => Shards.Values.Single(s => s.Machine.Shard == id);

    /// <summary>One entry of M's log.</summary>
    public MetaAnswer Decide(MetaCommand command) => Meta.Apply(new Entry(1, ++metaIndex, EntryKind.Normal, command.Encode())).Answer;

    /// <summary>The promises that hold at every moment.</summary>
    public void Check(string after)
    {
        var serving = Shards.Values.Where(s => s.Replica.State == SegmentState.Owned).ToList();
        if (serving.Count > 1)
        {
            throw new SimulationFailedException(Invariant.OneOwner, $"Two groups serve after: {after}");
        }

        var owner = ById(Meta.State.Map.OwnerOf(Segment));
        var holds = owner.Replica.State is SegmentState.Owned or SegmentState.Frozen || owner.Replica is { State: SegmentState.Importing, Ready: true };
        if (!holds)
        {
            throw new SimulationFailedException(Invariant.DataIsHeld, $"The owner holds {owner.Replica.State} after: {after}");
        }

        foreach (var (key, value) in Truth.Where(t => owner.Look(t.Key) != t.Value))
        {
            throw new SimulationFailedException(Invariant.AcknowledgedIsCommitted, $"The owner has {owner.Look(key)} for {key}, {value} was acknowledged, after: {after}");
        }
    }

    /// <summary>A leader of the shard that hears nothing from M for a long time: what it does by itself.</summary>
    public void LetDecideAlone(TraceShard shard)
    {
        var leader = new ShardLeaderCore(shard.Machine, 1, options, new CopyBudget(1_000_000, 0), 0);
        for (var now = 0L; now < RestMs * 1000L; now += 100_000)
        {
            leader.Tick(now);
            foreach (var entry in leader.TakeWork(now).Proposals)
            {
                shard.Apply(entry, r => leader.OnApplied(r, now));
            }
        }

        leader.Leave();
    }

    /// <summary>From here on everybody has a leader and nothing is lost: all must come to rest, with the truth at the one owner.</summary>
    public void ComeToRest()
    {
        var now = 0L;
        var meta = new MetaLeaderCore(Meta, options, now, 0);
        var leaders = Shards.Values.ToDictionary(s => GroupId.Of(s.Machine.Shard), s => (Shard: s, Core: new ShardLeaderCore(s.Machine, 2, options, new CopyBudget(10_000_000, 0), 0)));
        for (; now < RestMs * 1000L && !IsAtRest; now += 20_000)
        {
            meta.Tick(now, now / 1000);
            var work = meta.TakeWork();
            work.Proposals.ToList().ForEach(c => meta.OnApplied(Meta.Apply(new Entry(1, ++metaIndex, EntryKind.Normal, c.Encode())), now));
            work.Reads.ToList().ForEach(r => meta.OnRead(r, now));
            work.Messages.ToList().ForEach(m => leaders[m.To].Core.OnMessage(m, now));
            foreach (var (shard, core) in leaders.Values)
            {
                core.Tick(now);
                var owed = core.TakeWork(now);
                foreach (var entry in owed.Proposals)
                {
                    shard.Apply(entry, r => core.OnApplied(r, now));
                }

                foreach (var message in owed.Messages)
                {
                    if (message.To == GroupId.Meta)
                    {
                        meta.OnMessage(message, now);
                    }
                    else
                    {
                        leaders[message.To].Core.OnMessage(message, now);
                    }
                }

                if (owed.Alarms.Count > 0)
                {
                    throw new SimulationFailedException(Invariant.Alarm, owed.Alarms[0]);
                }
            }

            Check($"{now / 1000} ms on the way to rest");
        }

        if (!IsAtRest)
        {
            throw new SimulationFailedException(
                Invariant.Progress, $"Not at rest: {string.Join("; ", Meta.State.Migrations.Values.Select(m => $"{m.Id} {m.Phase} {m.FromEnded} {m.ToEnded}"))} | {string.Join("; ", Shards.Select(s => $"{s.Key} {s.Value.Replica.State}({s.Value.Replica.Migration}) fence {s.Value.Replica.Fence}"))}");
        }
    }

    private bool IsAtRest => Meta.State.Migrations.IsEmpty && Shards.Values.All(s => s.Replica.State is SegmentState.Absent or SegmentState.Owned);
}
