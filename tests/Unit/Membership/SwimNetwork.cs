using ShardConsole.NodeAgent.Membership.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Membership;

/// <summary>
/// Cores on one thread with virtual time, each driven as its driver does: a turn with what comes in, else when the core says that it is due.
/// Every message goes through seal and codec. One seed decides everything.
/// </summary>
internal sealed class SwimNetwork(int seed)
{
    public const string Key = "the key of the cluster";

    private readonly Random random = new(seed);
    private readonly PriorityQueue<Action, (long At, long Order)> events = new();
    private readonly Dictionary<GossipAddress, (SwimCore Core, SwimSeal Seal)> cores = [];
    private readonly HashSet<GossipAddress> down = [];
    private readonly Dictionary<GossipAddress, int> sides = [];
    private readonly Dictionary<GossipAddress, long> wakes = [];
    private long order;

    /// <summary>Microseconds.</summary>
    public long Now { get; private set; }

    /// <summary>Share of datagrams that are lost.</summary>
    public double Loss { get; set; }

    /// <summary>Datagrams to or from this address are lost, push/pulls arrive.</summary>
    public Func<GossipAddress, GossipAddress, bool> LosesDatagram { get; set; } = (_, _) => false;

    public SwimOptions Options { get; set; } = new();

    public long Rubbish { get; private set; }

    public List<(long At, NodeId Seer, MemberChange Change)> Changes { get; } = [];

    public int LargestDatagram { get; private set; }

    public static NodeMeta Meta(int number, string clusterId = "") => new(
        new Member(new NodeId((ulong)number), $"n{number}", $"z{number % 3}", new NodeCapacity(500, 1 << 30, 0, 0), new NodeAddresses("10.0.0." + number, 7001, 7101, 7201, 7301)),
        clusterId);

    public static GossipAddress Address(int number) => Meta(number).Address;

    public SwimCore Start(int number, int? seedNode = 1, string clusterId = "", string key = Key)
    {
        var meta = Meta(number, clusterId);
        GossipAddress[] seeds = seedNode is { } s && s != number ? [Address(s)] : [];
        var core = new SwimCore(Options, meta, (ulong)(1_000_000 + (Now / 1000)), seeds, new Random(random.Next()), Now);
        cores[meta.Address] = (core, new SwimSeal(System.Text.Encoding.UTF8.GetBytes(key)));
        down.Remove(meta.Address);
        Wake(meta.Address, random.Next(50_000));
        return core;
    }

    public void Crash(int number) => down.Add(Address(number));

    public void Resume(int number)
    {
        down.Remove(Address(number));
        Wake(Address(number), 0);
    }

    /// <summary>A node says something new of itself.</summary>
    public void Publish(SwimCore core, NodeGossip gossip)
    {
        core.Publish(gossip, Now);
        Wake(cores.First(c => c.Value.Core == core).Key, 0);
    }

    /// <summary>Nodes of different sides do not hear each other at all.</summary>
    public void Partition(Func<int, int> sideOf, int nodes)
    {
        for (var i = 1; i <= nodes; i++)
        {
            sides[Address(i)] = sideOf(i);
        }
    }

    public void Heal() => sides.Clear();

    public void Run(double seconds)
    {
        var end = Now + (long)(seconds * 1e6);
        while (events.TryPeek(out _, out var next) && next.At <= end)
        {
            var action = events.Dequeue();
            Now = next.At;
            action();
        }

        Now = end;
    }

    /// <summary>Runs until the condition holds, looked at every 100 ms; the seconds that it took, or -1 when it did not come true in time.</summary>
    public double RunUntil(Func<bool> condition, double limitSeconds)
    {
        for (var waited = 0.0; waited < limitSeconds; waited += 0.1)
        {
            if (condition())
            {
                return waited;
            }

            Run(0.1);
        }

        return -1;
    }

    /// <summary>States that a node sees, as "1:Alive 2:Dead …".</summary>
    public static string States(SwimCore core) =>
        string.Join(' ', core.View().Members.OrderBy(m => m.Key).Select(m => $"{m.Key.Value}:{m.Value.State}"));

    private void Wake(GossipAddress at, long after)
    {
        var due = Now + after;
        wakes[at] = due;
        Schedule(after, () =>
        {
            // Another moment was set since: that one counts.
            if (wakes[at] == due)
            {
                Turn(at);
            }
        });
    }

    private void Turn(GossipAddress at)
    {
        if (down.Contains(at))
        {
            return;
        }

        var core = cores[at].Core;
        core.Tick(Now);
        Flush(at);
        var due = Math.Max(core.DueAt, Now + 50_000);
        if (wakes[at] <= Now || due < wakes[at])
        {
            Wake(at, due - Now);
        }
    }

    private void Flush(GossipAddress from)
    {
        var (core, seal) = cores[from];
        var output = core.TakeOutput();
        Changes.AddRange(output.Changes.Select(c => (Now, core.Self, c)));
        foreach (var (to, datagram) in output.Datagrams)
        {
            var writer = new WireWriter();
            SwimCodec.Write(writer, datagram);
            seal.Close(writer);
            LargestDatagram = Math.Max(LargestDatagram, writer.Length);
            var bytes = writer.Written.ToArray();
            if (random.NextDouble() >= Loss && !LosesDatagram(from, to))
            {
                Schedule(Delay(), () => Deliver(from, to, bytes));
            }
        }

        foreach (var (to, message) in output.PushPulls)
        {
            var bytes = Sealed(message, seal);
            Schedule(Delay(), () => Answer(from, to, bytes));
        }
    }

    private byte[] Sealed(PushPull message, SwimSeal seal)
    {
        var writer = new WireWriter();
        SwimCodec.Write(writer, message, Options.MaxMembers);
        seal.Close(writer);
        return writer.Written.ToArray();
    }

    private void Deliver(GossipAddress from, GossipAddress to, byte[] bytes)
    {
        if (!Reaches(from, to))
        {
            return;
        }

        if (cores[to].Seal.TryOpen(bytes, out var message) && SwimCodec.TryRead(message, out var datagram))
        {
            cores[to].Core.Receive(from, datagram, Now);
            Turn(to);
        }
        else
        {
            Rubbish++;
        }
    }

    private void Answer(GossipAddress from, GossipAddress to, byte[] bytes)
    {
        if (!Reaches(from, to))
        {
            return;
        }

        if (!cores[to].Seal.TryOpen(bytes, out var opened) || !SwimCodec.TryRead(opened, Options.MaxMembers, out PushPull? request))
        {
            Rubbish++;
            return;
        }

        var reply = cores[to].Core.Answer(request, Now);
        Turn(to);
        if (reply is not null)
        {
            var back = Sealed(reply, cores[to].Seal);
            Schedule(Delay(), () => Take(to, from, back));
        }
    }

    private void Take(GossipAddress from, GossipAddress to, byte[] bytes)
    {
        if (Reaches(from, to) && cores[to].Seal.TryOpen(bytes, out var opened) && SwimCodec.TryRead(opened, Options.MaxMembers, out PushPull? reply))
        {
            cores[to].Core.Merge(reply, Now);
            Turn(to);
        }
    }

    private bool Reaches(GossipAddress from, GossipAddress to) =>
        cores.ContainsKey(to) && !down.Contains(to) && !down.Contains(from) && sides.GetValueOrDefault(from) == sides.GetValueOrDefault(to);

    private long Delay() => 200 + random.Next(2_000);

    private void Schedule(long after, Action action) => events.Enqueue(action, (Now + after, ++order));
}
