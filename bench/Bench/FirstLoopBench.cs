using System.Globalization;
using System.IO.Compression;
using System.Text.Json;

namespace ShardConsole.Bench;

/// <summary>
/// The whole loop on a real request log: its first hours are imported as history, the next ones replayed at the clock's pace; the forecast makes a plan,
/// which is approved over REST and carried out under the replay. The same replay runs once more without moves. What is compared: seconds in which a
/// shard's measured load was over the sharding threshold.
/// </summary>
internal static class FirstLoopBench
{
    private const double WarmUpSeconds = 28;
    private const int GuessedAmplify = 12;
    private const int MostCopies = 200;

    /// <summary>What the run is made of.</summary>
    /// <param name="Clock">Model seconds per real second.</param>
    /// <param name="Amplify">Requests that each logged one becomes; 0: as many as bring the fleet to <paramref name="StartLoad"/>.</param>
    /// <param name="StartLoad">The fleet's load in the hour before the replay, mcore, where the amplification follows from it: what a request costs differs with the machine.</param>
    /// <param name="Spread">Log seconds over which those are spread.</param>
    /// <param name="WriteShare">Ratio of the reads sent as writes.</param>
    /// <param name="Threshold">Sharding threshold, mcore.</param>
    /// <param name="NodeCpu">Capacity of a node, mcore.</param>
    /// <param name="Quantile">Quantile of the predicted load that is planned for.</param>
    /// <param name="Horizon">Hours that are planned ahead.</param>
    /// <param name="From">Log time at which history ends and the replay begins.</param>
    /// <param name="To">Log time at which the replay ends.</param>
    private sealed record Settings(string Log, double Clock, int Amplify, double StartLoad, double Spread, double WriteShare, double Threshold, int NodeCpu, double Quantile, double Horizon,
        DateTimeOffset From, DateTimeOffset To);

    /// <summary>One look at the cluster: measured and predicted load of each shard.</summary>
    private sealed record Second(double At, IReadOnlyDictionary<string, double> Shards, IReadOnlyDictionary<string, double> Predicted);

    private sealed record Run(
        int Amplify, JsonElement Report, IReadOnlyList<Second> Seconds, int Moved, long Bytes, double LeadSeconds, double LongestCutOverMs, string Plan,
        double FirstMoveAt)
    {
        /// <summary>Predicted peaks when the replay began.</summary>
        public IReadOnlyDictionary<string, double> PredictedBefore => Seconds.Select(s => s.Predicted).FirstOrDefault(p => p.Count > 0) ?? new Dictionary<string, double>();

        /// <summary>Predicted peaks when it ended.</summary>
        public IReadOnlyDictionary<string, double> PredictedAfter => Seconds.Select(s => s.Predicted).LastOrDefault(p => p.Count > 0) ?? new Dictionary<string, double>();

        /// <summary>Highest measured load until the first segment had moved; of the whole replay where none did.</summary>
        public IReadOnlyDictionary<string, double> MeasuredBefore => Peaks(Seconds.Where(s => s.At <= FirstMoveAt));

        /// <summary>Highest measured load from then on; of the whole replay where none did.</summary>
        public IReadOnlyDictionary<string, double> MeasuredAfter => Peaks(Seconds.Where(s => s.At > FirstMoveAt || double.IsPositiveInfinity(FirstMoveAt)));

        private static Dictionary<string, double> Peaks(IEnumerable<Second> seconds) =>
            seconds.SelectMany(s => s.Shards).GroupBy(s => s.Key).ToDictionary(g => g.Key, g => g.Max(s => s.Value));
    }

    /// <summary>Runs it. "--log FILE", "--clock N", "--amplify k", "--start-load mcore", "--spread s", "--write-share x", "--threshold mcore", "--node-cpu mcore", "--quantile q", "--horizon hours", "--from", "--to" change the defaults.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var given = args.Chunk(2).Where(p => p.Length == 2).ToDictionary(p => p[0], p => p[1]);
        string Value(string name, string fallback) => given.GetValueOrDefault(name, fallback);
        double Number(string name, double fallback) => given.TryGetValue(name, out var text) ? double.Parse(text, CultureInfo.InvariantCulture) : fallback;
        var log = Value("--log", Path.Combine("..", "shared", "data", "requests", "nasa_19950801.csv.gz"));
        if (!File.Exists(log))
        {
            Console.WriteLine($"missing: {log} (a request log of timestamp,key,op; name one with --log)");
            return 1;
        }

