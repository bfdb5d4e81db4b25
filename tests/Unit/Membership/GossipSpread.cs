using ShardConsole.NodeAgent.Membership.Core;

namespace ShardConsole.Unit.Membership;

/// <summary>How a cluster of simulated cores spreads what one of them says: times are virtual, everything follows from the seed.</summary>
internal static class GossipSpread
{
    private const double StepSeconds = 0.05;

    /// <param name="nodes">Live nodes, 2 to 1000.</param>
    /// <param name="loss">Share of datagrams that are lost; push/pulls arrive.</param>
    /// <param name="rumours">How many are spread, one after the other, each by another node.</param>
    /// <param name="limitSeconds">What has not reached everybody until then is missed.</param>
    public static SpreadFigures Measure(int nodes, double loss, int rumours, int seed, double limitSeconds = 120)
    {
        var network = new SwimNetwork(seed);
        var cores = Enumerable.Range(1, nodes).Select(i => network.Start(i)).ToList();
        if (network.RunUntil(() => cores.TrueForAll(c => c.MemberCount == nodes), 120) < 0)
        {
            throw new InvalidOperationException($"{nodes} nodes did not find each other within two minutes.");
        }

        network.Run(10);
        network.Changes.Clear();
        network.Loss = loss;
        var random = new Random(seed);
        var (seconds, missed, began) = (new List<double>(), 0, network.Now);
        for (var rumour = 1; rumour <= rumours; rumour++)
        {
            var speaker = cores[random.Next(nodes)];
            network.Publish(speaker, NodeGossip.Empty with { Epoch = (ulong)rumour });
            var (waiting, took) = (cores.Where(c => c != speaker).ToList(), 0.0);
            while (waiting.Count > 0 && took < limitSeconds)
            {
                network.Run(StepSeconds);
                took += StepSeconds;
                waiting.RemoveAll(c => c.GossipOf(speaker.Self)!.Epoch >= (ulong)rumour);
            }

            seconds.Add(took);
            missed += waiting.Count > 0 ? 1 : 0;
        }

        seconds.Sort();
        return new SpreadFigures(
            seconds[seconds.Count / 2], seconds[(int)Math.Ceiling(0.99 * seconds.Count) - 1], missed, network.Changes.Count(c => c.Change.To == MemberState.Suspect),
            network.Changes.Count(c => c.Change.To == MemberState.Dead), (network.Now - began) / 1e6, network.LargestDatagram);
    }
}

/// <summary>What came out.</summary>
/// <param name="Median">Seconds until the last node knew.</param>
/// <param name="Missed">Rumours that did not reach everybody in time.</param>
/// <param name="Suspected">Times that a node suspected a live one.</param>
/// <param name="Killed">Times that a node took a live one for dead.</param>
/// <param name="Seconds">Virtual time that was observed.</param>
internal sealed record SpreadFigures(double Median, double P99, int Missed, int Suspected, int Killed, double Seconds, int LargestDatagram);
