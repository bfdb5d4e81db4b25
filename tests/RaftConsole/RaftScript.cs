using System.Text;
using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.RaftConsole;

/// <summary>
/// Carries out directives in etcd's data-driven syntax on cores in memory: no clock, no threads, no chance but what the directives bring.
/// </summary>
internal sealed class RaftScript(Action<RaftTraceEvent>? trace = null)
{
    /// <summary>Answer to a proposal that was not taken.</summary>
    public const string Dropped = "raft proposal dropped";

    /// <summary>Most nodes of a script, and most messages under way.</summary>
    private const int MaxNodes = 64;
    private const int MaxMessages = 100_000;
    private const int MaxSteps = 1_000_000;

    private static readonly string[] LogLevels = ["debug", "info", "warn", "error", "fatal", "none"];

    private readonly Dictionary<string, ulong> contexts = [];
    private readonly SortedDictionary<ulong, ScriptNode> nodes = [];
    private List<RaftMessage> messages = [];
    private IReadOnlyList<IReadOnlyList<ulong>> partitions = [];

    /// <summary>Replicas by id.</summary>
    public IReadOnlyDictionary<ulong, ScriptNode> Nodes => nodes;

    /// <summary>Messages that were sent and not yet delivered.</summary>
    public IReadOnlyList<RaftMessage> Messages => messages;

    /// <summary>Words by which reads were asked for, in the order of their numbers.</summary>
    public IEnumerable<string> Contexts => contexts.Keys;

    /// <summary>Carries out one directive and answers what it prints, mostly nothing.</summary>
    /// <exception cref="ScriptException">It cannot be carried out.</exception>
    public string Execute(string text)
    {
        var d = Directive.Parse(text);
        switch (d.Name)
        {
            case "log-level": CheckLogLevel(d); break;
            case "raft-state": break;
            case "raft-log": Node(d.NodeId(0)); break;
            case "status": return StatusText.Of(Node(d.NodeId(0)).Core.Status());
            case "add-nodes": AddNodes(d); break;
            case "campaign": Live(d.NodeId(0)).Core.Campaign(Live(d.NodeId(0)).Now); break;
            case "forget-leader": Live(d.NodeId(0)).Core.ForgetLeader(); break;
            case "stabilize": d.Allow("log-level"); Stabilize(d.Ids.Count > 0 ? d.Ids : [.. nodes.Keys]); break;
            case "process-ready": EachLive(d, ProcessReady); break;
            case "deliver-msgs": DeliverMessages(d); break;
            case "tick-heartbeat": EachLive(d, n => n.Tick(n.Core.Options.HeartbeatTicks)); break;
            case "tick-election": EachLive(d, n => n.Tick(n.Core.Options.ElectionTicks)); break;
            case "set-randomized-election-timeout": SetTimeout(d); break;
            case "propose": Propose(d); break;
            case "propose-conf-change": ProposeChange(d); break;
            case "compact": Compact(d); break;
            case "transfer-leadership": Transfer(d); break;
            case "send-snapshot": SendSnapshot(d); break;
            case "report-unreachable": Live(d.NodeId(0)).Core.ReportUnreachable(d.NodeId(1)); break;
            case "read-index": ReadIndex(d); break;
            case "crash": Each(d, Crash); break;
            case "restart": Each(d, n => n.Restart()); break;
            case "partition": Partition(d); break;
            case "heal": partitions = []; break;
            case "seed": RunSeed(d); break;
            case "committed": return QuorumDirectives.Committed(d);
            case "vote": return QuorumDirectives.Vote(d);
            default: throw new ScriptException($"unknown directive: {d.Name}");
        }

        return "";
    }

    private static readonly string[] Types =
        ["MsgApp", "MsgAppResp", "MsgVote", "MsgVoteResp", "MsgPreVote", "MsgPreVoteResp", "MsgHeartbeat", "MsgHeartbeatResp", "MsgSnap", "MsgTimeoutNow"];

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

    private void EachLive(Directive d, Action<ScriptNode> act)
    {
        if (d.Ids.Count > 0)
        {
            d.Ids.Select(Live).ToList().ForEach(act);
        }
        else
        {
            nodes.Values.Where(n => !n.Down).ToList().ForEach(act);
        }
    }

    private ScriptNode Live(ulong id) => Node(id) is { Down: false } node ? node : throw new ScriptException($"node {id} is down");

