using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ShardConsole.EndToEnd.Harness;

namespace ShardConsole.EndToEnd;

/// <summary>The whole loop over REST: a request log is imported, forecast and planned for; the plan's moves run while the log is replayed, and nothing acknowledged is lost.</summary>
public sealed class FirstLoopTests : IDisposable
{
    private const int Keys = 24;
    private const int StepMinutes = 5;
    private const int SpeedUp = 1200;
    private const int Amplify = 4;
    private const int Steps = 5 * 24 * 60 / StepMinutes;
    private static readonly DateTimeOffset Begin = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    private readonly string folder = Directory.CreateTempSubdirectory("shardconsole-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task An_imported_log_becomes_a_forecast_a_plan_and_moves_under_the_replay_and_no_write_is_lost()
    {
        var log = WriteLog();
        await using var console = await ConsoleProcess.StartAsync();
        using var rest = await RestClient.SignInAsync(console);
        await Eventually.TrueAsync("every shard reports", async () => Items(await rest.GetAsync("/api/v1/shards")) is { Count: > 0 } shards && shards.All(s => IsNumber(s, "now")), () => console.Output);
        var endpoints = (await File.ReadAllTextAsync(Path.Combine(console.Folder, "local-cluster.json"))) is var file
            ? Items(JsonSerializer.Deserialize<JsonElement>(file).GetProperty("nodes")).Select(n => $"127.0.0.1:{n.GetProperty("clientPort").GetInt32()}").ToList()
            : [];

        // The log counts for as much as its replay sends. What a request costs is measured before counts are imported that are to be priced by it.
        _ = await ReplayAsync(log, endpoints, "--no-verify");
        await ImportAsync(rest, log, console);
        await rest.PostAsync("/api/v1/forecasts", new { });
        var predicted = await Eventually.ValueAsync(
            "every shard has a predicted load",
            async () => Items(await rest.GetAsync("/api/v1/shards")) is var shards && shards.All(s => IsNumber(s, "peak")) && shards.Any(s => s.GetProperty("peak").GetDouble() > 0) ? shards : null,
            () => console.Output);
        var hottest = predicted.Max(s => s.GetProperty("peak").GetDouble());
        var known = (await Eventually.ValueAsync(
            "what the first forecast leads to", async () => Items(await rest.GetAsync("/api/v1/plans")) is { Count: > 0 } all ? all : null, () => console.Output)).Count;
        await rest.PutAsync("/api/v1/settings", new { thresholdMillicores = 0.8 * hottest, reason = "the hottest shard is to be relieved" });
        await rest.PostAsync("/api/v1/forecasts", new { });
        var plans = await Eventually.ValueAsync(
            "a plan for the new threshold", async () => Items(await rest.GetAsync("/api/v1/plans")) is var all && all.Count > known ? all : null, () => console.Output);
        Assert.True(plans[0].GetProperty("state").GetString() == "Proposed", string.Join('\n', plans.Concat(predicted)));
        var plan = plans[0].GetProperty("id").GetString();
        await rest.PostAsync($"/api/v1/plans/{plan}/approve", new { reason = "test" });

        var replays = 0;
        var migrations = new List<JsonElement>();
        do
        {
            var report = await ReplayAsync(log, endpoints);
            Assert.Equal((0, 0), (report.GetProperty("lost").GetInt64(), report.GetProperty("errors").GetInt64()));
            Assert.True(report.GetProperty("verifiedKeys").GetInt64() > Keys, report.ToString());
            migrations = Items(await rest.GetAsync("/api/v1/migrations?limit=200"));
        }
        while (++replays < 60 && (migrations.Count == 0 || !migrations.All(HasMoved)));

        Assert.True(migrations.Count > 0 && migrations.All(HasMoved), string.Join('\n', migrations) + "\n" + console.Output);
        var moved = migrations[0].GetProperty("status");
        var map = await rest.GetAsync("/api/v1/map");
        Assert.True(map.GetProperty("epoch").GetInt64() > 1, $"{moved}");
    }

    /// <summary>Committed: the target serves; whether the source's copy is still retained does not matter here.</summary>
    private static bool HasMoved(JsonElement migration) => migration.GetProperty("status").GetProperty("phase").GetString() is "Retaining" or "Cleaning" or "Done";

    private static List<JsonElement> Items(JsonElement answer) => [.. (answer.ValueKind == JsonValueKind.Array ? answer : answer.GetProperty("items")).EnumerateArray()];

    private static bool IsNumber(JsonElement element, string name) => element.GetProperty(name).ValueKind == JsonValueKind.Number;

    private static async Task ImportAsync(RestClient rest, string log, ConsoleProcess console)
    {
        var uploaded = await rest.UploadAsync($"/api/v1/query-logs?fileName=log.csv&shift=EndNow&amplify={Amplify * SpeedUp}&writeShare=0.5", log);
        var id = uploaded.GetProperty("id").ToString();
        var state = await Eventually.ValueAsync(
            "the import ends",
            async () => Items(await rest.GetAsync("/api/v1/query-logs")).First(l => l.GetProperty("id").ToString() == id).GetProperty("state").GetString() is ("done" or "failed") and var ended ? ended : null,
            () => console.Output);
        Assert.Equal("done", state);
    }

    /// <summary>Sends the last hours of the log and answers the report.</summary>
    private static async Task<JsonElement> ReplayAsync(string log, List<string> endpoints, params string[] more)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        string[] all =
        [
            Path.Combine(own.Parent!.Parent!.FullName, "ControlPlane", own.Name, "ShardConsole.ControlPlane.dll"), "replay", log,
            "--from", Begin.AddMinutes((Steps - 24) * StepMinutes).ToString("O", CultureInfo.InvariantCulture), "--speed-up", $"{SpeedUp}", "--amplify", $"{Amplify}", "--write-share", "0.5", "--json",
            .. endpoints.SelectMany(e => new[] { "--endpoint", e }), .. more,
        ];
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet") { RedirectStandardOutput = true };
        Array.ForEach(all, start.ArgumentList.Add);
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var report = output.Split('\n').LastOrDefault(l => l.StartsWith('{'));
        Assert.True(report is not null, output);
        return JsonSerializer.Deserialize<JsonElement>(report);
    }

    /// <summary>Five days; every key has the same daily cycle, which is at its height when the log ends, and chance of its own: without it nothing could beat repeating yesterday.</summary>
    private string WriteLog()
    {
        var path = Path.Combine(folder, "log.csv");
        using var to = new StreamWriter(path);
        to.WriteLine("timestamp,key,op");
        var random = new Random(7);
        for (var step = 0; step < Steps; step++)
        {
            var share = 0.5 + (0.4 * Math.Cos(2 * Math.PI * (Steps - step) * StepMinutes / (24 * 60)));
            for (var second = 0; second < 5 * Keys; second++)
            {
                if (random.NextDouble() < share)
                {
                    to.WriteLine($"{Begin.AddMinutes(step * StepMinutes).AddSeconds(second):yyyy-MM-ddTHH:mm:ssZ},user:{second % Keys},GET");
                }
            }
        }

        return path;
    }
}
