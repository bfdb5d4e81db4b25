using System.Collections.Immutable;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.Simulation;

/// <summary>A whole cluster of the real cores on one thread: virtual time, a network that loses, doubles, delays, reorders and splits, nodes that crash, all from one seed.</summary>
internal sealed partial class World
{
    private readonly PriorityQueue<Action, (long At, long Number)> events = new();
    private readonly HashSet<(ulong, ulong)> cut = [];
    private long number;
    private readonly EventHash hash = new();
    private readonly Random lateness;
    private bool disturbed = true;

    public World(SimOptions options)
    {
        Options = options;
        (Random, lateness) = (new Random(options.Seed), new Random(~options.Seed));
        var members = Enumerable.Range(1, options.Nodes)
            .Select(NewMember).ToList();
        Genesis = Founding.Create("sim", members, SimOptions.SegmentCount, 1, options.ReplicationFactor);
        ShardIds = [.. Enumerable.Range(1, Genesis.Map.Shards.Length + options.MaxJoins).Select(i => new ShardId((ushort)i))];
        Reference = new Reference(options, Genesis, ShardIds, Ledger);
        Nodes = [];
        Nodes.AddRange(members.Select(m => new SimNode(this, m.Id.Value)));
        Keys = [.. FindKeys("k", 10, null)];
        ExpiringKeys = [.. FindKeys("x", 2, [.. Keys.Select(k => k.Segment).Distinct()])];
        Clients = [.. Enumerable.Range(0, options.Clients).Select(i => new SimClient(this, i))];
    }

    public SimOptions Options { get; }
    public Random Random { get; }
    public Genesis Genesis { get; }

    /// <summary>Shards of the genesis, then those that nodes may bring.</summary>
    public ImmutableArray<ShardId> ShardIds { get; }

    public Reference Reference { get; }
    public List<SimNode> Nodes { get; }
    public ClientLedger Ledger { get; } = new();
    public SimClient[] Clients { get; }
    public (string Key, SegmentId Segment)[] Keys { get; }

    /// <summary>Keys that expire; in the same segments, of no client.</summary>
    public (string Key, SegmentId Segment)[] ExpiringKeys { get; }

    /// <summary>Virtual milliseconds since the start.</summary>
    public long Now { get; private set; }

    public long NowMicros => Now * 1000;

    /// <summary>Virtual Unix milliseconds.</summary>
    public long UnixMs => 1_700_000_000_000 + Now;

    public Dictionary<string, List<Operation>> History { get; } = [];

    /// <summary>All is at rest; nothing new is begun.</summary>
    public bool IsEnding { get; private set; }

    /// <summary>Hash of everything that happened, in its order.</summary>
    public ulong Hash => hash.Value;

    /// <summary>Something happened.</summary>
    public void Note(EventKind kind, ulong a, ulong b = 0, ulong c = 0) => hash.Add(kind, (ulong)Now, a, b, c);

    public static ShardMachine NewMachine(SimOptions options, Genesis genesis, ShardId shard) => new(
        shard, genesis.SegmentCount,
        genesis.Map.Owners.Select((owner, i) => (owner, i)).Where(x => x.owner == shard).Select(x => new SegmentId((ushort)x.i)),
        SimExecutor.Instance, options.Rules, static () => new SegmentTable(splitBytes: 256));

    /// <summary>Runs it all; throws where a promise is broken.</summary>
    public RunSummary Run()
    {
        foreach (var client in Clients)
        {
            client.Begin();
        }

        var begun = 0;
        while (Now < Options.DisturbedMs)
        {
            Step();
            Disturb();
            begun += Random.Next(Options.MigrationEveryMs) == 0 ? BeginMigration() : 0;
            if (Options.Expires && Random.Next(25) == 0)
            {
                Expire();
            }

            if (Options.Joins)
            {
                KillNewborns();
                if (Random.Next(700) == 0)
                {
                    ComeOrGo();
                }
            }

            if (Options.Upgrades)
            {
                UpgradeNext();
            }

            if (Options.Wipes && Random.Next(1500) == 0)
            {
                Wipe();
            }
            else if (Options.Replaces && !Options.Wipes && Random.Next(Options.ReplaceEveryMs) == 0)
            {
                ChangeReplicas();
            }
        }

        Heal();
        StepUntil(IsAtRest);
        IsEnding = true;
        foreach (var client in Clients)
        {
            client.Stop();
        }

        for (var until = Now + 3000; Now < until;)
        {
            Step();
        }

        // An order to open that comes only now makes a copy that nobody named, and that asks whether it may stay.
        StepUntil(ReplicasAreAtRest);
        CheckEnd();
        return new RunSummary(
            begun, Reference.Activations, Reference.Meta.State.Ended.Count(m => m.Phase == MigrationPhase.Aborted), Reference.Restarts,
            History.Values.Sum(h => h.Count(o => o.End != long.MaxValue)), History.Values.Sum(h => h.Count(o => o.End == long.MaxValue)),
            Reference.Meta.State.Ended.Count(m => m.Phase == Shared.Plans.MigrationPhase.RolledBack),
            Reference.Meta.State.EndedReplicaChanges.Count(c => c.Phase == ReplicaPhase.Done), Nodes.Count(n => n.IsGone),
            Reference.Meta.State.EndedReplicaChanges.Count(c => c.Phase == ReplicaPhase.Done && !c.Repairs.IsNone), Nodes.Sum(n => n.Shards.Sum(s => s.Repaired)),
            Nodes.Sum(n => n.Shards.Count(s => s.WasBorn)), ShardIds.Length - Options.MaxJoins + joined - Reference.Meta.State.Map.Shards.Length, killedNewborns.Count, waitedForLevel);
    }

