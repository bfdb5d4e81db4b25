using ShardConsole.NodeAgent.Membership.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.Unit.Membership;

public sealed class SwimCoreTests
{
    [Theory]
    [InlineData(3, 1)]
    [InlineData(30, 2)]
    public void Nodes_that_know_one_seed_find_each_other(int count, int seed)
    {
        var network = new SwimNetwork(seed);
        var cores = StartAll(network, count);

        var took = network.RunUntil(() => cores.All(c => SwimNetwork.States(c) == AllAlive(count)), 20);

        Assert.True(took >= 0, SwimNetwork.States(cores[^1]));
        network.Run(60);
        Assert.All(network.Changes, c => Assert.Equal(MemberState.Alive, c.Change.To));
        Assert.All(cores, c => Assert.Equal(AllAlive(count), SwimNetwork.States(c)));
        Assert.Equal(SwimNetwork.Meta(2), cores[0].View().Members[new NodeId(2)].Meta);
        Assert.InRange(network.LargestDatagram, 1, 1400);
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(30, 4)]
    public void A_crash_is_found_and_everybody_hears_of_it(int count, int seed)
    {
        var (network, cores) = Joined(count, seed);

        network.Crash(count);
        var took = network.RunUntil(() => cores.SkipLast(1).All(c => !c.View().IsAlive(new NodeId((ulong)count))), 60);

        Assert.InRange(took, 0, 40);
        network.Run(1);
        Assert.All(cores.SkipLast(1), c => Assert.Equal(MemberState.Dead, c.View().Members[new NodeId((ulong)count)].State));
        Assert.DoesNotContain(network.Changes, c => c.Change.To == MemberState.Dead && c.Change.Node.Value != (ulong)count);
    }

    [Fact]
    public void Before_a_core_is_due_it_has_nothing_to_do_however_often_it_is_asked()
    {
        var network = new SwimNetwork(11) { Loss = 0.2 };
        var cores = StartAll(network, 6);
        for (var second = 0; second < 60; second++)
        {
            network.Run(1);
            if (second == 20)
            {
                network.Crash(6);
            }

            foreach (var core in cores.SkipLast(1))
            {
                core.Tick(network.Now);
                _ = core.TakeOutput();
                var (version, counts) = (core.Version, core.Counts);
                Assert.InRange(core.DueAt, network.Now + 1, network.Now + 250_000);
                core.Tick(core.DueAt - 1);
                Assert.True(core.TakeOutput() is { Datagrams: [], PushPulls: [], Changes: [] });
                Assert.Equal((version, counts), (core.Version, core.Counts));
            }
        }
    }

