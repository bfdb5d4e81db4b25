using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Plans;

namespace ShardConsole.Simulation;

/// <summary>
/// What the cluster has committed, applied once by machines of its own the moment any replica first applies it, and the checks on it: one leader per term, one log, at most one
/// owner, no commit without a ready target, target equal to source when it is activated.
/// </summary>
internal sealed class Reference
{
    private readonly Dictionary<GroupId, List<Entry>> logs = [];
    private readonly Dictionary<GroupId, List<(ulong Term, int Count)>> committed = [];
    private readonly Dictionary<(GroupId Group, ulong Term), ulong> leaders = [];
    private readonly Dictionary<(SegmentId Segment, ulong Epoch), ShardId> owners = [];

    private readonly CopyWatch copies;
    private readonly ClientLedger ledger;

    public Reference(SimOptions options, Genesis genesis, IEnumerable<ShardId> shards, ClientLedger ledger)
    {
        this.ledger = ledger;
        copies = new CopyWatch(this);
        Meta = new MetaMachine(options.MetaRules);
        foreach (var shard in shards)
        {
            Machines[shard] = World.NewMachine(options, genesis, shard);
        }

        foreach (var (owner, i) in genesis.Map.Owners.Select((owner, i) => (owner, i)))
        {
            owners[(new SegmentId((ushort)i), 1)] = owner;
        }
    }

    public MetaMachine Meta { get; }

    public Dictionary<ShardId, ShardMachine> Machines { get; } = [];

    /// <summary>Migrations whose Activate was committed.</summary>
    public int Activations { get; private set; }

    /// <summary>Restarts of a stream that were committed and taken.</summary>
    public int Restarts { get; private set; }

    /// <summary>
    /// A replica leads a term and holds <paramref name="log"/>: alone, and with everything that was committed in earlier terms. The term of an entry is not enough: one of term 5 may
    /// be committed only by the leader of term 7, and a candidate of term 6 that wins late, when its last vote comes in, need not hold it.
    /// </summary>
    public void OnLeader(GroupId group, ulong term, ulong node, MemoryLog log)
    {
        if (!leaders.ContainsKey((group, term)) && logs.TryGetValue(group, out var applied)
            && committed[group].FindLast(c => c.Term < term) is { Count: > 0 } before && applied[before.Count - 1] is var last
            && log.LastIndex >= log.FirstIndex && log.TermOf(last.Index) != last.Term)
        {
            throw new SimulationFailedException(Invariant.LeaderCompleteness, $"Node {node} leads {group} in term {term} without entry {last.Index} of term {last.Term}, which was committed in term {before.Term}: its disk holds {log.FirstIndex} to {log.LastIndex}.");
        }

        if (leaders.TryGetValue((group, term), out var other) && other != node)
        {
            throw new SimulationFailedException(Invariant.OneLeaderPerTerm, $"Two leaders of {group} in term {term}: {other} and {node}.");
        }

        leaders[(group, term)] = node;
    }

    /// <summary>A replica is about to apply an entry. True: it is the first.</summary>
    /// <param name="term">The replica's: the entry was committed in this term or an earlier one.</param>
    public bool OnApply(GroupId group, in Entry entry, ulong term)
    {
        if (!logs.TryGetValue(group, out var log))
        {
            logs[group] = log = [];
            committed[group] = [];
        }

        if (log.Count > 0 && entry.Index <= log[^1].Index)
        {
            var known = log[(int)(entry.Index - log[0].Index)];
            if (known.Term != entry.Term || !known.Data.Span.SequenceEqual(entry.Data.Span))
            {
                throw new SimulationFailedException(Invariant.LogMatching, $"Entry {entry.Index} of {group} was applied with term {known.Term} and with term {entry.Term}: the logs differ.");
            }

            return false;
        }

        log.Add(entry);

        // Everything before it was committed in that term at the latest too.
        committed[group].RemoveAll(c => c.Term >= term);
        committed[group].Add((term, log.Count));
        if (group == GroupId.Meta)
        {
            ApplyMeta(entry);
        }
        else
        {
            ApplyShard(group.Shard, entry);
        }

        return true;
    }

    private void ApplyMeta(in Entry entry)
    {
        Meta.Apply(entry);
        foreach (var record in Meta.State.Migrations.Values.Where(m => m.Phase == MigrationPhase.Retaining && m.ActivatedUnixMs == 0))
        {
            var target = Machines[record.To].Segment(record.Segment);
            if (target.State == SegmentState.Importing && target.Migration == record.Id && !target.Ready)
            {
                throw new SimulationFailedException(Invariant.CommitNeedsReady, $"Migration {record.Id} is committed although its target is not ready.");
            }

            if (target.State == SegmentState.Absent)
            {
                throw new SimulationFailedException(Invariant.DataIsHeld, $"Migration {record.Id} is committed although its target has dropped the data.");
            }
        }
    }

