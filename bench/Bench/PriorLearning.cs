using System.Globalization;
using System.IO.Compression;
using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.Bench;

/// <summary>
/// Learns the regressions' prior over many series: the sum of every series' normal equations (each series of the same weight), solved once per transform, step length
/// and horizon. Takes only what lies before a series' first origin (origins.csv), so that what is scored is never learnt from. Writes PriorTable.cs.
/// </summary>
internal static class PriorLearning
{
    private const double Shrinkage = 0.002;
    private static readonly int[] Days = [288, 48, 24];

    /// <summary>learn-prior --data DIR --out FILE.</summary>
    public static int Run(string[] args)
    {
        var data = Value(args, "--data");
        var file = Value(args, "--out");
        if (data is null || file is null)
        {
            Console.WriteLine("bench/run learn-prior --data DIR --out ControlPlane/Forecasting/Streaming/PriorTable.cs (DIR as ../shared/data)");
            return 2;
        }

        var ends = File.ReadLines(Path.Combine(data, "origins.csv")).Skip(1).Select(l => l.Split(','))
            .GroupBy(f => f[1]).ToDictionary(g => g.Key, g => g.Min(f => int.Parse(f[3], CultureInfo.InvariantCulture)));
        var days = File.ReadLines(Path.Combine(data, "manifest.csv")).Skip(1).Select(l => l.Split(',')).ToDictionary(f => f[1], f => (int)Math.Round(86400.0 / int.Parse(f[2], CultureInfo.InvariantCulture)));
        var series = new List<(int Day, float[] Values)>();
        foreach (var set in Directory.GetFiles(data, "*.csv.gz").Where(f => !Path.GetFileName(f).StartsWith("extra", StringComparison.Ordinal) && !Path.GetFileName(f).StartsWith("baseline", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            foreach (var (name, values) in Read(set))
            {
                series.Add((days[name], values.Take(ends[name]).ToArray()));
            }
        }

        var lines = new List<string>();
        foreach (var day in Days)
        {
            var learnt = series.Where(s => s.Day % day == 0).SelectMany(s => Windows(Coarsen(s.Values, s.Day / day), day)).ToList();
            Console.WriteLine($"{day} steps a day: {learnt.Count} windows");
            Learn(day, learnt, lines);
        }

        File.WriteAllText(file, Source(lines));
        return 0;
    }

    private static void Learn(int day, List<float[]> windows, List<string> lines)
    {
        var cadence = Cadence.Of(86400 / day, day == 24 ? 2 * day : day);
        var grid = cadence.Grid.Length;
        const int n = Features.Count;
        var gram = new double[SeriesState.Transforms * grid * SeriesState.Packed];
        var cross = new double[SeriesState.Transforms * grid * n];
        var states = windows.AsParallel().AsOrdered().Select(values =>
        {
            var state = new SeriesState(cadence);
            foreach (var value in values)
            {
                SeriesIntake.Push(state, value);
            }

            new StreamCore(new StreamOptions { RidgeDays = 1e5 }).Fit(state);
            return (state.Gram, state.Cross);
        }).ToList();
        foreach (var (a, b) in states)
        {
            for (var k = 0; k < SeriesState.Transforms * grid; k++)
            {
                // The constant's square counts the rows.
                double rows = a[((k + 1) * SeriesState.Packed) - 1];
                for (var i = 0; rows > 0 && i < SeriesState.Packed; i++)
                {
                    gram[(k * SeriesState.Packed) + i] += a[(k * SeriesState.Packed) + i] / rows;
                }

                for (var i = 0; rows > 0 && i < n; i++)
                {
                    cross[(k * n) + i] += b[(k * n) + i] / rows;
                }
            }
        }

        var prior = new double[n];
        var beta = new double[n];
        for (var k = 0; k < SeriesState.Transforms * grid; k++)
        {
            var (transform, h) = (k / grid, cadence.Grid[k % grid]);
            Prior.At(cadence, transform, h, prior);
            var a = Array.ConvertAll(gram[(k * SeriesState.Packed)..((k + 1) * SeriesState.Packed)], v => (float)v);
            var b = Array.ConvertAll(cross[(k * n)..((k + 1) * n)], v => (float)v);
            if (Ridge.Solve(a, b, Shrinkage * Ridge.Trace(a, n) / n, prior, beta))
            {
                lines.Add($"        ({transform}, {day}, {h}, [{string.Join(", ", beta.Select(v => v.ToString("0.####", CultureInfo.InvariantCulture) + "f"))}]),");
            }
        }
    }

    private static IEnumerable<float[]> Windows(float[] values, int day)
    {
        var most = 28 * day;
        for (var end = values.Length; end > 0; end -= most)
        {
            var window = values[Math.Max(0, end - most)..end];
            if (window.Length >= 4 * day)
            {
                yield return window;
            }
        }
    }

    private static float[] Coarsen(float[] values, int size) =>
        size == 1 ? values : [.. values.Chunk(size).Where(c => c.Length == size).Select(c => c.Average())];

    private static string Source(List<string> lines) =>
        $$"""
        namespace ShardConsole.ControlPlane.Forecasting.Streaming;

        /// <summary>Learnt constants; written by bench/run learn-prior, not by hand.</summary>
        internal static class PriorTable
        {
            /// <summary>Transform (0 logarithm, 1 linear), steps a day, horizon, coefficients of the features in their order. Horizons ascend.</summary>
            public static readonly (int Transform, int Day, int Horizon, float[] Beta)[] Rows =
            [
        {{string.Join('\n', lines)}}
            ];
        }

        """;

    private static Dictionary<string, List<float>> Read(string file)
    {
        var all = new Dictionary<string, List<float>>();
        using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            var fields = line.Split(',');
            if (!all.TryGetValue(fields[0], out var values))
            {
                all[fields[0]] = values = [];
            }

            values.Add(float.Parse(fields[2], CultureInfo.InvariantCulture));
        }

        return all;
    }

    private static string? Value(string[] args, string name)
    {
        var at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
    }
}
