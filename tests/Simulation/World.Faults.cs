using ShardConsole.Shared.Cluster;

namespace ShardConsole.Simulation;

/// <summary>What goes wrong in the world, drawn from its one seed, and how it is healed.</summary>
internal sealed partial class World
{
    private void Disturb()
    {
        if (Options.Crashes && Random.Next(1200) == 0)
        {
            var node = Nodes[Random.Next(Nodes.Length)];
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
            Nodes[(shard + 1) % Nodes.Length].Shards[shard].Corrupt();
        }

        if (Options.Partitions && Random.Next(1000) == 0)
        {
            var (a, b) = ((ulong)Random.Next(1, Nodes.Length + 1), (ulong)Random.Next(1, Nodes.Length + 1));
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
    }

    /// <summary>Faults that slow, pause, skew or depose.</summary>
    private void Hinder()
    {
        if (!Options.Hinders)
        {
            return;
        }

        var node = Nodes[Random.Next(Nodes.Length)];
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
                .TransferLeadership((ulong)Random.Next(1, Nodes.Length + 1), node.Clock);
        }

        if (Options.Squeezes && Nodes.Length > 2 && Random.Next(1200) == 0)
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
