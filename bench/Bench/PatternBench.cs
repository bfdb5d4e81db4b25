using System.Diagnostics;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using ShardConsole.ControlPlane.Patterns;
using ShardConsole.ControlPlane.Replay;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Bench;

/// <summary>
/// Access patterns: planted clumps and chains found again in a generated log that is sampled as agents sample; the hottest keys of real request logs against an exact
/// count; records a second on one core and memory at 16384 segments.
/// </summary>
internal static class PatternBench
{
    private const int Segments = 1024;
    private const int Seed = 20260301;
    private const int Hottest = 100;

    /// <summary>patterns [--data ../shared/data/requests].</summary>
    public static int Run(string[] args)
    {
        var at = Array.IndexOf(args, "--data");
        var data = at >= 0 && at + 1 < args.Length ? args[at + 1] : Path.Combine("..", "shared", "data", "requests");
        if (!Directory.Exists(data))
        {
            Console.WriteLine($"There is no folder {data}; name the request logs with --data.");
            return 2;
        }

        var options = new PatternOptions();
        var planted = PlantedLog.Create(Segments, Seed);
        var sketch = new AccessSketch(Segments, options);
        foreach (var (stream, ms, segment) in planted.Accesses(1_000_000, Seed))
        {
            if (stream == PlantedLog.Gap)
            {
                sketch.Break();
                continue;
            }

            sketch.Add(stream, ms, segment, (ulong)segment, null);
        }

        var links = Clumps.Links(sketch, options);
        var clumps = Score(Pairs(Clumps.Find(sketch, links, options).Select(c => c.Segments)), Pairs(planted.Clumps.Concat(planted.Chains)));
        var chains = Score(ChainFinder.Find(sketch, options).Select(c => ChainCode.Of([.. c.Segments])).ToHashSet(), planted.Chains.Select(c => ChainCode.Of([.. c])).ToHashSet());
        Print($"planted clumps, pairs of segments: precision {clumps.Precision:0.000}, recall {clumps.Recall:0.000}");
        Print($"planted chains, whole and in order: precision {chains.Precision:0.000}, recall {chains.Recall:0.000}");

        Console.WriteLine("log                        requests     keys   recall of the 100 hottest   largest error of a count");
        double least = 1;
        foreach (var file in Directory.GetFiles(data, "*.csv.gz").Order(StringComparer.Ordinal))
        {
            least = Math.Min(least, HotKeys(file, options));
        }

        var (rate, bytes) = Speed(options);
        Print($"16384 segments: {rate / 1e6:0.00} million records/s on one core, {bytes / 1048576.0:0.0} MiB at most");
        Print($"RESULT patterns clump_precision={clumps.Precision:0.000} clump_recall={clumps.Recall:0.000} chain_precision={chains.Precision:0.000} chain_recall={chains.Recall:0.000} hot_key_recall={least:0.000} records_s={rate:0} bytes={bytes}");
        return 0;
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private static HashSet<ulong> Pairs(IEnumerable<IReadOnlyList<int>> groups) =>
        [.. groups.SelectMany(g => g.SelectMany(a => g.Where(b => a < b).Select(b => ChainCode.Of(a, b))))];

    private static (double Precision, double Recall) Score(HashSet<ulong> found, HashSet<ulong> truth)
    {
        double right = found.Count(truth.Contains);
        return (found.Count == 0 ? 0 : right / found.Count, right / truth.Count);
    }

    private static double HotKeys(string file, PatternOptions options)
    {
        var sketch = new AccessSketch(Segments, options);
        var exact = new Dictionary<ulong, int>();
        using var reader = new LogReader(File.OpenRead(file));
        foreach (var request in reader.Read())
        {
            var bytes = Encoding.UTF8.GetBytes(request.Key);
            var hash = XxHash64.HashToUInt64(bytes);
            sketch.Add(0, request.At.ToUnixTimeMilliseconds(), SegmentId.OfSlot(Slot.Of(bytes), Segments).Value, hash, request.Key);
            exact[hash] = exact.GetValueOrDefault(hash) + 1;
        }

        // Of several keys as often as the hundredth any will do.
        var hundredth = exact.Values.OrderDescending().Skip(Hottest - 1).FirstOrDefault();
        var top = sketch.HotKeys.Top(Hottest);
        var recall = (double)top.Count(k => exact[k.Hash] >= hundredth) / Math.Min(Hottest, exact.Count);
        Print($"{Path.GetFileName(file)[..^7],-25}{reader.Rows,10}{exact.Count,9}{recall,28:0.000}{top.Max(k => k.Error),27:0}");
        return recall;
    }

    private static (double Rate, long Bytes) Speed(PatternOptions options)
    {
        const int count = 2_000_000;
        var planted = PlantedLog.Create(Slot.Count, Seed);
        var keys = Enumerable.Range(0, 1 << 20).Select(k => $"user:{k}:session").ToArray();
        var accesses = planted.Accesses(count, Seed).Where(a => a.Stream != PlantedLog.Gap).ToArray();
        var random = new Random(Seed);
        var names = accesses.Select(a => keys[(a.Segment * 64) + (int)(64 * Math.Pow(random.NextDouble(), 4))]).ToArray();
        var hashes = names.Select(n => XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(n))).ToArray();
        var sketch = new AccessSketch(Slot.Count, options);
        var watch = new Stopwatch();
        watch.Start();
        for (var i = 0; i < accesses.Length; i++)
        {
            var (stream, ms, segment) = accesses[i];
            sketch.Add(stream, ms, segment, hashes[i], names[i]);
        }

        return (accesses.Length / watch.Elapsed.TotalSeconds, sketch.SizeBytes);
    }
}
