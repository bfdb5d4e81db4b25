using System.Text.Json;

namespace ShardConsole.Bench;

/// <summary>What one cluster did while the replay ran.</summary>
/// <param name="Report">The replay's own.</param>
/// <param name="Seconds">Looks at the cluster.</param>
/// <param name="Moved">Segments moved.</param>
/// <param name="Bytes">Bytes copied.</param>
/// <param name="LeadSeconds">How long before the first plan's predicted crossing its last move had committed, real seconds; NaN without a plan.</param>
/// <param name="LongestCutOverMs">Longest time for which a segment was closed.</param>
/// <param name="Plan">The first plan's reason.</param>
/// <param name="FirstMoveAt">When the first move had committed, seconds from the first look; infinite without one.</param>
internal sealed record LoopRun(
    JsonElement Report, IReadOnlyList<LoopLook> Seconds, int Moved, long Bytes, double LeadSeconds, double LongestCutOverMs, string Plan, double FirstMoveAt)
{
    /// <summary>Predicted peaks when the replay began.</summary>
    public IReadOnlyDictionary<string, double> PredictedBefore => Seconds.Select(s => s.Predicted).FirstOrDefault(p => p.Count > 0) ?? new Dictionary<string, double>();

    /// <summary>Predicted peaks when it ended.</summary>
    public IReadOnlyDictionary<string, double> PredictedAfter => Seconds.Select(s => s.Predicted).LastOrDefault(p => p.Count > 0) ?? new Dictionary<string, double>();

    /// <summary>Highest measured load until the first segment had moved; of the whole replay where none did.</summary>
    public IReadOnlyDictionary<string, double> MeasuredBefore => Peaks(Seconds.Where(s => s.At <= FirstMoveAt));

    /// <summary>Highest measured load from then on; of the whole replay where none did.</summary>
    public IReadOnlyDictionary<string, double> MeasuredAfter => Peaks(Seconds.Where(s => s.At > FirstMoveAt || double.IsPositiveInfinity(FirstMoveAt)));

    /// <summary>Seconds in which at least one shard's measured load was over a threshold.</summary>
    public double Over(double threshold)
    {
        var over = 0.0;
        for (var i = 1; i < Seconds.Count; i++)
        {
            over += Seconds[i].Shards.Values.Any(v => v > threshold) ? Seconds[i].At - Seconds[i - 1].At : 0;
        }

        return over;
    }

    /// <summary>Sends the replay, with every plan approved that forecasts make meanwhile, or none.</summary>
    public static async Task<LoopRun> OfAsync(LoopCluster cluster, LoopSettings settings, DateTimeOffset historyEnd, bool approve, TimeProvider time)
    {
        var from = settings.From + (await cluster.NowAsync() - historyEnd);
        var replay = Task.Run(() => cluster.Replay(settings, from, settings.To, settings.Clock, verify: true));
        var looks = new List<LoopLook>();
        var began = time.GetUtcNow();
        var watching = LoopLook.WatchAsync(cluster.Console, replay, looks, time);
        var plan = approve ? await ApproveAsync(cluster.Console, replay) : default;
        var report = await replay;
        await watching;
        var done = (await cluster.Console.GetAsync("/api/v1/migrations?limit=200")).GetProperty("items").EnumerateArray()
            .Where(m => m.GetProperty("status").GetProperty("phase").GetString() is "Retaining" or "Cleaning" or "Done").ToList();
        return new LoopRun(
            report, looks, done.Count, done.Sum(m => m.GetProperty("status").GetProperty("copiedBytes").GetInt64()), await LeadAsync(cluster, settings, plan, done, time),
            done.Count == 0 ? 0 : done.Max(m => m.GetProperty("status").GetProperty("cutOverMicros").GetInt64()) / 1000.0,
            plan.ValueKind == JsonValueKind.Object ? plan.GetProperty("reason").GetString()! : "no plan",
            done.Count == 0 ? double.PositiveInfinity : (done.Min(CommittedAt) - began).TotalSeconds);
    }

    private static async Task<double> LeadAsync(LoopCluster cluster, LoopSettings settings, JsonElement plan, List<JsonElement> done, TimeProvider time)
    {
        var ofPlan = plan.ValueKind == JsonValueKind.Object ? done.Where(m => m.GetProperty("status").GetProperty("planHash").GetString() == plan.GetProperty("id").GetString()).ToList() : [];
        if (ofPlan.Count == 0 || plan.GetProperty("usefulUntil").ValueKind != JsonValueKind.String)
        {
            return double.NaN;
        }

        var last = await cluster.NowAsync() - ((time.GetUtcNow() - ofPlan.Max(CommittedAt)) * settings.Clock);
        return (plan.GetProperty("usefulUntil").GetDateTimeOffset() - last).TotalSeconds / settings.Clock;
    }

    /// <summary>Approves each plan that forecasts make while the replay runs, and answers the first.</summary>
    private static async Task<JsonElement> ApproveAsync(ConsoleClient console, Task replay)
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

    /// <summary>When the target took over: the first entry of the migration's log in a phase behind the commit.</summary>
    private static DateTimeOffset CommittedAt(JsonElement migration) => migration.GetProperty("status").GetProperty("log").EnumerateArray()
        .Where(e => e.GetProperty("phase").GetString() is "Retaining" or "Cleaning" or "Done").Min(e => DateTimeOffset.FromUnixTimeMilliseconds(e.GetProperty("unixMs").GetInt64()));

    private static Dictionary<string, double> Peaks(IEnumerable<LoopLook> seconds) =>
        seconds.SelectMany(s => s.Shards).GroupBy(s => s.Key).ToDictionary(g => g.Key, g => g.Max(s => s.Value));
}

/// <summary>One look at the cluster: measured load and predicted peak of each shard.</summary>
/// <param name="At">Seconds from the first look.</param>
/// <param name="Shards">Measured.</param>
/// <param name="Predicted">Predicted.</param>
internal sealed record LoopLook(double At, IReadOnlyDictionary<string, double> Shards, IReadOnlyDictionary<string, double> Predicted)
{
    /// <summary>Looks about once a second until a replay has ended.</summary>
    public static async Task WatchAsync(ConsoleClient console, Task replay, List<LoopLook> looks, TimeProvider time)
    {
        var began = time.GetTimestamp();
        while (!replay.IsCompleted)
        {
            var shards = (await console.GetAsync("/api/v1/shards")).EnumerateArray().ToList();
            looks.Add(new LoopLook(time.GetElapsedTime(began).TotalSeconds, Values(shards, "now"), Values(shards, "peak")));
            await Task.WhenAny(replay, Task.Delay(1000));
        }
    }

    private static Dictionary<string, double> Values(List<JsonElement> shards, string name) => shards
        .Where(s => s.GetProperty(name).ValueKind == JsonValueKind.Number)
        .ToDictionary(s => s.GetProperty("id").GetString()!, s => s.GetProperty(name).GetDouble());
}
