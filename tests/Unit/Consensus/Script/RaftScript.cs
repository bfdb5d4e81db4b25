using System.Text;
using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.Unit.Consensus.Script;

/// <summary>
/// Carries out directives in etcd's data-driven syntax on cores in memory: no clock, no threads, no chance but what the directives bring.
/// </summary>
internal sealed class RaftScript
{
    /// <summary>Answer to a proposal that was not taken.</summary>
    public const string Dropped = "raft proposal dropped";

    private readonly SortedDictionary<ulong, ScriptNode> nodes = [];
    private List<RaftMessage> messages = [];
    private IReadOnlyList<IReadOnlyList<ulong>> partitions = [];

    /// <summary>Replicas by id.</summary>
    public IReadOnlyDictionary<ulong, ScriptNode> Nodes => nodes;

    /// <summary>Messages that were sent and not yet delivered.</summary>
    public IReadOnlyList<RaftMessage> Messages => messages;

    /// <summary>Carries out one directive and answers what it prints, mostly nothing.</summary>
    /// <exception cref="ScriptException">It cannot be carried out.</exception>
    public string Execute(string text)
    {
        var d = Directive.Parse(text);
        switch (d.Name)
        {
            case "log-level" or "raft-log" or "raft-state" or "status": break;
            case "add-nodes": AddNodes(d); break;
            case "campaign": Node(d.NodeId(0)).Core.Campaign(Node(d.NodeId(0)).Now); break;
            case "stabilize": Stabilize(d.Ids.Count > 0 ? d.Ids : [.. nodes.Keys]); break;
            case "process-ready": Each(d, ProcessReady); break;
            case "deliver-msgs": DeliverMessages(d); break;
            case "tick-heartbeat": Each(d, n => n.Tick(n.Core.Options.HeartbeatTicks)); break;
            case "tick-election": Each(d, n => n.Tick(n.Core.Options.ElectionTicks)); break;
            case "set-randomized-election-timeout": Node(d.NodeId(0)).Core.ElectionTimeoutTicks = d.Number("timeout", 0); break;
            case "propose": Propose(d); break;
            case "propose-conf-change": ProposeChange(d); break;
            case "compact": Node(d.NodeId(0)).Log.CompactTo(d.NodeId(1)); break;
            case "transfer-leadership": Transfer(d); break;
            case "send-snapshot": SendSnapshot(d); break;
            case "report-unreachable": Node(d.NodeId(0)).Core.ReportUnreachable(d.NodeId(1)); break;
            case "read-index": ReadIndex(d); break;
            case "crash": Each(d, Crash); break;
            case "restart": Each(d, n => n.Restart()); break;
            case "partition": partitions = d.Groups(); break;
            case "heal": partitions = []; break;
            case "seed": RunSeed(d); break;
            case "committed": return QuorumDirectives.Committed(d);
            case "vote": return QuorumDirectives.Vote(d);
            default: throw new ScriptException($"unknown directive: {d.Name}");
        }

        return "";
    }

    private static bool Is(string? name, RaftMessage message) => name is null || name == message switch
    {
        AppendRequest => "MsgApp",
        AppendResponse => "MsgAppResp",
        VoteRequest => "MsgVote",
        VoteResponse => "MsgVoteResp",
        PreVoteRequest => "MsgPreVote",
        PreVoteResponse => "MsgPreVoteResp",
        HeartbeatRequest => "MsgHeartbeat",
        HeartbeatResponse => "MsgHeartbeatResp",
        SnapshotRequest => "MsgSnap",
        _ => "MsgTimeoutNow",
    };

    private ScriptNode Node(ulong id) => nodes.GetValueOrDefault(id) ?? throw new ScriptException($"no node {id}");

    private void Each(Directive d, Action<ScriptNode> act)
    {
        foreach (var id in d.Ids.Count > 0 ? d.Ids : [.. nodes.Keys])
        {
            act(Node(id));
        }
    }

    private void AddNodes(Directive d)
    {
        var index = (ulong)d.Number("index", 0);
        var configuration = ConfigurationState.OfVoters(d.Set("voters")) with { Learners = [.. d.Set("learners").Order()] };
        if (index == 1 || (index == 0 && configuration.Members().Any()))
        {
            throw new ScriptException("index must be specified as > 1 due to bootstrap");
        }

        for (var i = 0; i < (int)d.NodeId(0); i++)
        {
            var id = (ulong)nodes.Count + 1;
            var options = new RaftOptions
            {
                Id = id,
                Random = new Random((int)id),
                ElectionTicks = 3,
                HeartbeatTicks = 1,
                MaxInflightMessages = d.Number("inflight", int.MaxValue),
                MaxInflightBytes = long.MaxValue,
                MaxMessageBytes = int.MaxValue,
                MaxUncommittedBytes = long.MaxValue,
                MaxCommittedBytes = d.Find("max-committed-size-per-ready") is { } max ? (long)Directive.Id(max) : long.MaxValue,
                PreVote = d.Flag("prevote"),
                CheckQuorum = d.Flag("checkquorum"),
                LeaderLease = false,
                RestartGuard = false,
                StepDownOnRemoval = d.Flag("step-down-on-removal"),
            };
            nodes.Add(id, new ScriptNode(options, index > 0 ? new SnapshotMark(index, 1, configuration) : null));
        }
    }

