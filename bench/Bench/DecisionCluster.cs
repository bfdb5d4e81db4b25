using System.Globalization;
using System.IO.Compression;
using ShardConsole.ControlPlane.Planning.Paper;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Bench;

/// <summary>
/// A cluster on paper from real series: four neighbouring segments follow one of them, shifted by hours and days, each scaled by a weight of its own; so ranges of the keyspace
/// peak at different times. Shards begin as ranges, as slots are dealt out in a Redis Cluster. Four shards a node, three replicas where there are as many nodes; a follower costs a fifth.
/// </summary>
internal sealed record DecisionCluster(PaperCluster Cluster, PaperLoads Loads, int Series)
{
    private const int StepsPerDay = 288;
    private const int ShardsPerNode = 4;

    /// <summary>Neighbours in the keyspace that follow the same series: what belongs together lies together.</summary>
    private const int Neighbours = 4;
    private const double FollowRatio = 0.2;
    private static readonly DateTimeOffset Start = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Builds it.</summary>
    /// <exception cref="ArgumentException">No series of these sets is long enough.</exception>
    public static DecisionCluster Of(DecisionOptions options, IReadOnlyList<string> sets)
    {
        var steps = (options.Known + options.Days) * StepsPerDay;
        var series = sets.SelectMany(s => Read(options.Data, s)).Where(s => s.Length >= steps && s.Average() > 0).ToArray();
        if (series.Length == 0)
        {
            throw new ArgumentException($"No series of {string.Join(", ", sets)} in {options.Data} has {options.Known + options.Days} days.");
        }

        var random = new Random(options.Seed);
        var columns = Enumerable.Range(0, steps).Select(_ => new float[options.Segments]).ToArray();
        var (values, first, shift) = (series[0], 0, 0);
        for (var s = 0; s < options.Segments; s++)
        {
            if (s % Neighbours == 0)
            {
                values = series[random.Next(series.Length)];
                first = random.Next(Math.Max(1, (values.Length - steps) / StepsPerDay + 1)) * StepsPerDay;
                shift = random.Next(24) * StepsPerDay / 24;
            }

            var scale = Math.Exp(options.Spread * Normal(random)) * 100 / values.Average();
            for (var i = 0; i < steps; i++)
            {
                columns[i][s] = (float)(scale * Math.Max(0, values[first + ((i + shift) % steps)]));
            }
        }

        return new DecisionCluster(ClusterOf(options, random), new PaperLoads(Start, TimeSpan.FromMinutes(5), columns, null, FollowRatio), series.Length);
    }

    /// <summary>The same with nodes so large that the fleet's 99th percentile of load, spread evenly, uses this part of them.</summary>
    public DecisionCluster Sized(double evenPeak)
    {
        var replicas = Cluster.Map.Shards.Max(s => s.Replicas.Length);
        var fleet = Loads.Lead.Select(c => c.Sum(v => (double)v)).Order().ElementAt(Loads.Lead.Count * 99 / 100) * (1 + (FollowRatio * (replicas - 1)));
        var capacity = new NodeCapacity((int)Math.Ceiling(fleet / Cluster.Members.Count / evenPeak), 0, 0, 0);
        return this with { Cluster = Cluster with { Members = [.. Cluster.Members.Select(m => m with { Capacity = capacity })] } };
    }

    private static PaperCluster ClusterOf(DecisionOptions options, Random random)
    {
        var (nodes, shards) = (options.Nodes, options.Nodes * ShardsPerNode);
        var replicas = Math.Min(3, nodes);
        var ids = Enumerable.Range(1, shards).Select(i => new ShardId((ushort)i)).ToArray();
        var map = new ShardMap
        {
            Epoch = 1,
            Owners = [.. Enumerable.Range(0, options.Segments).Select(s => ids[s * shards / options.Segments])],
            Shards = [.. ids.Select((id, i) => new ShardInfo(
                id, [.. Enumerable.Range(0, replicas).Select(r => new NodeId((ulong)((i + (r * (1 + (i / nodes)))) % nodes) + 1)).Distinct().Order()], new NodeId((ulong)(i % nodes) + 1)))],
        };
        var members = Enumerable.Range(1, nodes).Select(n => new Member(new NodeId((ulong)n), $"n{n}", $"zone-{n % 3}", new NodeCapacity(1, 0, 0, 0), new NodeAddresses("paper", 1, 2, 3, 4)));
        var sizes = Enumerable.Range(0, options.Segments).Select(_ => Math.Exp(0.5 * Normal(random))).ToArray();
        var unit = options.NodeGigabytes * 1e9 * nodes / replicas / sizes.Sum();
        return new PaperCluster(map, [.. members], new HashSet<NodeId>(), [.. sizes.Select(s => (long)(s * unit))]);
    }

    // Series in steps of five minutes; coarser ones are filled by straight lines.
    private static IEnumerable<double[]> Read(string data, string set)
    {
        var path = Path.Combine(data, set + ".csv.gz");
        if (!File.Exists(path))
        {
            throw new ArgumentException($"{path} is missing; name the folder with --data, and sets that are in it.");
        }

        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        reader.ReadLine();
        var (id, values, times) = ("", new List<double>(), new List<string>());
        while (reader.ReadLine() is { } line)
        {
            var parts = line.Split(',');
            if (parts[0] != id)
            {
                if (values.Count > 1)
                {
                    yield return Fine(values, times);
                }

                (id, values, times) = (parts[0], [], []);
            }

            values.Add(double.Parse(parts[2], CultureInfo.InvariantCulture));
            if (times.Count < 2)
            {
                times.Add(parts[1]);
            }
        }

        if (values.Count > 1)
        {
            yield return Fine(values, times);
        }
    }

    private static double[] Fine(List<double> values, List<string> times)
    {
        var c = CultureInfo.InvariantCulture;
        var minutes = (DateTimeOffset.Parse(times[1], c) - DateTimeOffset.Parse(times[0], c)).TotalMinutes;
        var parts = Math.Max(1, (int)Math.Round(minutes / 5));
        var fine = new double[(values.Count - 1) * parts + 1];
        for (var i = 0; i < fine.Length; i++)
        {
            var (at, part) = (i / parts, (double)(i % parts) / parts);
            fine[i] = values[at] + (part * (values[Math.Min(values.Count - 1, at + 1)] - values[at]));
        }

        return fine;
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
