using ShardConsole.NodeAgent.Membership.Core;

namespace ShardConsole.Unit.Membership;

/// <summary>A cluster of simulated cores that know each other, and how what one of them says spreads: times are virtual, everything follows from the seed.</summary>
internal sealed class GossipSpread
{
    private const double StepSeconds = 0.05;

    private readonly SwimNetwork network;
    private readonly List<SwimCore> cores;
    private readonly int seed;
    private ulong said;

    /// <param name="nodes">Live nodes, 2 to 1000.</param>
    public GossipSpread(int nodes, int seed)
    {
        (network, this.seed) = (new SwimNetwork(seed), seed);
        cores = [.. Enumerable.Range(1, nodes).Select(i => network.Start(i))];
        if (network.RunUntil(() => cores.TrueForAll(c => c.MemberCount == nodes), 120) < 0)
        {
            throw new InvalidOperationException($"{nodes} nodes did not find each other within two minutes.");
        }
    }

    /// <inheritdoc cref="Measure(double, int, double, double)"/>
    public static SpreadFigures Measure(int nodes, double loss, int rumours, int seed) => new GossipSpread(nodes, seed).Measure(loss, rumours);

    /// <param name="loss">Share of datagrams that are lost; push/pulls arrive.</param>
    /// <param name="rumours">How many are spread at once, each by another node: nodes say something new every second, so a rumour never has the datagrams for itself.</param>
    /// <param name="limitSeconds">What has not reached everybody until then is missed.</param>
    /// <param name="observeSeconds">Who is suspected and taken for dead is watched for at least so long.</param>
    public SpreadFigures Measure(double loss, int rumours, double observeSeconds = 0, double limitSeconds = 120)
    {
        // What an earlier loss made them suspect is over, and what they had to say has been said.
        network.Loss = 0;
        network.Run(10);
        network.Changes.Clear();
        network.Loss = loss;
        var speakers = cores.ToArray();
        new Random(seed).Shuffle(speakers);
        var epoch = ++said;
        var under = speakers.Take(rumours).Select(speaker => (speaker.Self, Waiting: cores.Where(c => c != speaker).ToList())).ToList();
        foreach (var speaker in speakers.Take(rumours))
        {
            network.Publish(speaker, NodeGossip.Empty with { Epoch = epoch });
        }

        var (seconds, took) = (new List<double>(), 0.0);
        while (took < (under.Count > 0 ? limitSeconds : observeSeconds))
        {
            network.Run(StepSeconds);
            took += StepSeconds;
            foreach (var (speaker, waiting) in under)
            {
                waiting.RemoveAll(c => c.GossipOf(speaker)!.Epoch >= epoch);
            }

            seconds.AddRange(Enumerable.Repeat(took, under.RemoveAll(r => r.Waiting.Count == 0)));
        }

        var missed = under.Count;
        seconds.AddRange(Enumerable.Repeat(took, missed));
        seconds.Sort();
        return new SpreadFigures(
            seconds[seconds.Count / 2], seconds[(int)Math.Ceiling(0.99 * seconds.Count) - 1], missed, network.Changes.Count(c => c.Change.To == MemberState.Suspect),
            network.Changes.Count(c => c.Change.To == MemberState.Dead), took, network.LargestDatagram);
    }
}

/// <summary>What came out.</summary>
/// <param name="Median">Seconds until the last node knew.</param>
/// <param name="Missed">Rumours that did not reach everybody in time.</param>
/// <param name="Suspected">Times that a node suspected a live one.</param>
/// <param name="Killed">Times that a node took a live one for dead.</param>
/// <param name="Seconds">Virtual time that was observed.</param>
internal sealed record SpreadFigures(double Median, double P99, int Missed, int Suspected, int Killed, double Seconds, int LargestDatagram);