    private void ApplyShard(ShardId shard, in Entry entry)
    {
        var machine = Machines[shard];
        var result = machine.Apply(entry, 2, null);
        if (result is { Kind: ShardEntryKind.Command, Outcome: ApplyOutcome.Applied } && SimCommand.Decode(ShardEntryCodec.Body(entry.Data.Span)) is { ExpiresAtMs: 0 } command)
        {
            ledger.OnApplied(command.Key, command.Attempt, command.Value);
        }

        copies.OnApplied(machine, result);
        Restarts += result is { Kind: ShardEntryKind.StreamApply, Outcome: ApplyOutcome.Applied }
            && StreamMessageCodec.Read(entry.Data[(ShardEntryCodec.HeadBytes + 8)..]) is StreamRestart ? 1 : 0;
        if (!result.StateChanged)
        {
            return;
        }

        var segment = machine.Segment(result.Segment);
        if (result.Kind == ShardEntryKind.Activate)
        {
            Activations++;
            CheckActivated(machine, segment);
        }

        if (segment.State == SegmentState.Absent && Meta.State.Migrations.Values.FirstOrDefault(m => m.Segment == segment.Id && m.To == shard && m.Phase == MigrationPhase.Retaining) is { } lost)
        {
            throw new SimulationFailedException(Invariant.DataIsHeld, $"Segment {segment.Id}: {shard}, to which migration {lost.Id} gave it, has dropped the data.");
        }

        if (segment.State == SegmentState.Owned)
        {
            if (owners.TryGetValue((segment.Id, segment.Epoch), out var other) && other != shard)
            {
                throw new SimulationFailedException(Invariant.OneOwnerPerEpoch, $"Segment {segment.Id} has two owners in epoch {segment.Epoch}: {other} and {shard}.");
            }

            owners[(segment.Id, segment.Epoch)] = shard;
            var owning = Machines.Values.Where(m => m.Segment(segment.Id).State == SegmentState.Owned).Select(m => m.Shard).ToList();
            if (owning.Count > 1)
            {
                throw new SimulationFailedException(Invariant.OneOwner, $"Segment {segment.Id} is served by {string.Join(" and ", owning)}.");
            }
        }

        if (!Machines.Values.Any(m => m.Segment(segment.Id) is { } s && (s.State is SegmentState.Owned or SegmentState.Frozen or SegmentState.Retained || s.Ready)))
        {
            throw new SimulationFailedException(Invariant.DataIsHeld, $"Segment {segment.Id}: no group holds the data any more.");
        }
    }

    private void CheckActivated(ShardMachine target, SegmentReplica segment)
    {
        if (Meta.State.Find(segment.Fence) is not { Epoch: > 0 })
        {
            throw new SimulationFailedException(Invariant.ActivateNeedsCommit, $"Segment {segment.Id} is activated at {target.Shard} although migration {segment.Fence} is not committed.");
        }

        var source = Machines.Values.Where(m => m != target).Select(m => m.Segment(segment.Id))
            .FirstOrDefault(s => s.State is SegmentState.Frozen or SegmentState.Retained && s.Migration == segment.Fence);
        if (source is null)
        {
            throw new SimulationFailedException(Invariant.ActivateNeedsCommit, $"Segment {segment.Id} is activated at {target.Shard} although no source is frozen for migration {segment.Fence}.");
        }

        if (source.Table!.Digest(0, 1) != segment.Table!.Digest(0, 1) || source.Table.Count != segment.Table.Count)
        {
            throw new SimulationFailedException(Invariant.TargetEqualsSource, $"Segment {segment.Id} is activated at {target.Shard} with {segment.Table.Count} keys that differ from the source's {source.Table.Count}.");
        }
    }

    /// <summary>A replica holds the data that the log makes, as far as it has applied it all.</summary>
    public bool IsEqual(ShardMachine replica) => Machines[replica.Shard] is var machine && replica.AppliedIndex == machine.AppliedIndex
        && replica.Segments.All(s => (s.Table?.Digest(0, 1) ?? default) == (machine.Segment(s.Id).Table?.Digest(0, 1) ?? default));

    /// <summary>At rest a replica must be what the reference is.</summary>
    public void CompareAtRest(ShardMachine replica)
    {
        var machine = Machines[replica.Shard];
        if (replica.AppliedIndex != machine.AppliedIndex)
        {
            throw new SimulationFailedException(Invariant.Progress, $"A replica of {replica.Shard} has applied {replica.AppliedIndex} of {machine.AppliedIndex} at rest.");
        }

        foreach (var segment in replica.Segments)
        {
            Compare(replica, segment);
        }
    }

    /// <summary>A replica that has applied as much as the reference must hold the same.</summary>
    public void CompareAtEqualIndex(ShardMachine replica, SegmentId segment)
    {
        if (replica.AppliedIndex == Machines[replica.Shard].AppliedIndex)
        {
            Compare(replica, replica.Segment(segment));
        }
    }

    private void Compare(ShardMachine replica, SegmentReplica segment)
    {
        var truth = Machines[replica.Shard].Segment(segment.Id);
        if (!SegmentStateCodec.Encode(segment).AsSpan().SequenceEqual(SegmentStateCodec.Encode(truth))
            || (segment.Table is null) != (truth.Table is null)
            || (segment.Table is not null && segment.Table.Digest(0, 1) != truth.Table!.Digest(0, 1)))
        {
            throw new SimulationFailedException(
                Invariant.MachinesEqual, $"A replica of {replica.Shard} differs from its log in segment {segment.Id} at {replica.AppliedIndex}: {Show(segment)} against {Show(truth)}.");
        }
    }

    private static string Show(SegmentReplica segment) =>
        $"{segment.State} {segment.Migration} fence {segment.Fence} ended {segment.Ended} last {segment.LastIndex} cursor {segment.Cursor.Index}/{segment.Cursor.Next}/{segment.Cursor.BucketCount}"
        + $" missing {segment.Cursor.Missing.Length} ready {segment.Ready} verified {segment.VerifiedIndex} time {segment.SourceTimeMs} keys {segment.Table?.Count} {segment.Table?.Digest(0, 1)}";
}
