using System.Globalization;
using ShardConsole.ControlPlane.Commands;

namespace ShardConsole.Unit.Forecasting;

/// <summary>The forecast command as a user starts it.</summary>
public sealed class ForecastCommandTests : IDisposable
{
    private const string Header = "series_id,timestamp_utc_iso8601,value\n";

    private readonly string folder = Directory.CreateTempSubdirectory("forecast-command").FullName;

    private string Input => Path.Combine(folder, "in.csv");

    private string Output => Path.Combine(folder, "out.csv");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Every_series_gets_every_step_with_ordered_quantiles()
    {
        var (code, error) = await RunAsync(Header + Rows("a", 40) + Rows("b", 3) + "c,2026-03-01T00:00:00Z,7\n", "--horizon", "5");

        var lines = await File.ReadAllLinesAsync(Output, TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (code, error));
        Assert.Equal("series_id,step,forecast,q05,q10,q25,q50,q75,q90,q95", lines[0]);
        Assert.Equal(
            new[] { "a", "b", "c" }.SelectMany(s => Enumerable.Range(1, 5).Select(h => $"{s},{h}")),
            lines.Skip(1).Select(l => string.Join(',', l.Split(',').Take(2))));
        Assert.All(lines.Skip(1).Select(l => l.Split(',').Skip(3).Select(v => double.Parse(v, CultureInfo.InvariantCulture)).ToList()), q => Assert.Equal(q.Order(), q));
    }

