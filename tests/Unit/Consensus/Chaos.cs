using System.Buffers.Binary;
using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.Unit.Consensus;

/// <summary>
/// A group of cores under loss, duplication, reordering, pauses and crashes, all drawn from one seed, with what Raft promises checked at every step.
/// Only what was persisted survives a crash; what was being persisted survives or not, as one.
/// </summary>
internal sealed class Chaos
{
    private const int TickMs = 10;
    private readonly Random random;
    private readonly bool changesMembers;
    private readonly List<ChaosReplica> replicas = [];
    private readonly List<(long At, RaftMessage Message)> wire = [];
    private readonly Dictionary<ulong, ulong> leaderOfTerm = [];
    private readonly Dictionary<ulong, ulong> promisedReads = [];
    private readonly SortedDictionary<ulong, (ulong Term, string Data)> committed = [];
    private ulong contexts;
    private bool healed;
    private long now;

    public Chaos(int seed, int nodes, bool changesMembers)
    {
        random = new Random(seed);
        this.changesMembers = changesMembers;
        var voters = changesMembers ? Math.Max(3, nodes - 2) : nodes;
        for (var id = 1UL; id <= (ulong)nodes; id++)
        {
            replicas.Add(new ChaosReplica(Options(id, new Random(seed ^ (int)(id << 16))), ConfigurationState.OfVoters(Enumerable.Range(1, voters).Select(i => (ulong)i)), random));
        }
    }

    /// <summary>Entries that some replica applied.</summary>
    public int Committed => committed.Count;

    /// <summary>Leaders that were elected.</summary>
    public int Elections => leaderOfTerm.Count;

    /// <summary>Reads that a quorum confirmed.</summary>
    public int Reads { get; private set; }

    /// <summary>Steps during which a leader held a lease.</summary>
    public int LeaseSteps { get; private set; }

    public void Run(int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            now++;
            if (!healed)
            {
                Disturb();
            }

            Deliver();
            foreach (var replica in replicas)
            {
                replica.Live(now, TickMs, healed, Send, Apply, Confirm);
            }

            Ask();
            Check();
        }

