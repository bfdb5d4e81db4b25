using System.Security.Cryptography;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Consensus;

/// <summary>Opens this node's replicas from the store. What is damaged is not opened, and said.</summary>
internal sealed class GroupOpener(NodeStore store, RaftLoop loop, ShardServices services, NodeId self)
{
    /// <summary>The state in which every group begins: genesis is entry 1 of term 1, and already compacted.</summary>
    private static SnapshotMark FirstMark(IEnumerable<NodeId> voters) => new(1, 1, ConfigurationState.OfVoters(voters.Select(v => v.Value)));

    /// <summary>Adds the first state of all groups of this node.</summary>
    public void AddFirstState(StoreBatch batch, Genesis genesis)
    {
        foreach (var (group, voters) in Hosted(genesis))
        {
            batch.SetHardState(group, new HardState(1, 0, 1));
            batch.InstallSnapshot(group, FirstMark(voters));
        }
    }

    /// <summary>Adds the first state of a shard that was born for this node: as at the founding, with this node as its only voter. It owns nothing.</summary>
    public void AddFirstState(StoreBatch batch, GroupId group)
    {
        batch.SetHardState(group, new HardState(1, 0, 1));
        batch.InstallSnapshot(group, FirstMark([self]));
    }

    /// <summary>Groups that the node holds since the founding.</summary>
    public IEnumerable<GroupId> Founded(Genesis genesis) => Hosted(genesis).Select(h => h.Group);

    /// <summary>Opens a group as the store has it: one of which nothing is held begins with an empty log, knows no voter and never campaigns. Null, and the reason, where it is damaged.</summary>
    public GroupReplica? Open(Genesis genesis, GroupId group, ulong votesFrom, List<string> problems)
    {
        var image = store.LoadGroup(group);
        if (image.Damages.Count > 0)
        {
            problems.Add($"{group}: {image.Damages[0].Message}");
            return null;
        }

        try
        {
            return group == GroupId.Meta ? OpenMeta(genesis, image, votesFrom, problems) : OpenShard(genesis, image, votesFrom, problems);
        }
        catch (Exception e) when (e is RaftInvariantException or InvalidDataException)
        {
            problems.Add($"{group}: {e.Message}");
            return null;
        }
    }

    private IEnumerable<(GroupId Group, IEnumerable<NodeId> Voters)> Hosted(Genesis genesis)
    {
        if (genesis.MetaVoters.Contains(self))
        {
            yield return (GroupId.Meta, genesis.MetaVoters);
        }

        foreach (var shard in genesis.Map.Shards.Where(s => s.Replicas.Contains(self)))
        {
            yield return (GroupId.Of(shard.Id), shard.Replicas);
        }
    }

    private MetaReplica? OpenMeta(Genesis genesis, GroupImage image, ulong votesFrom, List<string> problems)
    {
        var machine = new MetaMachine();
        if (image.Log.Snapshot.Index == 0)
        {
            // Opened for a group that it does not know yet: its state comes as a snapshot.
        }
        else if (image.Record.IsEmpty)
        {
            _ = machine.Apply(new Entry(1, 1, EntryKind.Normal, new FoundCluster(0, genesis).Encode()));
        }
        else if (MetaState.Decode(image.Record.Span) is { } state)
        {
            machine.Restore(state);
        }
        else
        {
            problems.Add("meta: the group record was written by another version.");
            return null;
        }

        var record = image.Record.IsEmpty ? machine.State.Encode() : image.Record;
        return new MetaReplica(machine, NewCore(image.Log, votesFrom), image.Log, record, loop, services);
    }

    private ShardReplica? OpenShard(Genesis genesis, GroupImage image, ulong votesFrom, List<string> problems)
    {
        var machine = Restore(store, genesis, image, services.Executor, out var problem);
        if (machine is null)
        {
            problems.Add($"{image.Group.Shard}: {problem}");
            return null;
        }

        return new ShardReplica(machine, NewCore(image.Log, votesFrom), image.Log, image.Record, loop, services);
    }

    /// <summary>A shard's state machine as of the log's snapshot mark, each segment as of its checkpoint; null and the reason where something cannot be read.</summary>
    public static ShardMachine? Restore(NodeStore store, Genesis genesis, GroupImage image, ICommandExecutor executor, out string? problem)
    {
        var shard = image.Group.Shard;

        // Before its first snapshot a replica that was added later holds nothing.
        var held = image.Log.Snapshot.Index == 0 ? 0 : genesis.SegmentCount;
        var owned = Enumerable.Range(0, held).Select(i => new SegmentId((ushort)i)).Where(s => genesis.Map.OwnerOf(s) == shard);
        var machine = new ShardMachine(shard, genesis.SegmentCount, owned, executor);
        foreach (var header in image.Checkpoints)
        {
            if (!TryReadTable(store, header, out var table) || !machine.TryRestore(header.Segment, header.State.Span, table, header.AppliedIndex))
            {
                problem = $"the checkpoint of segment {header.Segment} cannot be read.";
                return null;
            }
        }

        if (!ShardReplica.TryReadRecord(image.Record.Span, out var time))
        {
            problem = "the group record was written by another version.";
            return null;
        }

        machine.RestoreGroup(image.Log.Snapshot.Index, time);
        problem = null;
        return machine;
    }

    private static bool TryReadTable(NodeStore store, CheckpointHeader header, out SegmentTable? table)
    {
        table = header.ChunkCount == 0 ? null : new SegmentTable();
        if (table is null)
        {
            return true;
        }

        using var reader = store.ReadCheckpoint(header.Group, header.Segment);
        var decoder = new TableChunkDecoder();
        for (var i = 0; i < header.ChunkCount; i++)
        {
            if (reader is null || reader.ReadNext(out var chunk) != ChunkReadStatus.Chunk || decoder.Feed(chunk.Span, table) == ChunkOutcome.Damaged)
            {
                table.Dispose();
                return false;
            }
        }

        return true;
    }

    private RaftCore NewCore(GroupLog log, ulong votesFrom) => new(
        new RaftOptions
        {
            Id = self.Value,
            TickMs = services.Options.TickMs,
            HeartbeatTicks = services.Options.HeartbeatTicks,
            ElectionTicks = services.Options.ElectionTicks,
            VotesFrom = votesFrom,
            Random = new Random(RandomNumberGenerator.GetInt32(int.MaxValue)),
        },
        log,
        log.Snapshot.Index);
}
