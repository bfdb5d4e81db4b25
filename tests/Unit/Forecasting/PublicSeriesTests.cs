using System.Globalization;
using System.IO.Compression;
using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.Unit.Tidy;

namespace ShardConsole.Unit.Forecasting;

/// <summary>A check on real series that lie beside the repository, where they are there.</summary>
public sealed class PublicSeriesTests
{
    private static readonly string Data = FindData();

    [Theory]
    [InlineData("web5m", 3)]
    [InlineData("kpi5m", 3)]
    [InlineData("pool5m", 4)]
    [InlineData("calls5m", 1)]
    public void The_combination_is_no_worse_than_repeating_yesterday_in_the_next_hour(string set, int series)
    {
        var file = Path.Combine(Data, set + ".csv.gz");
        Assert.SkipUnless(File.Exists(file), $"{set}.csv.gz is not in ../shared/data beside the repository; the check on real series needs it.");
        double logRatios = 0;
        var count = 0;
        foreach (var values in Read(file).Take(series))
        {
            double own = 0, naive = 0;
            for (var end = values.Count - 288; end > 8 * 288 && end > values.Count - (5 * 288); end -= 227)
            {
                var history = values.GetRange(0, end).ToArray();
                var frame = Histories.Forecast(history).Frame;
                for (var k = 0; k < ForecastSteps.Fine; k++)
                {
                    own += Math.Abs(values[end + k] - frame.Q50[k][0]);
                    naive += Math.Abs(values[end + k] - values[end + k - 288]);
                }
            }

            logRatios += naive > 0 ? Math.Log(own / naive) : 0;
            count += naive > 0 ? 1 : 0;
        }

        Assert.Equal(series, count);
        Assert.InRange(Math.Exp(logRatios / count), 0, 1);
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