        CheckLogs();
    }

    /// <summary>No more disturbance; every member must soon hold what is committed, and something new must be committed.</summary>
    public void HealAndDemandProgress()
    {
        healed = true;
        replicas.ForEach(r => r.Heal(now));
        Run(3000);
        var before = committed.Count;
        Run(3000);
        Assert.True(committed.Count > before, "Nothing was committed after the network had healed.");
        var leader = replicas.Where(r => r.Core.Role == RaftRole.Leader).MaxBy(r => r.Core.Term);
        Assert.NotNull(leader);
        foreach (var member in replicas.Where(r => leader.Core.Configuration.IsVoter(r.Core.Id)))
        {
            Assert.True(member.Core.Applied + 50 >= leader.Core.Applied, $"Replica {member.Core.Id} applied {member.Core.Applied}, its leader {leader.Core.Applied}.");
        }
    }

    private static RaftOptions Options(ulong id, Random random) => new()
    {
        Id = id,
        Random = random,
        TickMs = TickMs,
        ElectionTicks = 10,
        HeartbeatTicks = 2,
        MaxInflightMessages = 4,
        MaxMessageBytes = 64,
        MaxCommittedBytes = 256,
    };

    private void Disturb()
    {
        var replica = replicas[random.Next(replicas.Count)];
        switch (random.Next(1500))
        {
            case < 4: replica.Crash(now + random.Next(300)); break;
            case < 8: replica.Pause(now + random.Next(400)); break;
            case < 14: replica.Compact(); break;
            case < 17: replica.Core.TransferLeadership(replicas[random.Next(replicas.Count)].Core.Id, now); break;
            case < 19: replica.Core.ReportUnreachable(replicas[random.Next(replicas.Count)].Core.Id); break;
            case < 22: replica.Core.ReportSnapshot(replicas[random.Next(replicas.Count)].Core.Id, random.Next(2) == 0); break;
        }
    }

    private void Ask()
    {
        foreach (var replica in replicas.Where(r => r.IsUp(now) && r.Core.Role == RaftRole.Leader))
        {
            if (random.Next(5) == 0)
            {
                var data = new byte[8];
                BinaryPrimitives.WriteInt64LittleEndian(data, random.NextInt64());
                replica.Core.TryPropose(EntryKind.Normal, data, out _, out _);
            }

            if (random.Next(20) == 0 && replica.Core.TryReadIndex(++contexts, now))
            {
                promisedReads[contexts] = committed.Count == 0 ? 0 : committed.Keys.Last();
            }

            if (changesMembers && !healed && random.Next(200) == 0)
            {
                replica.Core.TryPropose(EntryKind.ConfigurationV2, RandomChange().Encode(), out _, out _);
            }
        }
    }

    private ConfigurationChange RandomChange()
    {
        var steps = Enumerable.Range(0, random.Next(4)).Select(_ =>
            new ConfigurationStep((ConfigurationChangeKind)random.Next(3), (ulong)random.Next(replicas.Count) + 1)).ToArray();
        return steps.Length == 0 ? ConfigurationChange.Leave : new ConfigurationChange((ConfigurationTransition)random.Next(3), steps);
    }

    private void Send(RaftMessage message)
    {
        var copies = healed ? 1 : random.Next(100) switch { < 8 => 0, < 14 => 2, _ => 1 };
        for (var i = 0; i < copies; i++)
        {
            wire.Add((now + 1 + (random.Next(30) == 0 && !healed ? random.Next(300) : random.Next(6)), message));
        }
    }

    private void Deliver()
    {
        var due = wire.FindAll(m => m.At <= now);
        wire.RemoveAll(m => m.At <= now);
        foreach (var (_, message) in due)
        {
            replicas[(int)message.To - 1].Receive(message);
        }
    }

    private void Apply(ChaosReplica replica, Entry entry)
    {
        var value = (entry.Term, Convert.ToHexString(entry.Data.Span));
        if (committed.TryGetValue(entry.Index, out var known))
        {
            Assert.Equal(known, value);
        }

        committed[entry.Index] = value;
    }

    private void Confirm(ReadState read)
    {
        Reads++;
        Assert.True(read.Index >= promisedReads[read.Context], $"Read {read.Context} was asked when {promisedReads[read.Context]} had been applied, but answered with {read.Index}.");
    }

    private void Check()
    {
        foreach (var replica in replicas.Where(r => r.IsUp(now) && r.Core.Role == RaftRole.Leader))
        {
            var core = replica.Core;
            if (leaderOfTerm.TryAdd(core.Term, core.Id))
            {
                CheckComplete(replica);
            }

            Assert.Equal(leaderOfTerm[core.Term], core.Id);
        }

        // A paused leader does not know of the next one: its lease is what it would still read by.
        var newest = leaderOfTerm.Count == 0 ? 0 : leaderOfTerm.Keys.Max();
        foreach (var holder in replicas.Where(r => !r.IsDown(now) && r.Core.Role == RaftRole.Leader && r.Core.LeaseUntil > now))
        {
            LeaseSteps++;
            Assert.True(holder.Core.Term == newest, $"Replica {holder.Core.Id} holds a lease of term {holder.Core.Term} until {holder.Core.LeaseUntil} at {now}, but term {newest} has a leader.");
        }
    }

    /// <summary>Leader completeness: what was committed is in the log of whoever is elected later.</summary>
    private void CheckComplete(ChaosReplica leader)
    {
        foreach (var (index, (term, _)) in committed.Where(c => c.Key >= leader.Log.FirstIndex))
        {
            Assert.True(leader.Log.TermOf(index) == term, $"Entry {index} of term {term} was applied, but leader {leader.Core.Id} of term {leader.Core.Term} lacks it.");
        }
    }

    /// <summary>Log matching: where two logs agree in one place, they agree in every place before it.</summary>
    private void CheckLogs()
    {
        foreach (var (a, b) in replicas.SelectMany(a => replicas.Select(b => (a.Log, b.Log))))
        {
            var agreed = false;
            for (var i = Math.Min(a.LastIndex, b.LastIndex); i >= Math.Max(a.FirstIndex, b.FirstIndex) && i > 0; i--)
            {
                var same = a.TermOf(i) == b.TermOf(i);
                Assert.True(same || !agreed, $"Two logs agree after entry {i}, but not there.");
                agreed |= same;
            }
        }
    }
}
