using System.Text;
using ShardConsole.NodeAgent.AntiEntropy.Core;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Simulation;

/// <summary>What a node's driver does for comparisons of a shard's replicas, and the damage that they are to find.</summary>
internal sealed partial class SimShard
{
    private const int TakeOverMs = 2000;
    private AntiEntropyReplicaCore pictures = new(GroupId.Of(shard));
    private AntiEntropyLeaderCore? checks;
    private long takeOverUntil;
    private int phantoms;

    /// <summary>Writes to the segment wait: a bucket is about to be read.</summary>
    public bool Holds(SegmentId segment) => checks?.Held == segment && !World.Options.Planted.HasFlag(Planted.RepairUnderWrites);

    /// <summary>Comparisons that ended with a repair.</summary>
    public int Repaired { get; private set; }

    /// <summary>A message about comparisons.</summary>
    public void OnCheckMessage(ulong from, AntiEntropyMessage message)
    {
        if (message is TakeOver)
        {
            takeOverUntil = World.Now + TakeOverMs;
            checks?.Begin("hand-over");
        }
        else if (pictures.Answer(message, Machine!.AppliedIndex) is { } answer)
        {
            Node.Send(from, answer);
        }
        else
        {
            checks?.OnMessage(new NodeId(from), message, World.Now);
        }
    }

    /// <summary>Changes a key that no client uses, in this replica alone.</summary>
    public void Corrupt()
    {
        var segment = Machine!.Segment(World.Keys[World.Random.Next(World.Keys.Length)].Segment);
        if (segment.State == SegmentState.Owned)
        {
            segment.Table!.Set(Encoding.UTF8.GetBytes($"phantom{phantoms++ % 5}"), ValueKind.String, Encoding.UTF8.GetBytes($"{World.Now}"), 0);
        }
    }

    private void ForgetChecks() => (checks, pictures, takeOverUntil) = (null, new AntiEntropyReplicaCore(Group), 0);

    private void OnAppliedForChecks(in Entry entry, in ApplyResult result)
    {
        if (result.Kind == ShardEntryKind.Check)
        {
            var (term, number) = ShardEntryCodec.Control(entry.Data.Span);
            var picture = DigestPicture.Of(Machine!);
            pictures.OnCheck(picture, 0);
            checks?.OnCheck(term, number, picture, World.Now);
        }
        else if (result.Kind == ShardEntryKind.Repair)
        {
            checks?.OnRepair(RepairEntry.Read(entry.Data)!, result.Outcome);
        }
    }

    private void CarryChecks()
    {
        if (!World.Options.Corrupts || World.IsEnding)
        {
            return;
        }

        if (!Serves)
        {
            checks = null;
            return;
        }

        if (checks?.Term != Core!.Term)
        {
            checks = new AntiEntropyLeaderCore(Machine!, new NodeId(Node.Id), Core.Term, World.Options.Checks, World.Random.Next(50, 1200), World.Now);
            if (World.Now < takeOverUntil)
            {
                checks.Begin("hand-over");
            }
        }

        var ended = checks.Ended;
        var work = checks.Look(GroupPicture.Of(Core), World.Now, World.UnixMs);
        foreach (var (to, message) in work.Messages)
        {
            Node.Send(to.Value, message);
        }

        foreach (var entry in work.Proposals)
        {
            ProposeTimed(entry);
        }

        if (!work.HandOver.IsNone)
        {
            Core.TransferLeadership(work.HandOver.Value, Node.Clock);
        }

        Repaired += checks.Ended > ended && checks.Last!.Repaired > 0 ? 1 : 0;
    }
}