    [Theory]
    [InlineData("", "line 1: the file is empty")]
    [InlineData(Header, "line 2: there is no row behind the header")]
    [InlineData("id,when,what\na,2026-03-01T00:00:00Z,1\n", "line 1: the header is 'id,when,what'")]
    [InlineData(Header + "a,2026-03-01T00:00:00Z,1\na,2026-03-01T00:05:00Z,x\n", "line 3: 'x' is not a number")]
    [InlineData(Header + "a,2026-03-01T00:00:00Z,1\nfoo\n", "line 3: 'foo' is not series_id")]
    [InlineData(Header + "a,2026-03-01T25:00:00Z,1\n", "line 2: '2026-03-01T25:00:00Z' is not a UTC time")]
    [InlineData(Header + "a,2026-03-01T00:00:00Z,1\na,2026-03-01T00:05:00Z,1\na,2026-03-01T00:11:00Z,1\n", "line 4: series 'a' goes from")]
    [InlineData(Header + "a,2026-03-01T00:00:00Z,1\nb,2026-03-01T00:00:00Z,1\na,2026-03-01T00:05:00Z,1\n", "line 4: series 'a' appears again")]
    [InlineData(Header + "a,2026-03-01T00:05:00Z,1\na,2026-03-01T00:00:00Z,1\n", "line 3: the step from")]
    [InlineData(Header + "a,2026-03-01T00:00:00Z,NaN\na,2026-03-01T00:05:00Z,-1\n", "line 4: series 'a' ends before this line without any value")]
    public async Task What_is_wrong_with_the_input_is_one_line_with_its_number_and_exit_code_2(string content, string expected)
    {
        var (code, error) = await RunAsync(content, "--horizon", "5");

        Assert.Equal(2, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.Equal([Input], Directory.GetFiles(folder));
    }

    [Theory]
    [InlineData("--horizon 5 --model holt", "--model holt is not known; it is auto,")]
    [InlineData("--horizon 0", "--horizon 0 is outside 1..10000")]
    [InlineData("--horizon many", "Cannot parse argument 'many'")]
    [InlineData("", "Option '--horizon' is required")]
    public async Task What_is_wrong_with_the_options_is_one_line_and_exit_code_2(string options, string expected)
    {
        var (code, error) = await RunAsync(Header + Rows("a", 40), options.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(2, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task An_announced_event_multiplies_its_steps()
    {
        var events = Path.Combine(folder, "events.csv");
        await File.WriteAllTextAsync(events, "name,series,rule,minutes,factor\nsale,a*,once 2026-03-01 03:30,10,3\n", TestContext.Current.CancellationToken);

        // 40 rows from midnight: the forecast's first step begins at 03:20.
        var (code, error) = await RunAsync(Header + Rows("a1", 40) + Rows("b", 40), "--horizon", "6", "--events", events);

        Assert.Equal((0, ""), (code, error));
        var points = (await File.ReadAllLinesAsync(Output, TestContext.Current.CancellationToken)).Skip(1).Select(l => double.Parse(l.Split(',')[2], CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal([1, 1, 3, 3, 1, 1], points[..6].Select((p, h) => Math.Round(p / points[6 + h], 3)));
    }

    [Theory]
    [InlineData("", "line 1: the header must be")]
    [InlineData("name,series,rule,minutes,factor\nx,*,hourly,10,2\n", "line 2: the rule 'hourly' is none")]
    [InlineData("name,series,rule,minutes,factor\nx,*,daily 09:00,10,2\nx,*,daily 09:00,0,2\n", "line 3: '0' minutes are outside")]
    [InlineData("name,series,rule,minutes,factor\nx,*,daily 09:00,10,many\n", "line 2: the factor 'many' is neither")]
    [InlineData("name,series,rule,minutes,factor,zone\nx,*,daily 09:00,10,2,Moon/Crater\n", "line 2: the zone 'Moon/Crater' is not known")]
    [InlineData("name,series,rule,minutes,factor\nx,*,daily 09:00\n", "line 2: 'x,*,daily 09:00' is not name,series")]
    public async Task What_is_wrong_with_the_events_is_one_line_with_its_number_and_exit_code_2(string content, string expected)
    {
        var events = Path.Combine(folder, "events.csv");
        await File.WriteAllTextAsync(events, content, TestContext.Current.CancellationToken);

        var (code, error) = await RunAsync(Header + Rows("a", 40), "--horizon", "1", "--events", events);

        Assert.Equal(2, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("arima")]
    [InlineData("prophet")]
    [InlineData("holt-winters")]
    [InlineData("theta")]
    [InlineData("harmonic-log")]
    public async Task Each_expert_can_forecast_alone(string model)
    {
        var (code, error) = await RunAsync(Header + Rows("a", 700), "--horizon", "3", "--model", model);

        Assert.Equal((0, ""), (code, error));
        var points = (await File.ReadAllLinesAsync(Output, TestContext.Current.CancellationToken)).Skip(1).Select(l => double.Parse(l.Split(',')[2], CultureInfo.InvariantCulture));
        Assert.All(points, p => Assert.InRange(p, 8, 18));
    }

    [Fact]
    public async Task Refused_values_are_counted_and_become_gaps()
    {
        var (code, error) = await RunAsync(Header + Rows("a", 40) + "b,2026-03-01T00:00:00Z,3\nb,2026-03-01T00:05:00Z,-1\nb,2026-03-01T00:10:00Z,NaN\n", "--horizon", "1");

        Assert.Equal(0, code);
        Assert.Contains("2 values were negative or not a finite number (the first in line 43)", error, StringComparison.Ordinal);
        Assert.Equal(3, (await File.ReadAllLinesAsync(Output, TestContext.Current.CancellationToken)).Length);
    }

    [Fact]
    public async Task An_output_of_before_is_kept_where_the_input_is_wrong()
    {
        await File.WriteAllTextAsync(Output, "before", TestContext.Current.CancellationToken);

        var (code, _) = await RunAsync(Header + Rows("a", 40) + "broken\n", "--horizon", "1");

        Assert.Equal(2, code);
        Assert.Equal("before", await File.ReadAllTextAsync(Output, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_input_is_never_overwritten()
    {
        await File.WriteAllTextAsync(Input, Header + Rows("a", 40), TestContext.Current.CancellationToken);
        var error = new StringWriter();

        Assert.Equal(2, await CommandLine.RunAsync(["forecast", "--input", Input, "--output", Input, "--horizon", "1"], error));
        Assert.Contains("is the input; name another file", error.ToString(), StringComparison.Ordinal);
    }

    private static string Rows(string series, int count)
    {
        var start = new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc);
        return string.Concat(Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{series},{start.AddMinutes(5 * i):yyyy-MM-ddTHH:mm:ssZ},{10 + (i % 7)}\n")));
    }

    private async Task<(int Code, string Error)> RunAsync(string content, params string[] options)
    {
        await File.WriteAllTextAsync(Input, content, TestContext.Current.CancellationToken);
        var error = new StringWriter();
        var code = await CommandLine.RunAsync(["forecast", "--input", Input, "--output", Output, .. options], error);
        return (code, error.ToString());
    }
}
