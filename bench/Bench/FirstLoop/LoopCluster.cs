using System.Globalization;
using System.Text.Json;

namespace ShardConsole.Bench;

/// <summary>One cluster with its control plane, on which the loop runs: warmed up, given its history, sent the replay.</summary>
internal sealed class LoopCluster : IDisposable
{
    private const double WarmUpSeconds = 28;
    private readonly TimeProvider time;
    private readonly LoopHistory history;

    private LoopCluster(ConsoleClient console, IReadOnlyList<string> endpoints, LoopHistory history, TimeProvider time) =>
        (Console, Endpoints, this.history, this.time) = (console, endpoints, history, time);

    /// <summary>Its control plane.</summary>
    public ConsoleClient Console { get; }

    /// <summary>Where its nodes listen to clients.</summary>
    public IReadOnlyList<string> Endpoints { get; }

    /// <summary>Starts it in a folder of its own and waits until its nodes report.</summary>
    public static async Task<LoopCluster> StartAsync(LoopSettings settings, string name, TimeProvider time)
    {
        var folder = Path.Combine(Peer.Folder, name);
        var console = await ConsoleClient.StartAsync(
            folder,
            [
                "--clock", Text(settings.Clock), "--threshold", Text(settings.Threshold), "--node-cpu", Text(settings.NodeCpu),
                "--quantile", Text(settings.Quantile), "--horizon-hours", Text(settings.Horizon),
            ],
            time);
        return new LoopCluster(console, await WaitForNodesAsync(console, time), LoopHistory.Cut(settings, folder), time);
    }

    /// <summary>
    /// Sends the history twice, at about the replay's rate: nodes that are not warm yet, have little to do or too much have another price. What a request costs the second time
    /// is what the imported counts are priced with.
    /// </summary>
    public void WarmUp(LoopSettings settings)
    {
        var logged = (settings.From - history.First).TotalSeconds;
        var rate = history.After * settings.Amplify * settings.Clock / (settings.To - settings.From).TotalSeconds;
        var copies = Math.Max(2, (int)Math.Round(rate * 2 * WarmUpSeconds / history.Before));
        _ = Replay(settings with { Log = history.Path, Amplify = copies / 2 }, null, null, logged / WarmUpSeconds, verify: false);
        _ = Replay(settings with { Log = history.Path, Amplify = copies }, null, null, logged / (2 * WarmUpSeconds), verify: false);
    }

    /// <summary>Imports the history so that it ends now, over what the warm-up left there, and forecasts. Answers the model time of its end.</summary>
    public async Task<DateTimeOffset> ImportAsync(LoopSettings settings)
    {
        var uploaded = await Console.UploadAsync(
            $"/api/v1/query-logs?fileName=history.csv.gz&shift=EndNow&overMeasured=true&amplify={settings.Amplify}&spread={Text(settings.Spread)}&writeShare={Text(settings.WriteShare)}",
            history.Path);
        var id = uploaded.GetProperty("id").GetString()!;
        var started = time.GetTimestamp();
        while (time.GetElapsedTime(started) < TimeSpan.FromMinutes(3))
        {
            var logs = await Console.GetAsync("/api/v1/query-logs");
            var row = (logs.ValueKind == JsonValueKind.Array ? logs : logs.GetProperty("items")).EnumerateArray().First(r => r.GetProperty("id").ToString() == id);
            switch (row.GetProperty("state").GetString())
            {
                case "done":
                    await Console.PostAsync("/api/v1/forecasts", new { });
                    return row.GetProperty("to").GetDateTimeOffset();
                case "failed":
                    throw new InvalidOperationException($"The import failed: {row.GetProperty("error")}");
            }

            await Task.Delay(200);
        }

        throw new InvalidOperationException("The import did not end within three minutes.");
    }

    /// <summary>Model time now.</summary>
    public async Task<DateTimeOffset> NowAsync() => (await Console.GetAsync("/api/v1/cluster")).GetProperty("now").GetDateTimeOffset();

    /// <summary>The fleet's measured load and what is forecast, in words: whether history is priced as the replay will be.</summary>
    public async Task<string> LevelsAsync()
    {
        var fleet = (await Console.GetAsync("/api/v1/overview")).GetProperty("fleet");
        IEnumerable<string> Values(string name) => fleet.GetProperty(name).EnumerateArray().Where(v => v.ValueKind == JsonValueKind.Number)
            .Select(v => v.GetDouble().ToString("0", CultureInfo.InvariantCulture));
        return $"measured {string.Join(' ', Values("measured").TakeLast(12))}, forecast {string.Join(' ', Values("q50").Take(12))}, q90 {string.Join(' ', Values("q90").Take(12))}";
    }

    /// <summary>Sends a log to the nodes; answers its report.</summary>
    public JsonElement Replay(LoopSettings settings, DateTimeOffset? from, DateTimeOffset? to, double speedUp, bool verify)
    {
        string[] arguments =
        [
            "replay", settings.Log, "--speed-up", Text(speedUp), "--amplify", Text(settings.Amplify), "--spread", Text(settings.Spread), "--write-share", Text(settings.WriteShare), "--json",
            .. Endpoints.SelectMany(e => new[] { "--endpoint", e }),
            .. from is { } f ? new[] { "--from", f.ToString("O", CultureInfo.InvariantCulture) } : [],
            .. to is { } t ? new[] { "--to", t.ToString("O", CultureInfo.InvariantCulture) } : [],
            .. verify ? Array.Empty<string>() : ["--no-verify"],
        ];
        var output = Peer.Run("dotnet", Peer.Product("ControlPlane", arguments), acceptFailure: true);
        var json = output.Split('\n').LastOrDefault(l => l.StartsWith('{')) ?? throw new InvalidOperationException($"The replay printed no report: {output}");
        return JsonSerializer.Deserialize<JsonElement>(json);
    }

    /// <inheritdoc/>
    public void Dispose() => Console.Dispose();

    private static async Task<IReadOnlyList<string>> WaitForNodesAsync(ConsoleClient console, TimeProvider time)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var nodes = await console.GetAsync("/api/v1/nodes");
            var shards = await console.GetAsync("/api/v1/shards");
            if (nodes.GetArrayLength() > 0 && shards.GetArrayLength() > 0 && shards.EnumerateArray().All(s => s.GetProperty("now").ValueKind == JsonValueKind.Number))
            {
                break;
            }

            if (time.GetElapsedTime(started) > TimeSpan.FromMinutes(2))
            {
                throw new InvalidOperationException("The local cluster did not report within two minutes.");
            }

            await Task.Delay(500);
        }

        var file = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllTextAsync(Path.Combine(console.Folder, "local-cluster.json")));
        return [.. file.GetProperty("nodes").EnumerateArray().Select(n => $"127.0.0.1:{n.GetProperty("clientPort").GetInt32()}")];
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
