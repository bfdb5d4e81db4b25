using System.Globalization;

namespace ShardConsole.Bench;

/// <summary>
/// The whole loop on a real request log: its first hours are imported as history, the next ones replayed at the clock's pace; the forecast makes plans,
/// which are approved over REST and carried out under the replay. Beside it a second cluster gets the same history and the same replay, and no plan is approved there: at the same
/// time, so that what else the machine does meets both. What is compared: seconds in which a shard's measured load was over the sharding threshold.
/// </summary>
internal static class FirstLoopBench
{
    private const int MostCopies = 200;
    private const int FirstCopies = 12;

    /// <summary>Runs it. "--log FILE", "--clock N", "--amplify k", "--start-share x", "--spread s", "--write-share x", "--threshold mcore", "--node-cpu mcore", "--quantile q", "--horizon hours", "--from", "--to" change the defaults.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var settings = LoopSettings.Of(args);
        if (!File.Exists(settings.Log))
        {
            Console.WriteLine($"missing: {settings.Log} (a request log of timestamp,key,op; name one with --log)");
            return 1;
        }

        var time = TimeProvider.System;
        using var moving = await LoopCluster.StartAsync(settings, "with", time);
        using var still = await LoopCluster.StartAsync(settings, "without", time);
        Console.Error.WriteLine("warming up");
        await Task.WhenAll(Task.Run(() => moving.WarmUp(settings)), Task.Run(() => still.WarmUp(settings)));
        settings = await SizeAsync(settings, moving, still);
        var ends = await Task.WhenAll(moving.ImportAsync(settings), still.ImportAsync(settings));
        Console.Error.WriteLine($"with moves, the fleet, mcore: {await moving.LevelsAsync()}");
        Console.Error.WriteLine($"without, the fleet, mcore: {await still.LevelsAsync()}");
        var runs = await Task.WhenAll(
            LoopRun.OfAsync(moving, settings, ends[0].End, approve: true, time), LoopRun.OfAsync(still, settings, ends[1].End, approve: false, time));
        Console.Error.WriteLine($"with moves, the fleet, mcore: {await moving.LevelsAsync()}");
        Console.Error.WriteLine($"without, the fleet, mcore: {await still.LevelsAsync()}");
        Print(settings, runs[0], runs[1]);
        return runs.All(r => r.Report.GetProperty("lost").GetInt64() == 0) ? 0 : 1;
    }

    /// <summary>
    /// How many copies of each request bring the fullest shard's predicted peak to where it is to begin: the history is imported once, its forecast read, and the import taken back.
    /// The product itself knows best what a request costs here.
    /// </summary>
    private static async Task<LoopSettings> SizeAsync(LoopSettings settings, LoopCluster moving, LoopCluster still)
    {
        if (settings.Amplify > 0)
        {
            return settings;
        }

        async Task<double> TryAsync(LoopCluster cluster)
        {
            var (id, _) = await cluster.ImportAsync(settings with { Amplify = FirstCopies });
            var peak = await cluster.FullestAsync();
            await cluster.Console.DeleteAsync($"/api/v1/query-logs/{id}");
            return peak;
        }

        var peaks = await Task.WhenAll(TryAsync(moving), TryAsync(still));
        var copies = FirstCopies * settings.StartShare * settings.Threshold / peaks.Average();
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{FirstCopies} copies of each request bring the fullest shard to {peaks[0]:0.0} and {peaks[1]:0.0} mcore, so that {copies:0.0} bring it to {settings.StartShare:P0} of the threshold"));
        return double.IsFinite(copies)
            ? settings with { Amplify = Math.Clamp((int)Math.Round(copies), 1, MostCopies) }
            : throw new InvalidOperationException("No load was forecast from the history; name an --amplify.");
    }

    private static void Print(LoopSettings settings, LoopRun with, LoopRun without)
    {
        var c = CultureInfo.InvariantCulture;
        var (over, overWithout) = (with.Over(settings.Threshold), without.Over(settings.Threshold));
        Console.WriteLine(string.Create(c, $"log {Path.GetFileName(settings.Log)}, clock {settings.Clock}, amplify {settings.Amplify} over {settings.Spread} s, write share {settings.WriteShare}, threshold {settings.Threshold} mcore = {settings.Threshold / settings.NodeCpu:P0} of a node"));
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
        void Row(string name, Func<LoopRun, double> value) => Console.WriteLine(string.Create(c, $"{name,-28}{value(with),14:0.##}{value(without),14:0.##}"));
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
        Row("seconds over threshold", r => r.Over(settings.Threshold));
        Console.WriteLine(string.Create(
            c,
            $"RESULT first-loop requests={with.Report.GetProperty("requests").GetInt64()} errors={with.Report.GetProperty("errors").GetInt64()} lost={with.Report.GetProperty("lost").GetInt64()} verified_keys={with.Report.GetProperty("verifiedKeys").GetInt64()} moved={with.Moved} longest_pause_ms={with.Report.GetProperty("longestMicros").GetInt64() / 1000.0:0.0} plan_lead_s={with.LeadSeconds:0.0} over_threshold_s={over:0} over_threshold_without_s={overWithout:0}"));
    }
}
