using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.Unit.Consensus;

/// <summary>Several replicas joined by a network that delivers in order, at once, and only where it is not cut.</summary>
internal sealed class TestGroup
{
    private readonly SortedDictionary<ulong, TestReplica> replicas = [];

    public TestGroup(int voters, int others = 0, Func<RaftOptions, RaftOptions>? with = null)
    {
        var configuration = ConfigurationState.OfVoters(Enumerable.Range(1, voters).Select(i => (ulong)i));
        for (var id = 1UL; id <= (ulong)(voters + others); id++)
        {
            var options = TestReplica.Options(id);
            replicas.Add(id, new TestReplica(with?.Invoke(options) ?? options, configuration));
        }
    }

    public long Now { get; set; }

    /// <summary>Replicas that neither send nor receive.</summary>
    public HashSet<ulong> Cut { get; } = [];

    /// <summary>Everything that was sent since the test last cleared it.</summary>
    public List<RaftMessage> Sent { get; } = [];

    public TestReplica this[ulong id] => replicas[id];

    public IEnumerable<TestReplica> All => replicas.Values;

    public TestReplica Leader => replicas.Values.Where(r => r.Core.Role == RaftRole.Leader).MaxBy(r => r.Core.Term)!;

    public TestGroup Elect(ulong id)
    {
        replicas[id].Core.Campaign(Now);
        Settle();
        Assert.Equal(RaftRole.Leader, replicas[id].Core.Role);
        return this;
    }

    /// <summary>Delivers until nothing moves.</summary>
    public void Settle()
    {
        for (var moved = true; moved;)
        {
            var messages = replicas.Values.SelectMany(r => r.Work()).ToList();
            Sent.AddRange(messages);
            moved = messages.Count > 0;
            foreach (var message in messages.Where(m => !Cut.Contains(m.From) && !Cut.Contains(m.To)))
            {
                replicas[message.To].Core.Step(message, Now);
            }
        }
    }

    /// <summary>Lets time pass in ticks for everybody, delivering after each.</summary>
    public void Pass(int ticks)
    {
        for (var i = 0; i < ticks; i++)
        {
            Now += 100;
            foreach (var replica in replicas.Values)
            {
                replica.Core.Tick(Now);
            }

            Settle();
        }
    }
}
