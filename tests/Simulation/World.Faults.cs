using ShardConsole.Shared.Cluster;

namespace ShardConsole.Simulation;

/// <summary>What goes wrong in the world, drawn from its one seed, and how it is healed.</summary>
internal sealed partial class World
{
    private void Disturb()
    {
        if (Options.Crashes && Random.Next(1200) == 0)
        {
            var node = Nodes[Random.Next(Nodes.Count)];
            if (node.IsUp)
            {
                Kill(node, Random.Next(50, 1500));
            }
        }

        Hinder();
        if (Options.Corrupts && Random.Next(250) == 0)
        {
            // Always the same replica of a shard, so that a majority is right; it may be its leader.
            var shard = Random.Next(Genesis.Map.Shards.Length);
            Nodes[(shard + 1) % Nodes.Count].Shards[shard].Corrupt();
        }

        if (Options.Partitions && Random.Next(1000) == 0)
        {
            var (a, b) = ((ulong)Random.Next(1, Nodes.Count + 1), (ulong)Random.Next(1, Nodes.Count + 1));
            var alone = Random.Next(2) == 0;
            foreach (var other in Nodes.Select(n => n.Id).Where(n => alone || n == b))
            {
                cut.Add((a, other));
                if (alone || Random.Next(2) == 0)
                {
                    cut.Add((other, a));
                }
            }

            After(Options.Flapping ? Random.Next(5, 60) : Random.Next(100, 1500), cut.Clear);
        }
    }

    private void Kill(SimNode node, int downMs)
    {
        node.Crash();
        After(downMs, node.Start);
        if (Options.ConnectionsEnd)
        {
            foreach (var other in Nodes)
            {
                After(Random.Next(1, 40), () => other.Suspect(node.Id));
            }
        }
    }

    /// <summary>Faults that slow, pause, skew or depose.</summary>
    private void Hinder()
    {
        if (!Options.Hinders)
        {
            return;
        }

        var node = Nodes[Random.Next(Nodes.Count)];
        if (Options.ConnectionsEnd && Random.Next(300) == 0)
        {
            // Only the connection: the leader is there.
            node.Suspect((ulong)Random.Next(1, Nodes.Count + 1));
        }

        if (Options.DiskFaults && Random.Next(600) == 0)
        {
            node.Disk.Fail((DiskFault)Random.Next(1, 4), Now + Random.Next(100, 800));
        }

        if (Options.Pauses && Random.Next(700) == 0)
        {
            node.Pause(Random.Next(20, 900));
        }

        if (Options.Clocks && Random.Next(900) == 0)
        {
            node.WallOffsetMs = Random.Next(-20_000, 20_000);
        }

        if (Options.Transfers && Random.Next(400) == 0 && node.IsUp)
        {
            node.Replica(GroupId.Of(Genesis.Map.Shards[Random.Next(Genesis.Map.Shards.Length)].Id)).Core!
                .TransferLeadership((ulong)Random.Next(1, Nodes.Count + 1), node.Clock);
            if (Options.Splits && Random.Next(2) == 0)
            {
                // What a lease must not survive: the message has left, and the old leader hears nothing of the election.
                After(Random.Next(1, 6), () => Isolate(node, Random.Next(50, 300)));
            }
        }

        if (Options.Splits && Nodes.Count > 3 && Random.Next(1200) == 0)
        {
            Halve();
        }

        if (Options.Squeezes && Nodes.Count > 2 && Random.Next(1200) == 0)
        {
            Squeeze();
        }
    }

    /// <summary>
    /// What a lease must survive: (1) one follower hears no leader and wants to campaign, (2) the other, whose answers are the lease, restarts, and (3) at that
    /// moment the leader is cut off from everybody, but not from its clients.
    /// </summary>
    private void Squeeze()
    {
        var order = Nodes.OrderBy(_ => Random.Next()).ToArray();
        var (leader, voter, candidate) = (order[0], order[1], order[2]);
        Cut(leader.Id, candidate.Id);
        After(Random.Next(150, 400), () =>
        {
            if (!disturbed || !voter.IsUp)
            {
                return;
            }

            foreach (var other in Nodes)
            {
                Cut(leader.Id, other.Id);
            }

            Kill(voter, Random.Next(1, 10));
            After(Random.Next(150, 500), cut.Clear);
        });
    }