    /// <summary>Counts whatever must be ordered.</summary>
    public long NextNumber() => ++number;

    public void After(long delayMs, Action action) => events.Enqueue(action, (Now + Math.Max(0, delayMs), number++));

    /// <summary>Carries something from one node to another, as the network of this moment does.</summary>
    public void Carry(ulong from, ulong to, Action<SimNode> deliver)
    {
        if (from == to)
        {
            After(0, () => DeliverTo(to, deliver));
            return;
        }

        if (disturbed && (cut.Contains((from, to)) || Random.NextDouble() < Options.Loss))
        {
            return;
        }

        Note(EventKind.Message, from, to);
        for (var copies = disturbed && Random.NextDouble() < Options.Duplicate ? 2 : 1; copies > 0; copies--)
        {
            After(disturbed && Random.Next(50) == 0 ? Random.Next(20, 400) : Random.Next(1, 4), () => DeliverTo(to, deliver));
        }
    }

    /// <summary>Brings some messages once more, seconds later, when what they asked for may have been done and undone.</summary>
    public void CarryLate(ulong to, Action<SimNode> deliver)
    {
        if (disturbed && lateness.Next(3) == 0)
        {
            After(lateness.Next(200, 5000), () => DeliverTo(to, deliver));
        }
    }

    /// <summary>Nodes that vote in a group when the cluster is founded.</summary>
    public ImmutableArray<NodeId> FirstVoters(GroupId group) =>
        Options.Replaces && group != GroupId.Meta ? Genesis.Map.Find(group.Shard)?.Replicas ?? []
        : Options.Wipes || Options.Joins ? Genesis.MetaVoters : [.. Genesis.Members.Select(m => m.Id)];

    /// <summary>Who leads a group, as gossip has it: of those that claim it the one with the highest term; 0: nobody.</summary>
    public ulong LeaderOf(GroupId group) => Nodes.Where(n => n.IsUp && n.Replica(group).Core is { Role: RaftRole.Leader }).MaxBy(n => n.Replica(group).Core!.Term)?.Id ?? 0;

    public SimNode Node(ulong id) => Nodes[(int)id - 1];

    private void DeliverTo(ulong to, Action<SimNode> deliver)
    {
        if (Node(to).IsUp)
        {
            Node(to).WhenRunning(() => deliver(Node(to)));
        }
    }

    private void Step()
    {
        Now++;
        while (events.TryPeek(out var action, out var due) && due.At <= Now)
        {
            events.Dequeue();
            action();
        }

        foreach (var node in Nodes)
        {
            node.Step();
        }
    }

    private static Member NewMember(int number) =>
        new(new NodeId((ulong)number), $"n{number}", "", new NodeCapacity(500, 0, 0, 0), new NodeAddresses("127.0.0.1", 1, 2, 3, 4));

