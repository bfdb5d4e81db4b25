using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Simulation;

/// <summary>What its disk holds, what a crash leaves of it, and how a copy comes and goes.</summary>
internal abstract partial class SimReplica
{
    /// <summary>What the crash leaves of the transaction under way.</summary>
    public void LeaveWrite(WriteLeft left)
    {
        if (left == WriteLeft.Whole)
        {
            Persist(persisting!);
        }
        else if (left == WriteLeft.Torn && Plants(Planted.TornTransactionKept) && persisting!.HardState is { } hard)
        {
            disk.SetHardState(hard);
        }

        (persisting, WriteNumber) = (null, 0);
    }

    /// <summary>Opens it, with an empty log where the node holds none. False: the order is an old one.</summary>
    public bool Open(OpenReplica asked, ulong from)
    {
        if (hosted.IsOld(group, asked.Change) && !(Plants(Planted.LateOrderReopens) && OpenedBy is null))
        {
            return false;
        }

        if (OpenedBy is null && deletedBy >= asked.Change)
        {
            throw new SimulationFailedException(Invariant.DeletedStaysDeleted, $"Node {node.Id} opens {group} by change {asked.Change}, although it has deleted the copy that {deletedBy} opened.");
        }

        if (IsDamaged && OpenedBy < asked.Change)
        {
            _ = TryClose();
        }

        var (isNew, first) = (OpenedBy is null, hosted.FirstState(group, new HardState(asked.Term, from, 0)));
        hosted = hosted.Open(group, asked.Change, asked.AppliedIndex);
        if (isNew)
        {
            if (!Plants(Planted.ReopenedReplicaVotes))
            {
                disk.SetHardState(first);
            }

            Start();
        }

        return true;
    }

    /// <summary>It was opened here as a shard that was born for this node.</summary>
    public bool WasBorn { get; private set; }

    /// <summary>Opens a shard that was born for this node, as its only voter. False: the order is an old one.</summary>
    public bool Bear(BearShard asked)
    {
        if (hosted.IsOld(group, asked.Birth) && !(Plants(Planted.LateOrderReopens) && OpenedBy is null))
        {
            return false;
        }

        if (OpenedBy is null && deletedBy >= asked.Birth)
        {
            throw new SimulationFailedException(Invariant.DeletedStaysDeleted, $"Node {node.Id} bears {group} by entry {asked.Birth}, although it has deleted the copy that {deletedBy} opened.");
        }

        if (OpenedBy is null)
        {
            hosted = hosted.Open(group, asked.Birth, 0);
            disk = new MemoryLog(new SnapshotMark(1, 1, ConfigurationState.OfVoters([node.Id])));
            disk.SetHardState(new HardState(1, 0, 1));
            WasBorn = true;
            Start();
        }

        return true;
    }

    /// <summary>Deletes the copy; false while something is being persisted.</summary>
    public virtual bool TryClose()
    {
        if (persisting is not null)
        {
            return false;
        }

        deletedBy = OpenedBy ?? deletedBy;
        hosted = hosted.Delete(group, IsDamaged ? default : disk.InitialHardState);
        Crash();
        IsDamaged = false;
        safe = default;
        disk = new MemoryLog();
        Start();
        return true;
    }

    /// <summary>The disk is empty again.</summary>
    protected virtual void OnWiped()
    {
    }

    /// <summary>As the founding leaves it. Where replicas come and go a log begins behind its first state, as it does in a node: who comes later gets that as a snapshot.</summary>
    private static MemoryLog EmptyDisk(World world, SimNode node, GroupId group)
    {
        var voters = world.FirstVoters(group);
        var configuration = ConfigurationState.OfVoters(voters.Select(v => v.Value));
        return !world.Options.Replaces || (group == GroupId.Meta && !world.Options.Wipes && !world.Options.Joins) ? new MemoryLog { InitialConfiguration = configuration }
            : voters.Contains(new NodeId(node.Id)) ? new MemoryLog(new SnapshotMark(1, 1, configuration)) : new MemoryLog();
    }

    /// <summary>Planted: the disk forgets.</summary>
    private void LoseTheDisk()
    {
        if (Plants(Planted.SkipFsync))
        {
            KeepUpTo(safe.LastIndex, safe.Hard);
        }

        if (Plants(Planted.ForgetTheTerm))
        {
            disk.SetHardState(new HardState(0, 0, disk.InitialHardState.Commit));
        }

        if (Plants(Planted.ShortenedLogVotes))
        {
            KeepUpTo(disk.LastIndex - Math.Min(disk.LastIndex, (ulong)world.Random.Next(1, 6)), disk.InitialHardState);
        }

        if (Plants(Planted.WipedNodeKeepsItsName) && world.Random.Next(3) == 0)
        {
            disk = EmptyDisk(world, node, group);
            OnWiped();
        }
    }

    private void KeepUpTo(ulong last, HardState hard)
    {
        var older = EmptyDisk(world, node, group);
        older.Append(disk.Read(disk.FirstIndex, Math.Min(disk.LastIndex, last) + 1, long.MaxValue));
        older.SetHardState(hard with { Commit = Math.Min(hard.Commit, older.LastIndex) });
        disk = older;
    }

    private void Persist(Ready ready)
    {
        safe = (disk.InitialHardState, disk.LastIndex);
        if (ready.HardState is { } hard)
        {
            disk.SetHardState(hard);
        }

        if (ready.Snapshot is { } mark)
        {
            disk.ApplySnapshot(mark);
        }

        disk.Append(ready.Entries);
    }
}
