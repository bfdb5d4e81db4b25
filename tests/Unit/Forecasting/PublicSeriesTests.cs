using System.Globalization;
using System.IO.Compression;
using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.Unit.Tidy;

namespace ShardConsole.Unit.Forecasting;

/// <summary>A check on real series that lie beside the repository, where they are there.</summary>
public sealed class PublicSeriesTests
{
    private static readonly string Data = FindData();

    private static readonly (string Set, int Series)[] Sample = [("web5m", 3), ("kpi5m", 3), ("pool5m", 4), ("calls5m", 1)];

    [Fact]
    public void The_combination_is_better_than_repeating_yesterday_in_the_next_hour()
    {
        var missing = Sample.Select(s => s.Set + ".csv.gz").Where(f => !File.Exists(Path.Combine(Data, f))).ToArray();
        Assert.SkipUnless(missing.Length == 0, $"Not in ../shared/data beside the repository: {string.Join(", ", missing)}; the check on real series needs them.");

        var ratios = Sample.SelectMany(s => Read(Path.Combine(Data, s.Set + ".csv.gz")).Take(s.Series)).Select(ErrorRatio).ToArray();

        Assert.Equal(Sample.Sum(s => s.Series), ratios.Length);
        Assert.InRange(Math.Exp(ratios.Average(Math.Log)), 0.01, 0.9);
    }

    // Absolute error of the next hour over four origins at different times of day, divided by that of repeating yesterday.
    private static double ErrorRatio(List<float> values)
    {
        double own = 0, naive = 0;
        for (var round = 0; round < 4; round++)
        {
            var end = values.Count - 288 - (round * 227);
            var frame = Histories.Forecast(values.GetRange(0, end).ToArray()).Frame;
            for (var k = 0; k < ForecastSteps.Fine; k++)
            {
                own += Math.Abs(values[end + k] - frame.Q50[k][0]);
                naive += Math.Abs(values[end + k] - values[end + k - 288]);
            }
        }

        return own / naive;
    }

    // "../shared/data" seen from the repository, or from a folder above it where the repository is checked out deeper.
    private static string FindData()
    {
        var folder = new DirectoryInfo(Repository.Root).Parent;
        while (folder?.Parent is not null && !Directory.Exists(Path.Combine(folder.FullName, "shared", "data")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder?.FullName ?? "", "shared", "data");
    }

    private static List<List<float>> Read(string file)
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

        return [.. all.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => p.Value)];
    }
}