    private int BeginMigration()
    {
        var state = Reference.Meta.State;
        var segment = Keys[Random.Next(Keys.Length)].Segment;
        if (state.Map.SegmentCount == 0)
        {
            return 0;
        }

        var from = state.Map.OwnerOf(segment);
        if (state.Limits == MigrationLimits.Default)
        {
            // Slow enough that crashes and leaders' changes meet migrations in every phase.
            ProposeToMeta(new ChangeLimits(UnixMs, new MigrationLimits(3, 4000, Random.Next(300, 3000), 0, Random.Next(3), 500)));
        }

        var others = state.Map.Shards.Where(s => s.Id != from).ToList();
        if (others.Count == 0)
        {
            return 0;
        }

        ProposeToMeta(new BeginMigration(UnixMs, $"plan{Now}", 1, segment, from, others[Random.Next(others.Count)].Id, "sim", "because"));
        var latest = state.Migrations.Keys.LastOrDefault();
        if (Random.Next(3) == 0 && state.Migrations.Values.LastOrDefault(m => m.Phase == Shared.Plans.MigrationPhase.Retaining) is { } kept)
        {
            ProposeToMeta(new RollBack(UnixMs, kept.Id, "sim", "worse than before"));
        }

        switch (Random.Next(8))
        {
            case 0: ProposeToMeta(new AbortMigration(UnixMs, latest, "sim", "cancelled")); break;
            case 1:
                ProposeToMeta(new PauseMigration(UnixMs, latest, true, "sim", ""));
                After(700, () => ProposeToMeta(new PauseMigration(UnixMs, latest, false, "sim", "")));
                break;
        }

        return 1;
    }

    /// <summary>Sets a key that expires soon, or proposes to delete one that may have.</summary>
    private void Expire()
    {
        var (key, segment) = ExpiringKeys[Random.Next(ExpiringKeys.Length)];
        var leader = Nodes.SelectMany(n => n.Shards).FirstOrDefault(s => s.Serves && s.Machine!.Segment(segment).State == SegmentState.Owned);
        if (leader is not null)
        {
            leader.ProposeTimed(Random.Next(2) == 0
                ? ShardEntryCodec.Expire(segment, System.Text.Encoding.UTF8.GetBytes(key))
                : ShardEntryCodec.Command(segment, new SimCommand(key, $"x{Now}", false, leader.Machine!.GroupTimeMs + Random.Next(1, 120)).Encode()));
        }
    }

    private void ChangeReplicas()
    {
        var state = Reference.Meta.State;
        if (state.Genesis is null)
        {
            return;
        }

        var group = GroupId.Of(state.Map.Shards[Random.Next(state.Map.Shards.Length)].Id);
        if (state.ChangeOf(group) is { } open)
        {
            if (Random.Next(3) == 0)
            {
                ProposeToMeta(new CancelReplicas(UnixMs, open.Id, "sim", "no more"));
            }

            return;
        }

        var wanted = Nodes.OrderBy(_ => Random.Next()).Take(Random.Next(1, Options.ReplicationFactor + 1)).Select(n => new NodeId(n.Id)).Order().ToImmutableArray();
        ProposeToMeta(new SetReplicas(UnixMs, group, state.ReplicasOf(group), wanted, default, "sim", "because"));
    }

    /// <summary>Every group is held by those that the map names, and by nobody else.</summary>
    private bool ReplicasAreAtRest() => !Options.Replaces || (Reference.Meta.State is var state && state.ReplicaChanges.IsEmpty && state.Births.IsEmpty
        && !Nodes.Any(n => n.IsGone ? HoldsAnything(n) : n.Shards.Any(s => s.IsDamaged)) && (!Options.Wipes || Groups.All(g => state.ReplicasOf(g).Length >= Math.Min(3, Options.Nodes)))
        && Nodes.Where(n => !n.IsGone).All(n => n.Shards.All(s => s.OpenedBy is not null == (state.Map.Find(s.Shard)?.Replicas.Contains(new NodeId(n.Id)) == true))));

    /// <summary>Whatever was changed behind a log's back is repaired.</summary>
    private bool CopiesAreEqual() => !Options.Corrupts || Nodes.All(n => n.Shards.All(s => Reference.IsEqual(s.Machine!)));

    private void ProposeToMeta(MetaCommand command)
    {
        foreach (var node in Nodes.Where(n => n.IsUp))
        {
            node.Meta.Propose(command);
        }
    }

    private void StepUntil(Func<bool> atRest)
    {
        while (!atRest())
        {
            if (Now > Options.DisturbedMs + Options.HealedMs)
            {
                throw new SimulationFailedException(Invariant.Progress, $"Not at rest {Options.HealedMs} ms after healing: {Describe()}");
            }

            Step();
        }
    }

    private bool IsAtRest()
    {
        var state = Reference.Meta.State;
        foreach (var record in state.Migrations.Values.Where(m => m.Paused))
        {
            ProposeToMeta(new PauseMigration(UnixMs, record.Id, false, "sim", ""));
        }

        return state.Genesis is not null && state.Migrations.IsEmpty && ReplicasAreAtRest() && CopiesAreEqual() && Clients.All(c => c.Completed >= c.MustComplete)
            && Reference.Machines.Values.All(m => m.Segments.All(s => s.State is SegmentState.Absent or SegmentState.Owned));
    }

