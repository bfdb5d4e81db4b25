using System.Text;
using ShardConsole.NodeAgent.AntiEntropy.Core;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.NodeAgent.Storage;
using ShardConsole.Shared.Cluster;
using ShardConsole.Unit.Migration;

namespace ShardConsole.Unit.AntiEntropy;

/// <summary>The replicas of one shard with one log that a test holds, and the leader's comparison; messages go through their codec. Node 1 leads unless told otherwise.</summary>
internal sealed class CheckGroup
{
    private readonly List<AntiEntropyReplicaCore> pictures = [];
    private readonly int leader;
    private ulong applied;

    public CheckGroup(int replicas = 3, int leader = 1, AntiEntropyOptions? options = null)
    {
        this.leader = leader;
        for (var i = 0; i < replicas; i++)
        {
            Machines.Add(MachineScript.NewMachine(owned: true));
            pictures.Add(new AntiEntropyReplicaCore(new GroupId(1)));
        }

        Options = options ?? new AntiEntropyOptions();
        Core = new AntiEntropyLeaderCore(Machines[leader - 1], new NodeId((ulong)leader), 7, Options, -1, 0);
    }

    public AntiEntropyOptions Options { get; }
    public AntiEntropyLeaderCore Core { get; }
    public List<ShardMachine> Machines { get; } = [];
    public List<byte[]> Log { get; } = [];
    public List<string> Alarms { get; } = [];

    /// <summary>Nodes that answer nothing.</summary>
    public HashSet<int> Deaf { get; } = [];

    /// <summary>Called before each entry is applied, so that a test can put others in front.</summary>
    public Action<byte[]>? BeforeAppend { get; set; }

    /// <summary>Entries behind the applied one that wait.</summary>
    public Queue<byte[]> UnderWay { get; } = [];

    public NodeId HandOver { get; private set; }
    public long Now { get; private set; }

    /// <summary>Bytes of all messages.</summary>
    public long Bytes { get; private set; }

    public SegmentTable Table(int node) => Machines[node - 1].Segment(MachineScript.Segment).Table!;

    public void Write(string key, string value) => Append(MachineScript.Command(MachineScript.Segment, key, value));

    /// <summary>Changes one replica behind its log's back.</summary>
    public void Corrupt(int node, string key, string value) => Table(node).Set(Encoding.UTF8.GetBytes(key), ValueKind.String, Encoding.UTF8.GetBytes(value), 0);

    public string? Look(int node, string key) => MachineScript.Look(Machines[node - 1].Segment(MachineScript.Segment), key);

    public void Append(byte[] data)
    {
        Log.Add(data);
        var entry = new Entry(7, ++applied, EntryKind.Normal, data);
        for (var i = 0; i < Machines.Count; i++)
        {
            var result = Machines[i].Apply(entry, 2, null);
            if (result.Kind == ShardEntryKind.Check)
            {
                var (term, number) = ShardEntryCodec.Control(data);
                var picture = DigestPicture.Of(Machines[i]);
                pictures[i].OnCheck(picture, 0);
                if (i == leader - 1)
                {
                    Core.OnCheck(term, number, picture, Now);
                }
            }
            else if (result.Kind == ShardEntryKind.Repair && i == leader - 1)
            {
                Core.OnRepair(RepairEntry.Read(data)!, result.Outcome);
            }
        }
    }

    /// <summary>Runs a comparison to its end.</summary>
    public Shared.Contracts.CheckReport Check()
    {
        Core.Begin("test");
        return RunToEnd();
    }

    /// <summary>Runs the comparison under way to its end.</summary>
    public Shared.Contracts.CheckReport RunToEnd()
    {
        var before = Core.Ended;
        for (var i = 0; i < 2000 && Core.Ended == before; i++)
        {
            Step();
        }

        return Core.Ended > before ? Core.Last! : throw new InvalidOperationException($"The comparison stands in {Core.Step}.");
    }

    public void Step()
    {
        Now += 50;
        var voters = ConfigurationState.OfVoters(Machines.Select((_, i) => (ulong)(i + 1)));
        var work = Core.Look(new GroupPicture((ulong)leader, voters, applied, applied + (ulong)UnderWay.Count, 0, []), Now, Now);
        Alarms.AddRange(work.Alarms);
        HandOver = work.HandOver.IsNone ? HandOver : work.HandOver;
        foreach (var (to, message) in work.Messages)
        {
            Deliver((int)to.Value, message);
        }

        while (UnderWay.TryDequeue(out var waiting))
        {
            Append(waiting);
        }

        foreach (var entry in work.Proposals)
        {
            BeforeAppend?.Invoke(entry);
            Append(entry);
        }
    }

    private void Deliver(int node, AntiEntropyMessage message)
    {
        var bytes = message.Encode();
        Bytes += bytes.Length;
        if (Deaf.Contains(node) || pictures[node - 1].Answer(AntiEntropyMessage.Decode(bytes)!, applied) is not { } answer)
        {
            return;
        }

        bytes = answer.Encode();
        Bytes += bytes.Length;
        Core.OnMessage(new NodeId((ulong)node), AntiEntropyMessage.Decode(bytes)!, Now);
    }
}