    private void ProcessReady(ScriptNode node)
    {
        if (!node.Down)
        {
            messages.AddRange(node.ProcessReady());
        }
    }

    private void Stabilize(IReadOnlyList<ulong> ids)
    {
        for (var moved = true; moved;)
        {
            moved = false;
            foreach (var node in ids.Select(Node).Where(n => !n.Down && n.Core.HasReady))
            {
                moved = true;
                ProcessReady(node);
            }

            foreach (var id in ids)
            {
                moved |= Deliver(id, null, drop: false) > 0;
            }
        }
    }

    private void DeliverMessages(Directive d)
    {
        foreach (var (key, value) in d.Arguments)
        {
            foreach (var id in key == "drop" ? Directive.Items(value!).Select(Directive.Id) : key == "type" ? [] : [Directive.Id(key)])
            {
                Deliver(id, d.Find("type"), drop: key == "drop");
            }
        }
    }

    private int Deliver(ulong to, string? type, bool drop)
    {
        var due = messages.FindAll(m => m.To == to && Is(type, m));
        messages = messages.FindAll(m => m.To != to || !Is(type, m));
        foreach (var message in due)
        {
            if (!drop && nodes.TryGetValue(to, out var node) && !node.Down && Connected(message.From, to))
            {
                node.Core.Step(message, node.Now);
            }
        }

        return due.Count;
    }

    private bool Connected(ulong a, ulong b) => partitions.Count == 0 || partitions.Any(p => p.Contains(a) && p.Contains(b));

    private void Propose(Directive d)
    {
        if (!Node(d.NodeId(0)).Core.TryPropose(EntryKind.Normal, Encoding.UTF8.GetBytes(d.Word(1)), out _, out _))
        {
            throw new ScriptException(Dropped);
        }
    }

    private void ProposeChange(Directive d)
    {
        var core = Node(d.NodeId(0)).Core;
        var transition = d.Find("transition") switch
        {
            null or "auto" => ConfigurationTransition.Auto,
            "implicit" => ConfigurationTransition.JointImplicit,
            "explicit" => ConfigurationTransition.JointExplicit,
            var other => throw new ScriptException($"unknown transition {other}"),
        };
        var change = new ConfigurationChange(transition, [.. d.Body.SelectMany(Directive.Items).Select(Step)]);
        var kind = d.Flag("v1") ? EntryKind.Configuration : EntryKind.ConfigurationV2;
        if (core.TryPropose(kind, change.Encode(), out _, out _))
        {
            return;
        }

        // etcd writes an empty entry in the place of a change that does not fit; here it is refused, so the script proposes that entry.
        if (!core.TryPropose(EntryKind.Normal, default, out _, out _))
        {
            throw new ScriptException(Dropped);
        }
    }

    private static ConfigurationStep Step(string text)
    {
        var kind = text[0] switch
        {
            'v' => ConfigurationChangeKind.AddVoter,
            'l' => ConfigurationChangeKind.AddLearner,
            'r' => ConfigurationChangeKind.Remove,
            _ => throw new ScriptException($"unknown change {text}"),
        };
        return new ConfigurationStep(kind, Directive.Id(text[1..]));
    }

    private void Transfer(Directive d)
    {
        var node = Node(d.Find("from") is { } from ? Directive.Id(from) : d.NodeId(0));
        node.Core.TransferLeadership(d.Find("to") is { } to ? Directive.Id(to) : d.NodeId(1), node.Now);
    }

    private void SendSnapshot(Directive d)
    {
        var node = Node(d.NodeId(0));
        messages.Add(new SnapshotRequest(node.Id, d.NodeId(1), node.Core.Term, node.NewestSnapshot));
    }

    private void ReadIndex(Directive d)
    {
        var node = Node(d.NodeId(0));
        if (!node.Core.TryReadIndex(d.NodeId(1), node.Now))
        {
            throw new ScriptException("read index refused: not the leader, or nothing of its term is committed");
        }
    }

    private void Crash(ScriptNode node)
    {
        node.Crash();
        messages.RemoveAll(m => m.To == node.Id);
    }

    /// <summary>Random ticks, deliveries, losses, doubles and proposals, all drawn from the seed.</summary>
    private void RunSeed(Directive d)
    {
        var random = new Random((int)d.NodeId(0));
        var steps = d.Arguments.SkipWhile(a => a.Key != "steps").Skip(1).Select(a => (int)Directive.Id(a.Key)).FirstOrDefault(d.Number("steps", 100));
        for (var i = 0; i < steps && nodes.Count > 0; i++)
        {
            var node = nodes.ElementAt(random.Next(nodes.Count)).Value;
            switch (random.Next(10))
            {
                case 0 when !node.Down: node.Tick(1); break;
                case 1 when !node.Down: node.Core.TryPropose(EntryKind.Normal, Encoding.UTF8.GetBytes($"seed-{i}"), out _, out _); break;
                case 2 when messages.Count > 0: messages.RemoveAt(random.Next(messages.Count)); break;
                case 3 when messages.Count > 0: messages.Add(messages[random.Next(messages.Count)]); break;
                case < 7 when !node.Down: ProcessReady(node); break;
                default: Deliver(node.Id, null, drop: false); break;
            }
        }
    }
}