    private void CheckEnd()
    {
        var map = Reference.Meta.State.Map;
        foreach (var (_, segment) in Keys)
        {
            foreach (var machine in Reference.Machines.Values)
            {
                var owns = machine.Segment(segment).State == SegmentState.Owned;
                if (owns != (map.OwnerOf(segment) == machine.Shard))
                {
                    throw new SimulationFailedException(Invariant.Progress, $"At rest {machine.Shard} {(owns ? "serves" : "does not serve")} segment {segment}, which the map gives to {map.OwnerOf(segment)}.");
                }
            }
        }

        foreach (var replica in Nodes.Where(n => !n.IsGone).SelectMany(n => n.Shards).Where(s => s.OpenedBy is not null))
        {
            if (!replica.Core!.Configuration.Voters.SequenceEqual(map.Find(replica.Shard)!.Replicas.Select(r => r.Value)))
            {
                throw new SimulationFailedException(Invariant.Progress, $"At rest {replica.Shard} has {replica.Core.Configuration} at node {replica.Node.Id}, the map names {string.Join(" ", map.Find(replica.Shard)!.Replicas.Select(r => r.Value))}.");
            }

            Reference.CompareAtRest(replica.Machine!);
        }

        foreach (var (key, segment) in Keys)
        {
            var history = History.GetValueOrDefault(key) ?? [];
            history.Add(new Operation(false, SimExecutor.Look(Reference.Machines[map.OwnerOf(segment)].Segment(segment), key), Now, Now));
            if (Linearizability.WhyNot(history) is { } why)
            {
                throw new SimulationFailedException(Invariant.Linearizable, $"The history of {key} (segment {segment}) is not linearizable: {why}");
            }
        }
    }

    private string Describe()
    {
        var migrations = Reference.Meta.State.Migrations.Values.Select(m => $"{m.Id}:{m.Segment} {m.From}->{m.To} {m.Phase} from ended {m.FromEnded} to ended {m.ToEnded} ({m.Log[^1].Reason})");
        var segments = Reference.Machines.Values.SelectMany(m => m.Segments.Where(s => s.Migration != 0)
            .Select(s => $"{m.Shard}/{s.Id} {s.State}({s.Migration}) fence {s.Fence} ready {s.Ready} unequal {s.Unequal} cursor {s.Cursor.Index}/{s.Cursor.Next}/{s.Cursor.BucketCount} missing {s.Cursor.Missing.Length} verified {s.VerifiedIndex}"));
        var meta = Nodes.Select(n => $"{n.Id} {n.Meta.Core?.Role} term {n.Meta.Core?.Term} leader {n.Meta.Core?.Leader} serves {n.Meta.Serves} transfers to {n.Meta.Core?.TransferTarget} applied {n.Meta.Core?.Applied} of {n.Meta.Core?.LastIndex}");
        var replicas = Reference.Meta.State.ReplicaChanges.Values.Select(c => $"{c.Id}:{c.Group} {c.Phase} to {string.Join(" ", c.Target.Select(n => n.Value))}")
            .Concat(Nodes.SelectMany(n => n.Shards.Where(s => s.OpenedBy is not null).Select(s => $"{n.Id}/{s.Shard} by {s.OpenedBy} {s.Core?.Role} {s.Core?.Configuration}")));
        var shown = Reference.Meta.State.Map.Shards.Select(s => $"{s.Id} at {string.Join(" ", s.Replicas.Select(n => n.Value))}");
        return $"map: {string.Join("; ", shown)} | meta group: {string.Join("; ", meta)} | {(Options.Replaces ? string.Join("; ", replicas) + " | " : "")}{string.Join("; ", migrations)} | {string.Join("; ", segments)} | clients {string.Join(",", Clients.Select(c => $"{c.Completed}/{c.MustComplete}"))}";
    }

    /// <summary>So many keys in each of four segments (of those that are named), so that histories are long and migrations meet.</summary>
    private static IEnumerable<(string Key, SegmentId Segment)> FindKeys(string prefix, int each, SegmentId[]? segments)
    {
        var counts = new Dictionary<SegmentId, int>();
        for (var i = 0; counts.Count < 4 || counts.Values.Any(c => c < each); i++)
        {
            var key = $"{prefix}{i}";
            var segment = SegmentId.OfSlot(Slot.Of(System.Text.Encoding.UTF8.GetBytes(key)), SimOptions.SegmentCount);
            if (segments?.Contains(segment) != false && (counts.Count < 4 || counts.ContainsKey(segment)) && counts.GetValueOrDefault(segment) < each)
            {
                counts[segment] = counts.GetValueOrDefault(segment) + 1;
                yield return (key, segment);
            }
        }
    }
}
