using System.Globalization;

namespace ShardConsole.Bench;

/// <summary>
/// The whole loop on a real request log: its first hours are imported as history, the next ones replayed at the clock's pace; the forecast makes plans,
/// which are approved over REST and carried out under the replay. Beside it a second cluster gets the same history and the same replay, and no plan is approved there: at the same
/// time, so that what else the machine does meets both. What is compared: seconds in which a shard's measured load was over the sharding threshold.
/// </summary>
internal static class FirstLoopBench
{
    /// <summary>Runs it. "--log FILE", "--clock N", "--amplify k", "--spread s", "--write-share x", "--threshold mcore", "--node-cpu mcore", "--quantile q", "--horizon hours", "--from", "--to" change the defaults.</summary>
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
        var ends = await Task.WhenAll(moving.ImportAsync(settings), still.ImportAsync(settings));
        Console.Error.WriteLine($"with moves, the fleet, mcore: {await moving.LevelsAsync()}");
        Console.Error.WriteLine($"without, the fleet, mcore: {await still.LevelsAsync()}");
        var runs = await Task.WhenAll(
            LoopRun.OfAsync(moving, settings, ends[0], approve: true, time), LoopRun.OfAsync(still, settings, ends[1], approve: false, time));
        Console.Error.WriteLine($"with moves, the fleet, mcore: {await moving.LevelsAsync()}");
        Console.Error.WriteLine($"without, the fleet, mcore: {await still.LevelsAsync()}");
        Print(settings, runs[0], runs[1]);
        return runs.All(r => r.Report.GetProperty("lost").GetInt64() == 0) ? 0 : 1;
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