    private static void CheckLogLevel(Directive d)
    {
        if (!LogLevels.Contains(d.Word(0).ToLowerInvariant()))
        {
            throw new ScriptException($"log levels are {string.Join(", ", LogLevels)}");
        }
    }

    private void SetTimeout(Directive d)
    {
        var timeout = d.Find("timeout") is { } text ? Directive.Small(text, int.MaxValue) : 0;
        if (timeout == 0)
        {
            throw new ScriptException("timeout must be 1 or more");
        }

        Live(d.NodeId(0)).Core.ElectionTimeoutTicks = timeout;
    }

    private void Compact(Directive d)
    {
        var node = Node(d.NodeId(0));
        var (index, applied) = (d.NodeId(1), node.NewestSnapshot.Index);
        if (index < node.Log.FirstIndex || index > applied)
        {
            throw new ScriptException($"cannot compact to {index}: the log begins at {node.Log.FirstIndex}, and {applied} is applied");
        }

        node.Log.CompactTo(index);
    }

    private void Partition(Directive d)
    {
        var groups = d.Groups();
        if (groups.Count == 0)
        {
            throw new ScriptException("partition wants groups of nodes: (1)(2 3)");
        }

        foreach (var id in groups.SelectMany(g => g))
        {
            Node(id);
        }

        partitions = groups;
    }