        var settings = new Settings(
            log, Number("--clock", 96), (int)Number("--amplify", 13), Number("--start-load", 150), Number("--spread", 600), Number("--write-share", 0.5), Number("--threshold", 40), (int)Number("--node-cpu", 200),
            Number("--quantile", 0.75), Number("--horizon", 2), DateTimeOffset.Parse(Value("--from", "1995-08-01T12:00:00Z"), CultureInfo.InvariantCulture),
            DateTimeOffset.Parse(Value("--to", "1995-08-01T17:30:00Z"), CultureInfo.InvariantCulture));
        var time = TimeProvider.System;
        var with = await OnceAsync(settings, approve: true, time);

        // The same replay once more: not as many copies as the same load would take now.
        var without = await OnceAsync(settings with { Amplify = with.Amplify }, approve: false, time);
        Print(settings, with, without);
        return with.Report.GetProperty("lost").GetInt64() == 0 && without.Report.GetProperty("lost").GetInt64() == 0 ? 0 : 1;
    }

    private static async Task<Run> OnceAsync(Settings settings, bool approve, TimeProvider time)
    {
        var folder = Path.Combine(Peer.Folder, approve ? "with" : "without");
        Console.Error.WriteLine(approve ? "with moves" : "without moves");
        using var console = await ConsoleClient.StartAsync(
            folder,
            [
                "--clock", Text(settings.Clock), "--threshold", Text(settings.Threshold), "--node-cpu", Text(settings.NodeCpu),
                "--quantile", Text(settings.Quantile), "--horizon-hours", Text(settings.Horizon),
            ],
            time);
        var endpoints = await WaitForNodesAsync(console, time);
        var cut = CutLog(settings, folder);
        settings = await WarmUpAsync(console, cut, endpoints, settings, time);
        var import = await ImportAsync(console, cut.Path, settings, time);
        await console.PostAsync("/api/v1/forecasts", new { });
        var summary = await console.GetAsync("/api/v1/cluster");
        var behind = summary.GetProperty("now").GetDateTimeOffset() - import;
        var from = settings.From + behind;
        Console.Error.WriteLine($"replay from {from:u}; the fleet, mcore: {await LevelsAsync(console)}");
        var replay = Task.Run(() => Replay(settings.Log, endpoints, settings, from, settings.To, settings.Clock, verify: true));
        var watch = new Watch(console, time);
        var watching = watch.RunAsync(replay);
        var plan = approve ? await ApproveAsync(console, replay, time) : default;
        var report = await replay;
        await watching;
        Console.Error.WriteLine($"the fleet, mcore: {await LevelsAsync(console)}");
        var run = await SummariseAsync(console, settings, report, watch, plan, time);
        Console.Error.WriteLine($"{run.Plan}; {run.Moved} moved; lead {run.LeadSeconds:0.0} s; lost {report.GetProperty("lost")}; over the threshold for {Over(settings, run):0} s");
        foreach (var (shard, peak) in run.MeasuredAfter.OrderByDescending(p => p.Value).Take(3))
        {
            Console.Error.WriteLine($"{shard}: predicted {run.PredictedBefore.GetValueOrDefault(shard):0} mcore, measured up to {peak:0}");
        }

        return run;
    }

    /// <summary>
    /// Sends the history twice, at about the replay's rate: nodes that are not warm yet, have little to do or too much have another price. What a request costs the second time
    /// is what the imported counts are priced with, and says how many copies of each make the load that is asked for.
    /// </summary>
    private static async Task<Settings> WarmUpAsync(ConsoleClient console, Cut cut, IReadOnlyList<string> endpoints, Settings settings, TimeProvider time)
    {
        var logged = (settings.From - cut.First).TotalSeconds;
        var amplify = settings.Amplify > 0 ? settings.Amplify : GuessedAmplify;
        var rate = cut.After * amplify * settings.Clock / (settings.To - settings.From).TotalSeconds;
        var copies = Math.Max(1, (int)Math.Round(rate * 2 * WarmUpSeconds / cut.Before));
        _ = Replay(cut.Path, endpoints, settings with { Amplify = Math.Max(1, copies / 2) }, null, null, logged / WarmUpSeconds, verify: false);
        var from = await NowAsync(console);
        var began = time.GetTimestamp();
        var report = Replay(cut.Path, endpoints, settings with { Amplify = copies }, null, null, logged / (2 * WarmUpSeconds), verify: false);
        var took = time.GetElapsedTime(began).TotalSeconds;
        var to = await NowAsync(console);
        if (settings.Amplify > 0)
        {
            return settings;
        }

        var fleet = (await console.GetAsync("/api/v1/overview")).GetProperty("fleet");
        var load = fleet.GetProperty("times").EnumerateArray().Zip(fleet.GetProperty("measured").EnumerateArray())
            .Where(c => c.First.GetDateTimeOffset() >= from && c.First.GetDateTimeOffset() < to && c.Second.ValueKind == JsonValueKind.Number)
            .Select(c => c.Second.GetDouble()).DefaultIfEmpty(double.NaN).Average();
        var cost = load * took / report.GetProperty("requests").GetInt64();
        var chosen = settings.StartLoad / (cost * cut.LastHour * settings.Clock / 3600);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"a request costs {cost * 1000:0} µs of CPU in all, so that {chosen:0.0} copies make {settings.StartLoad} mcore"));
        return double.IsFinite(chosen)
            ? settings with { Amplify = Math.Clamp((int)Math.Round(chosen), 1, MostCopies) }
            : throw new InvalidOperationException("The warm-up's load was not measured; name an --amplify.");
    }

    private static async Task<DateTimeOffset> NowAsync(ConsoleClient console) => (await console.GetAsync("/api/v1/cluster")).GetProperty("now").GetDateTimeOffset();

    /// <summary>The fleet's measured load and what is forecast, in words: whether history is priced as the replay will be.</summary>
    private static async Task<string> LevelsAsync(ConsoleClient console)
    {
        var fleet = (await console.GetAsync("/api/v1/overview")).GetProperty("fleet");
        double[] Values(string name) => [.. fleet.GetProperty(name).EnumerateArray().Where(v => v.ValueKind == JsonValueKind.Number).Select(v => v.GetDouble())];
        var (measured, q50, q90) = (Values("measured"), Values("q50"), Values("q90"));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"measured {string.Join(' ', measured.TakeLast(12).Select(v => v.ToString("0", CultureInfo.InvariantCulture)))}, forecast {string.Join(' ', q50.Take(12).Select(v => v.ToString("0", CultureInfo.InvariantCulture)))}, q90 {string.Join(' ', q90.Take(12).Select(v => v.ToString("0", CultureInfo.InvariantCulture)))}");
    }

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

    /// <summary>The part of the log before the replay, as a file of its own, the time of its first request, and the requests in it, in its last hour and in the replay.</summary>
    private sealed record Cut(string Path, DateTimeOffset First, int Before, int LastHour, int After);

    private static Cut CutLog(Settings settings, string folder)
    {
        var path = Path.Combine(folder, "history.csv.gz");
        using var from = new StreamReader(new GZipStream(File.OpenRead(settings.Log), CompressionMode.Decompress));
        using var to = new StreamWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest));
        DateTimeOffset? first = null;
        var (before, lastHour, after) = (0, 0, 0);
        while (from.ReadLine() is { } line)
        {
            var isRow = DateTimeOffset.TryParse(line.Split(',', 2)[0], CultureInfo.InvariantCulture, out var time);
            if (!isRow || time < settings.From)
            {
                to.WriteLine(line);
                first ??= isRow ? time : null;
                before += isRow ? 1 : 0;
                lastHour += isRow && time >= settings.From.AddHours(-1) ? 1 : 0;
            }
            else
            {
                after += time <= settings.To ? 1 : 0;
            }
        }

        return lastHour > 0 ? new Cut(path, first!.Value, before, lastHour, after)
            : throw new InvalidOperationException($"{settings.Log} holds no request in the hour before {settings.From:u}; name another --log or --from.");
    }

    /// <summary>Imports the history so that it ends now, over what the warm-up left there; answers the model time of its end.</summary>
    private static async Task<DateTimeOffset> ImportAsync(ConsoleClient console, string history, Settings settings, TimeProvider time)
    {
        var uploaded = await console.UploadAsync(
            $"/api/v1/query-logs?fileName=history.csv.gz&shift=EndNow&overMeasured=true&amplify={settings.Amplify}&spread={Text(settings.Spread)}&writeShare={Text(settings.WriteShare)}", history);
        var id = uploaded.GetProperty("id").GetString();
        var started = time.GetTimestamp();
        while (time.GetElapsedTime(started) < TimeSpan.FromMinutes(3))
        {
            var logs = await console.GetAsync("/api/v1/query-logs");
            var row = (logs.ValueKind == JsonValueKind.Array ? logs : logs.GetProperty("items")).EnumerateArray().First(r => r.GetProperty("id").ToString() == id);
            switch (row.GetProperty("state").GetString())
            {
                case "done":
                    return row.GetProperty("to").GetDateTimeOffset();
                case "failed":
                    throw new InvalidOperationException($"The import failed: {row.GetProperty("error")}");
            }

            await Task.Delay(200);
        }

        throw new InvalidOperationException("The import did not end within three minutes.");
    }

    private static JsonElement Replay(
        string log, IReadOnlyList<string> endpoints, Settings settings, DateTimeOffset? from, DateTimeOffset? to, double speedUp, bool verify)
    {
        string[] arguments =
        [
            "replay", log, "--speed-up", Text(speedUp), "--amplify", Text(settings.Amplify), "--spread", Text(settings.Spread), "--write-share", Text(settings.WriteShare), "--json",
            .. endpoints.SelectMany(e => new[] { "--endpoint", e }),
            .. from is { } f ? new[] { "--from", f.ToString("O", CultureInfo.InvariantCulture) } : [],
            .. to is { } t ? new[] { "--to", t.ToString("O", CultureInfo.InvariantCulture) } : [],
            .. verify ? Array.Empty<string>() : ["--no-verify"],
        ];
        var output = Peer.Run("dotnet", Peer.Product("ControlPlane", arguments), acceptFailure: true);
        var json = output.Split('\n').LastOrDefault(l => l.StartsWith('{')) ?? throw new InvalidOperationException($"The replay printed no report: {output}");
        return JsonSerializer.Deserialize<JsonElement>(json);
    }

    /// <summary>Approves each plan that forecasts make while the replay runs, and answers the first.</summary>
    private static async Task<JsonElement> ApproveAsync(ConsoleClient console, Task replay, TimeProvider time)
    {
        JsonElement first = default;
        while (!replay.IsCompleted)
        {
            var waiting = await console.GetAsync("/api/v1/plans?state=proposed");
            if (waiting.GetProperty("items").EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } plan)
            {
                try
                {
                    await console.PostAsync($"/api/v1/plans/{plan.GetProperty("id").GetString()}/approve", new { reason = "the benchmark's operator" });
                    Console.Error.WriteLine($"approved: {plan.GetProperty("reason").GetString()}");
                    first = first.ValueKind == JsonValueKind.Undefined ? plan : first;
                }
                catch (InvalidOperationException e) when (e.Message.Contains("409", StringComparison.Ordinal))
                {
                    Console.Error.WriteLine(e.Message);
                }
            }

            await Task.Delay(500);
        }

        return first;
    }

    private static async Task<Run> SummariseAsync(ConsoleClient console, Settings settings, JsonElement report, Watch watch, JsonElement plan, TimeProvider time)
    {
        var migrations = (await console.GetAsync("/api/v1/migrations?limit=200")).GetProperty("items").EnumerateArray().ToList();
        var done = migrations.Where(m => m.GetProperty("status").GetProperty("phase").GetString() is "Retaining" or "Cleaning" or "Done").ToList();
        var lead = double.NaN;
        var ofPlan = plan.ValueKind == JsonValueKind.Object ? done.Where(m => m.GetProperty("status").GetProperty("planHash").GetString() == plan.GetProperty("id").GetString()).ToList() : [];
        if (ofPlan.Count > 0 && plan.GetProperty("usefulUntil").ValueKind == JsonValueKind.String)
        {
            var modelNow = await NowAsync(console);
            var last = modelNow - ((time.GetUtcNow() - ofPlan.Max(CommittedAt)) * settings.Clock);
            lead = (plan.GetProperty("usefulUntil").GetDateTimeOffset() - last).TotalSeconds / settings.Clock;
        }

        return new Run(
            settings.Amplify, report, watch.Seconds, done.Count, done.Sum(m => m.GetProperty("status").GetProperty("copiedBytes").GetInt64()), lead,
            done.Count == 0 ? 0 : done.Max(m => m.GetProperty("status").GetProperty("cutOverMicros").GetInt64()) / 1000.0,
            plan.ValueKind == JsonValueKind.Object ? plan.GetProperty("reason").GetString()! : "no plan",
            done.Count == 0 ? double.PositiveInfinity : (done.Min(CommittedAt) - watch.Began).TotalSeconds);
    }

    /// <summary>When the target took over: the first entry of the migration's log in a phase behind the commit.</summary>
    private static DateTimeOffset CommittedAt(JsonElement migration) => migration.GetProperty("status").GetProperty("log").EnumerateArray()
        .Where(e => e.GetProperty("phase").GetString() is "Retaining" or "Cleaning" or "Done").Min(e => DateTimeOffset.FromUnixTimeMilliseconds(e.GetProperty("unixMs").GetInt64()));

    private static void Print(Settings settings, Run with, Run without)
    {
        var c = CultureInfo.InvariantCulture;
        var (over, overWithout) = (Over(settings, with), Over(settings, without));
        Console.WriteLine(string.Create(c, $"log {Path.GetFileName(settings.Log)}, clock {settings.Clock}, amplify {with.Amplify} over {settings.Spread} s, write share {settings.WriteShare}, threshold {settings.Threshold} mcore = {settings.Threshold / settings.NodeCpu:P0} of a node"));
        Console.WriteLine(with.Plan);
        Console.WriteLine($"{"",-8}{"predicted peak",24}{"highest measured",24}{"without moves",24}");
        Console.WriteLine($"{"shard",-8}{"before",12}{"after",12}{"before",12}{"after",12}{"predicted",12}{"measured",12}   (mcore)");
        foreach (var shard in without.MeasuredAfter.Keys.Order())
        {
            double[] row =
            [
                with.PredictedBefore.GetValueOrDefault(shard), with.PredictedAfter.GetValueOrDefault(shard), with.MeasuredBefore.GetValueOrDefault(shard),
                with.MeasuredAfter.GetValueOrDefault(shard), without.PredictedBefore.GetValueOrDefault(shard), without.MeasuredAfter[shard],
            ];
            Console.WriteLine(shard.PadRight(8) + string.Concat(row.Select(v => string.Create(c, $"{v,12:0}"))));
        }

        Console.WriteLine($"{"",-28}{"with moves",14}{"without",14}");
        void Row(string name, Func<Run, double> value) => Console.WriteLine(string.Create(c, $"{name,-28}{value(with),14:0.##}{value(without),14:0.##}"));
        Row("requests", r => r.Report.GetProperty("requests").GetInt64());
        Row("errors", r => r.Report.GetProperty("errors").GetInt64());
        Row("acknowledged and lost", r => r.Report.GetProperty("lost").GetInt64());
        Row("keys read back", r => r.Report.GetProperty("verifiedKeys").GetInt64());
        Row("p50 latency, ms", r => r.Report.GetProperty("p50Micros").GetInt64() / 1000.0);
        Row("p99 latency, ms", r => r.Report.GetProperty("p99Micros").GetInt64() / 1000.0);
        Row("longest pause, ms", r => r.Report.GetProperty("longestMicros").GetInt64() / 1000.0);
        Row("segments moved", r => r.Moved);
        Row("bytes moved", r => r.Bytes);
        Row("longest cut-over, ms", r => r.LongestCutOverMs);
        Row("seconds over threshold", r => Over(settings, r));
        Console.WriteLine(string.Create(
            c,
            $"RESULT first-loop requests={with.Report.GetProperty("requests").GetInt64()} errors={with.Report.GetProperty("errors").GetInt64()} lost={with.Report.GetProperty("lost").GetInt64()} verified_keys={with.Report.GetProperty("verifiedKeys").GetInt64()} moved={with.Moved} longest_pause_ms={with.Report.GetProperty("longestMicros").GetInt64() / 1000.0:0.0} plan_lead_s={with.LeadSeconds:0.0} over_threshold_s={over:0} over_threshold_without_s={overWithout:0}"));
    }

    /// <summary>Seconds in which at least one shard's measured load was over the threshold.</summary>
    private static double Over(Settings settings, Run run)
    {
        var over = 0.0;
        for (var i = 1; i < run.Seconds.Count; i++)
        {
            over += run.Seconds[i].Shards.Values.Any(v => v > settings.Threshold) ? run.Seconds[i].At - run.Seconds[i - 1].At : 0;
        }

        return over;
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Measured and predicted load of each shard, about once a second, while a replay runs.</summary>
    private sealed class Watch(ConsoleClient console, TimeProvider time)
    {
        private readonly List<Second> seconds = [];

        public IReadOnlyList<Second> Seconds => seconds;

        /// <summary>When it began to look.</summary>
        public DateTimeOffset Began { get; } = time.GetUtcNow();

        public async Task RunAsync(Task replay)
        {
            while (!replay.IsCompleted)
            {
                var shards = (await console.GetAsync("/api/v1/shards")).EnumerateArray().ToList();
                seconds.Add(new Second((time.GetUtcNow() - Began).TotalSeconds, Values(shards, "now"), Values(shards, "peak")));
                await Task.WhenAny(replay, Task.Delay(1000));
            }
        }

        private static Dictionary<string, double> Values(List<JsonElement> shards, string name) => shards
            .Where(s => s.GetProperty(name).ValueKind == JsonValueKind.Number)
            .ToDictionary(s => s.GetProperty("id").GetString()!, s => s.GetProperty(name).GetDouble());
    }
}