    /// <summary>A replica has just become leader: a former one must not answer reads any more. Some are cut off before the first message leaves.</summary>
    public void OnElected(SimReplica elected)
    {
        foreach (var former in Nodes.Where(n => n.IsUp && n != elected.Node).Select(n => n.Replica(elected.Group)))
        {
            if (former.Core!.Term < elected.Core!.Term && former.Serves && former.HoldsLease)
            {
                throw new SimulationFailedException(
                    Invariant.LeaseExcludes,
                    $"Node {elected.Node.Id} is elected leader of {elected.Group} in term {elected.Core.Term} while node {former.Node.Id} still answers reads by its lease of term {former.Core.Term}.");
            }
        }

        if (disturbed && Options.Splits && Random.Next(6) == 0)
        {
            Isolate(elected.Node, Random.Next(100, 500));
        }
    }

    /// <summary>An entry has just been applied for the first time: whoever lacks it must be unable to win an election by the disks of all.</summary>
    public void CheckSurvivesElection(GroupId group, in NodeAgent.Consensus.Core.Entry entry)
    {
        if (Options.Replaces)
        {
            return;
        }

        foreach (var candidate in Nodes.Select(n => n.Replica(group).Disk))
        {
            if (candidate.TermOf(entry.Index) == entry.Term)
            {
                continue;
            }

            var (term, index) = (candidate.TermOf(candidate.LastIndex), candidate.LastIndex);
            var votes = Nodes.Select(n => n.Replica(group).Disk).Count(v => v.TermOf(v.LastIndex) is var own && (own < term || (own == term && v.LastIndex <= index)));
            if (votes * 2 > Nodes.Count)
            {
                throw new SimulationFailedException(
                    Invariant.CommitSurvivesElection,
                    $"Entry {entry.Index} of {group} in term {entry.Term} is applied, but a replica whose log ends at {index} in term {term} lacks it and could be elected by {votes} of {Nodes.Count}.");
            }
        }
    }

    /// <summary>
    /// A folder is wiped and another node comes in its place, where that loses nothing by itself: every group of the node has two replicas more, and none is being changed.
    /// </summary>
    private void Wipe()
    {
        var state = Reference.Meta.State;
        var node = Nodes[Random.Next(Nodes.Count)];
        if (state.Genesis is null || !state.ReplicaChanges.IsEmpty || Nodes.Exists(n => n.IsGone ? HoldsAnything(n) : n.Shards.Any(s => s.IsDamaged)) || node.IsGone || !HoldsAnything(node)
            || Groups.Any(g => state.ReplicasOf(g).Length < 3))
        {
            return;
        }

        if (Random.Next(2) == 0)
        {
            // Only one group's copy, found damaged by the next start.
            var replica = node.Shards.FirstOrDefault(s => s.OpenedBy is not null);
            if (node.IsUp && replica is not null)
            {
                Kill(node, Random.Next(50, 500));
                replica.IsDamaged = true;
            }

            return;
        }

        node.Wipe();
        After(Random.Next(100, 1500), () =>
        {
            var member = NewMember(Nodes.Count + 1);
            Nodes.Add(new SimNode(this, member.Id.Value));
            Join(member);
        });
    }

    private void Join(Member member, int shards = 0)
    {
        if (!Reference.Meta.State.Members.Contains(member))
        {
            ProposeToMeta(new NodeAgent.Replicas.Core.MemberJoined(UnixMs, member) { Shards = shards });
            After(200, () => Join(member, shards));
        }
    }

    private bool HoldsAnything(SimNode node) => Groups.Any(g => Reference.Meta.State.ReplicasOf(g).Contains(new NodeId(node.Id)));

    private IEnumerable<GroupId> Groups => Genesis.Map.Shards.Select(s => GroupId.Of(s.Id)).Prepend(GroupId.Meta);

    private void Halve()
    {
        var order = Nodes.OrderBy(_ => Random.Next()).ToArray();
        foreach (var a in order[..(order.Length / 2)])
        {
            foreach (var b in order[(order.Length / 2)..])
            {
                Cut(a.Id, b.Id);
            }
        }

        After(Random.Next(300, 1500), cut.Clear);
    }

    private void Isolate(SimNode node, int ms)
    {
        if (disturbed)
        {
            foreach (var other in Nodes.Where(n => n != node))
            {
                Cut(node.Id, other.Id);
            }

            After(ms, cut.Clear);
        }
    }

    private void Cut(ulong a, ulong b)
    {
        cut.Add((a, b));
        cut.Add((b, a));
    }

    private void Heal()
    {
        disturbed = false;
        cut.Clear();
        foreach (var node in Nodes)
        {
            node.Heal();
            node.Start();
        }

        foreach (var client in Clients)
        {
            client.MustComplete = client.Completed + 20;
        }
    }
}