    private void AddNodes(Directive d)
    {
        d.Allow("voters", "learners", "inflight", "index", "content", "prevote", "checkquorum", "max-committed-size-per-ready", "disable-conf-change-validation", "read-only", "step-down-on-removal");
        var index = (ulong)d.Number("index", 0);
        var configuration = ConfigurationState.OfVoters(d.Set("voters")) with { Learners = [.. d.Set("learners").Order()] };
        if (index == 1 || (index == 0 && configuration.Members().Any()))
        {
            throw new ScriptException("index must be specified as > 1 due to bootstrap");
        }

        var count = Directive.Small(d.Word(0), MaxNodes);
        if (nodes.Count + count > MaxNodes)
        {
            throw new ScriptException($"a script has {MaxNodes} nodes at most");
        }

        for (var i = 0; i < count; i++)
        {
            var id = (ulong)nodes.Count + 1;
            var options = new RaftOptions
            {
                Id = id,
                Trace = trace,
                Random = new Random((int)id),
                ElectionTicks = 3,
                HeartbeatTicks = 1,
                MaxInflightMessages = d.Number("inflight", int.MaxValue),
                MaxInflightBytes = long.MaxValue,
                MaxMessageBytes = int.MaxValue,
                MaxUncommittedBytes = long.MaxValue,
                MaxCommittedBytes = d.Find("max-committed-size-per-ready") is { } max ? Directive.Small(max, int.MaxValue) : long.MaxValue,
                PreVote = d.Flag("prevote"),
                CheckQuorum = d.Flag("checkquorum"),
                LeaderLease = false,
                RestartGuard = false,
                ValidateChanges = !d.Flag("disable-conf-change-validation"),
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
            if (messages.Count > MaxMessages)
            {
                messages.RemoveRange(0, messages.Count - MaxMessages);
            }
        }
    }

    private void Stabilize(IReadOnlyList<ulong> ids)
    {
        var live = ids.Select(Node).ToList();
        var rounds = 0;
        for (var moved = true; moved;)
        {
            moved = false;
            if (++rounds > MaxSteps)
            {
                throw new ScriptException($"nothing comes to rest in {MaxSteps} rounds");
            }

            foreach (var node in live.Where(n => !n.Down && n.HasReady))
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
        d.Allow("type", "drop");
        if (d.Find("type") is { } type && !Types.Contains(type))
        {
            throw new ScriptException($"unknown type {type}");
        }

        foreach (var (key, value) in d.Arguments)
        {
            foreach (var id in key == "drop" ? Directive.Items(value!).Select(Directive.Id) : key == "type" ? [] : [Directive.Id(key)])
            {
                Deliver(key == "drop" ? id : Node(id).Id, d.Find("type"), drop: key == "drop");
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
        var text = d.Arguments.Count == 2 ? d.Arguments[1] : throw new ScriptException("propose wants a node and one word");
        var data = Encoding.UTF8.GetBytes(text.Value is null ? text.Key : $"{text.Key}={text.Value}");
        if (!Live(d.NodeId(0)).TryPropose(EntryKind.Normal, data))
        {
            throw new ScriptException(Dropped);
        }
    }

    private void ProposeChange(Directive d)
    {
        d.Allow("v1", "transition");
        var node = Live(d.NodeId(0));
        var transition = d.Find("transition") switch
        {
            null or "auto" => ConfigurationTransition.Auto,
            "implicit" => ConfigurationTransition.JointImplicit,
            "explicit" => ConfigurationTransition.JointExplicit,
            var other => throw new ScriptException($"unknown transition {other}"),
        };
        var change = new ConfigurationChange(transition, [.. d.Body.SelectMany(Directive.Items).Select(text => Step(node.Core.Configuration, text))]);
        if (d.Flag("v1") && (change.Steps.Count != 1 || transition != ConfigurationTransition.Auto))
        {
            throw new ScriptException("v1 conf change can only have one operation and no transition");
        }

        if (change.Steps.Count > ConfigurationChange.MaxSteps)
        {
            throw new ScriptException($"a change has {ConfigurationChange.MaxSteps} steps at most");
        }

        var kind = d.Flag("v1") ? EntryKind.Configuration : EntryKind.ConfigurationV2;
        if (node.TryPropose(kind, change.Encode()))
        {
            return;
        }

        // etcd writes an empty entry in the place of a change that does not fit; here it is refused, so the script proposes that entry.
        if (!node.TryPropose(EntryKind.Normal, default))
        {
            throw new ScriptException(Dropped);
        }
    }

    private static ConfigurationStep Step(ConfigurationState now, string text)
    {
        var id = text.Length > 1 ? Directive.Id(text[1..]) : throw new ScriptException($"unknown change {text}");
        var kind = text[0] switch
        {
            'v' => ConfigurationChangeKind.AddVoter,
            'l' => ConfigurationChangeKind.AddLearner,
            'r' => ConfigurationChangeKind.Remove,

            // An update changes nothing here: the replica stays what it is.
            'u' when now.Voters.Contains(id) => ConfigurationChangeKind.AddVoter,
            'u' when now.Learners.Contains(id) => ConfigurationChangeKind.AddLearner,
            'u' => ConfigurationChangeKind.Remove,
            _ => throw new ScriptException($"unknown change {text}"),
        };
        return new ConfigurationStep(kind, id);
    }

    private void Transfer(Directive d)
    {
        d.Allow("from", "to");
        var node = Live(d.Find("from") is { } from ? Directive.Id(from) : d.NodeId(0));
        node.Core.TransferLeadership(d.Find("to") is { } to ? Directive.Id(to) : d.NodeId(1), node.Now);
    }

    private void SendSnapshot(Directive d)
    {
        var node = Live(d.NodeId(0));
        if (node.NewestSnapshot.Index == 0)
        {
            throw new ScriptException($"node {node.Id} has no snapshot");
        }

        messages.Add(new SnapshotRequest(node.Id, Node(d.NodeId(1)).Id, node.Core.Term, node.NewestSnapshot));
    }

    private void ReadIndex(Directive d)
    {
        var node = Live(d.NodeId(0));
        var word = d.Word(1);
        if (!contexts.TryGetValue(word, out var context))
        {
            contexts[word] = context = (ulong)contexts.Count;
        }

        if (!node.Core.TryReadIndex(context, node.Now))
        {
            throw new ScriptException("read index refused: not the leader, or nothing of its term is committed");
        }
    }

    private void Crash(ScriptNode node)
    {
        node.Crash();
        messages.RemoveAll(m => m.To == node.Id);
    }

    private static int Steps(Directive d)
    {
        var words = d.Arguments.Select(a => a.Key).ToList();
        return d.Find("steps") is { } value ? Directive.Small(value, MaxSteps)
            : words is [_, "steps", var count] ? Directive.Small(count, MaxSteps)
            : words.Count == 1 ? 100 : throw new ScriptException("seed wants: seed S steps K");
    }

    /// <summary>Random ticks, deliveries, losses, doubles and proposals, all drawn from the seed.</summary>
    private void RunSeed(Directive d)
    {
        var seed = d.NodeId(0);
        var random = new Random(unchecked((int)(seed ^ (seed >> 32))));
        var steps = Steps(d);
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