    [Fact]
    public void A_node_notices_that_another_has_its_identity_and_a_restart_at_other_ports_is_no_such_thing()
    {
        var core = new SwimNetwork(6).Start(1);
        var own = core.View().Members[new NodeId(1)];
        var elsewhere = own.Meta with { Member = own.Meta.Member with { Addresses = own.Meta.Member.Addresses with { PeerPort = 9 } } };
        void Hear(NodeMeta meta, ulong incarnation) =>
            core.Merge(new PushPull(new NodeId(2), 0, false, [new MemberRecord(meta, incarnation, MemberState.Alive, 0, NodeGossip.Empty)]), 0);

        Hear(elsewhere, own.Incarnation - 1);
        Hear(own.Meta, own.Incarnation + 1);
        Assert.Equal(0, core.Counts.Doubles);

        for (var i = 0; i < 3; i++)
        {
            Assert.Null(core.Counts.Trouble);
            Hear(elsewhere, core.View().Members[new NodeId(1)].Incarnation + 1);
        }

        Assert.Contains("10.0.0.1:7201", core.Counts.Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public void A_false_suspicion_is_refuted_with_a_higher_incarnation()
    {
        var (network, cores) = Joined(5, 5);
        var before = cores[0].View().Members[new NodeId(3)].Incarnation;

        // For four seconds nobody hears node 3 by datagrams: it is suspected, but has longer than that to answer.
        network.LosesDatagram = (from, _) => from == SwimNetwork.Address(3);
        network.RunUntil(() => network.Changes.Any(c => c.Change is { To: MemberState.Suspect, Node.Value: 3 }), 10);
        network.LosesDatagram = (_, _) => false;
        network.Run(10);

        Assert.Contains(network.Changes, c => c.Change is { To: MemberState.Suspect, Node.Value: 3 });
        Assert.DoesNotContain(network.Changes, c => c.Change.To == MemberState.Dead);
        Assert.All(cores, c => Assert.Equal(AllAlive(5), SwimNetwork.States(c)));
        Assert.True(cores[0].View().Members[new NodeId(3)].Incarnation > before);
        Assert.True(cores[2].Counts.Refutations > 0);
    }

    [Fact]
    public void With_a_quarter_of_the_datagrams_lost_every_payload_arrives_within_a_few_push_pulls()
    {
        var (network, cores) = Joined(20, 6);
        network.Loss = 0.25;
        var published = new NodeGossip { Epoch = 42, MapDigest = 7 };

        cores[4].Publish(published, network.Now);
        var took = network.RunUntil(() => cores.All(c => c.View().Members[new NodeId(5)].Gossip.Equals(published)), 300);

        Assert.True(took >= 0);
    }

    [Fact]
    public void Push_pull_alone_carries_everything_where_no_datagram_carries_a_rumour()
    {
        var (network, cores) = Joined(6, 7);
        network.LosesDatagram = (_, _) => true;

        var published = new NodeGossip { Epoch = 43 };
        cores[0].Publish(published, network.Now);
        var took = network.RunUntil(() => cores.All(c => c.View().Members[new NodeId(1)].Gossip.Equals(published)), 300);

        Assert.True(took >= 0);
    }

    [Fact]
    public void Both_sides_of_a_partition_find_each_other_again_after_it_heals()
    {
        var (network, cores) = Joined(6, 8);

        network.Partition(n => n <= 3 ? 1 : 2, 6);
        network.RunUntil(() => cores.All(c => c.View().Members.Values.Count(m => m.IsReachable) == 3), 120);
        Assert.Equal("1:Alive 2:Alive 3:Alive 4:Dead 5:Dead 6:Dead", SwimNetwork.States(cores[1]));
        Assert.Equal("1:Dead 2:Dead 3:Dead 4:Alive 5:Alive 6:Alive", SwimNetwork.States(cores[4]));

        network.Heal();
        var took = network.RunUntil(() => cores.All(c => SwimNetwork.States(c) == AllAlive(6)), 60);

        Assert.True(took >= 0, string.Join('\n', cores.Select(SwimNetwork.States)));
    }

    [Fact]
    public void A_node_that_starts_again_is_alive_again_with_its_new_payload()
    {
        var (network, cores) = Joined(4, 9);
        cores[3].Publish(new NodeGossip { Epoch = 9 }, network.Now);
        network.Run(5);
        network.Crash(4);
        network.RunUntil(() => cores[0].View().Members[new NodeId(4)].State == MemberState.Dead, 60);

        var again = network.Start(4);
        var payload = new NodeGossip { Epoch = 2 };
        again.Publish(payload, network.Now);
        network.Run(15);

        Assert.All(cores.Take(3), c => Assert.Equal(AllAlive(4), SwimNetwork.States(c)));
        Assert.All(cores.Take(3), c => Assert.Equal(payload, c.View().Members[new NodeId(4)].Gossip));
    }

    [Fact]
    public void The_newest_payload_wins_whatever_comes_last()
    {
        var network = new SwimNetwork(10);
        var core = network.Start(1);
        var other = SwimNetwork.Meta(2);
        void Hear(Rumour rumour) => core.Receive(other.Address, new Datagram(other.Member.Id, 0, new GossipOnly(), [rumour]), 0);

        Hear(new PayloadRumour(new NodeId(2), 4, new NodeGossip { Epoch = 4 }));
        Hear(new AliveRumour(other, 1));
        Assert.Equal(NodeGossip.Empty, core.View().Members[new NodeId(2)].Gossip);
        Hear(new PayloadRumour(new NodeId(2), 6, new NodeGossip { Epoch = 6 }));
        Hear(new PayloadRumour(new NodeId(2), 5, new NodeGossip { Epoch = 5 }));
        Hear(new PayloadRumour(new NodeId(2), 6, new NodeGossip { Epoch = 66 }));

        Assert.Equal(6UL, core.View().Members[new NodeId(2)].Gossip.Epoch);
    }

    [Fact]
    public void A_node_with_another_key_is_not_heard()
    {
        var network = new SwimNetwork(11);
        var a = network.Start(1);
        var stranger = network.Start(2, key: "another key");
        network.Run(20);

        Assert.Equal("1:Alive", SwimNetwork.States(a));
        Assert.Equal("2:Alive", SwimNetwork.States(stranger));
        Assert.True(network.Rubbish > 0);
    }

    [Fact]
    public void A_node_of_another_cluster_is_refused_and_one_without_a_cluster_is_enrolled()
    {
        var network = new SwimNetwork(12);
        var a = network.Start(1, clusterId: "c-one");
        var foreign = network.Start(2, clusterId: "c-two");
        var fresh = network.Start(3);
        network.Run(20);

        Assert.Equal("1:Alive 3:Alive", SwimNetwork.States(a));
        Assert.Equal("2:Alive", SwimNetwork.States(foreign));
        Assert.Equal("1:Alive 3:Alive", SwimNetwork.States(fresh));
        Assert.True(a.Counts.Foreign > 0);

        fresh.SetClusterId("c-one");
        network.Run(5);
        Assert.Equal("c-one", a.View().Members[new NodeId(3)].Meta.ClusterId);
    }

    [Fact]
    public void A_leaving_node_is_left_not_dead_and_is_not_suspected_afterwards()
    {
        var (network, cores) = Joined(4, 13);

        cores[3].Leave();
        network.RunUntil(() => cores[3].HasLeft, 10);
        network.Crash(4);
        network.Run(60);

        Assert.True(cores[3].HasLeft);
        Assert.All(cores.Take(3), c => Assert.Equal("1:Alive 2:Alive 3:Alive 4:Left", SwimNetwork.States(c)));
        Assert.DoesNotContain(network.Changes, c => c.Change.To is MemberState.Suspect or MemberState.Dead);
    }

    [Fact]
    public void A_paused_node_does_not_declare_the_others_dead_when_it_goes_on()
    {
        var (network, cores) = Joined(5, 14);
        network.Crash(2);
        network.Run(60);
        network.Changes.Clear();

        network.Resume(2);
        network.Run(30);

        Assert.DoesNotContain(network.Changes, c => c.Seer.Value == 2 && c.Change.To == MemberState.Dead);
        Assert.All(cores, c => Assert.Equal(AllAlive(5), SwimNetwork.States(c)));
        Assert.Equal(1, cores[1].Counts.Stalls);
    }

    [Fact]
    public void Gone_members_are_forgotten_after_the_limit()
    {
        var network = new SwimNetwork(15) { Options = new SwimOptions { ForgetMs = 60_000 } };
        var cores = StartAll(network, 3);
        network.Run(10);

        network.Crash(3);
        network.Run(40);
        Assert.Equal("1:Alive 2:Alive 3:Dead", SwimNetwork.States(cores[0]));
        network.Run(60);

        Assert.All(cores.Take(2), c => Assert.Equal("1:Alive 2:Alive", SwimNetwork.States(c)));
    }

    [Fact]
    public void A_payload_too_large_for_datagrams_goes_by_push_pull()
    {
        var (network, cores) = Joined(3, 16);
        var large = new NodeGossip
        {
            Epoch = 5,
            Leads = [.. Enumerable.Range(1, NodeGossip.MaxShards).Select(i => new LedShard(new ShardId((ushort)i), ulong.MaxValue - (ulong)i, 100))],
        };

        cores[0].Publish(large, network.Now);
        network.Run(90);

        Assert.All(cores, c => Assert.Equal(large, c.View().Members[new NodeId(1)].Gossip));
        Assert.InRange(network.LargestDatagram, 1, 1400);
    }

    [Fact]
    public void Round_trip_times_are_measured_by_probes()
    {
        var (network, cores) = Joined(3, 17);
        network.Run(20);

        Assert.All(cores.SelectMany(c => c.View().Members.Values.Where(m => m.Id != c.Self)), m => Assert.InRange(m.RoundTripMicros, 400, 4_400));
    }

    [Fact]
    public void The_leader_with_the_highest_term_is_believed()
    {
        var (network, cores) = Joined(3, 18);
        cores[0].Publish(new NodeGossip { Leads = [new LedShard(new ShardId(7), 3, 10)], MetaLeader = new NodeId(1), MetaTerm = 2, Use = new NodeUse(250, 9, 1, 2) }, network.Now);
        cores[1].Publish(new NodeGossip { Leads = [new LedShard(new ShardId(7), 4, 11)], MetaLeader = new NodeId(2), MetaTerm = 5 }, network.Now);
        network.Run(5);

        var view = cores[2].View();
        Assert.Equal((new NodeId(2), 4UL), view.LeaderOf(new ShardId(7)));
        Assert.Null(view.LeaderOf(new ShardId(8)));
        Assert.Equal((new NodeId(2), 5UL), view.MetaLeader());
        Assert.Equal(new NodeUse(250, 9, 1, 2), view.Members[new NodeId(1)].Gossip.Use);
    }

    [Theory]
    [InlineData(101)]
    [InlineData(102)]
    [InlineData(103)]
    [InlineData(104)]
    [InlineData(105)]
    [InlineData(106)]
    public void After_any_crashes_losses_and_partitions_the_living_agree_once_the_network_is_well(int seed)
    {
        const int Count = 9;
        var (network, cores) = Joined(Count, seed);
        var random = new Random(seed);
        var down = new HashSet<int>();
        for (var step = 0; step < 12; step++)
        {
            network.Loss = random.NextDouble() * 0.4;
            var node = random.Next(2, Count + 1);
            switch (random.Next(4))
            {
                case 0 when down.Count < 4 && down.Add(node):
                    network.Crash(node);
                    break;
                case 1 when down.Remove(node):
                    cores[node - 1] = network.Start(node);
                    break;
                case 2:
                    var cut = random.Next(1, Count);
                    network.Partition(n => n <= cut ? 1 : 2, Count);
                    break;
                case 3:
                    network.Heal();
                    break;
            }

            network.Run(random.Next(1, 30));
        }

        network.Heal();
        network.Loss = 0;
        var wanted = Enumerable.Range(1, Count).Where(i => !down.Contains(i)).Select(i => (ulong)i).ToList();
        var took = network.RunUntil(
            () => wanted.All(i => cores[(int)i - 1].View().Members.Values.Where(m => m.State == MemberState.Alive).Select(m => m.Id.Value).Order().SequenceEqual(wanted)), 300);

        Assert.True(took >= 0, $"seed {seed}: {string.Join('\n', wanted.Select(i => SwimNetwork.States(cores[(int)i - 1])))}");
    }

    private static string AllAlive(int count) => string.Join(' ', Enumerable.Range(1, count).Select(i => $"{i}:Alive"));

    private static List<SwimCore> StartAll(SwimNetwork network, int count) => [.. Enumerable.Range(1, count).Select(i => network.Start(i))];

    private static (SwimNetwork Network, List<SwimCore> Cores) Joined(int count, int seed)
    {
        var network = new SwimNetwork(seed);
        var cores = StartAll(network, count);
        Assert.True(network.RunUntil(() => cores.All(c => SwimNetwork.States(c) == AllAlive(count)), 30) >= 0);
        network.Run(5);
        network.Changes.Clear();
        return (network, cores);
    }
}
