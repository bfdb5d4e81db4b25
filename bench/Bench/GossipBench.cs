using System.Globalization;
using ShardConsole.Unit.Membership;

namespace ShardConsole.Bench;

/// <summary>The gossip core at 30, 100 and 1000 simulated nodes: how long one node's word takes to reach all, with no datagrams lost, 5 % and 25 %. Times are virtual.</summary>
internal static class GossipBench
{
    // Of a simulation of the same defaults (probe 1 s, gossip 200 ms x 3, push/pull 30 s): median to all nodes, without loss.
    private static readonly (int Nodes, double Reference)[] Sizes = [(30, 0.8), (100, 1.2), (1000, 1.6)];

    /// <summary>Options: --rumours N (30), --seed S (1), --observe SECONDS at each loss (20), --nodes N for one size only.</summary>
    public static Task<int> RunAsync(string[] args)
    {
        var (rumours, seed, observe, only) = (Option(args, "--rumours", 30), Option(args, "--seed", 1), Option(args, "--observe", 20), Option(args, "--nodes", 0));
        Console.WriteLine($"{"nodes",6}{"loss",7}{"median s",10}{"p99 s",8}{"missed",8}{"suspected",11}{"taken for dead",16}{"virtual s",11}{"real s",8}   median without loss, reference");
        var results = new List<string>();
        var bad = 0;
        foreach (var (nodes, reference) in Sizes.Where(s => only == 0 || s.Nodes == only))
        {
            var cluster = new GossipSpread(nodes, seed);
            foreach (var loss in new[] { 0, 0.05, 0.25 })
            {
                var began = TimeProvider.System.GetTimestamp();
                var figures = cluster.Measure(loss, rumours, observe);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{nodes,6}{loss,7:P0}{figures.Median,10:0.00}{figures.P99,8:0.00}{figures.Missed,8}{figures.Suspected,11}{figures.Killed,16}{figures.Seconds,11:0.0}{TimeProvider.System.GetElapsedTime(began).TotalSeconds,8:0}   {(loss == 0 ? reference.ToString("0.0", CultureInfo.InvariantCulture) : "")}"));
                bad += figures.Missed + (loss <= 0.05 ? figures.Killed : 0);
                if (loss == 0)
                {
                    results.Add(string.Create(CultureInfo.InvariantCulture, $"n{nodes}_p50_s={figures.Median:0.00} n{nodes}_p99_s={figures.P99:0.00}"));
                }
            }
        }

        Console.WriteLine($"RESULT gossip {string.Join(' ', results)} missed_or_killed={bad}");
        return Task.FromResult(bad == 0 ? 0 : 1);
    }

    private static int Option(string[] args, string name, int otherwise) =>
        Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;
}
