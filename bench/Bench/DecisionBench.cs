using System.Diagnostics;
using System.Globalization;
using ShardConsole.ControlPlane.Planning;
using ShardConsole.ControlPlane.Planning.Paper;
using ShardConsole.ControlPlane.Scoring;

namespace ShardConsole.Bench;

/// <summary>
/// What deciding ahead is worth: clusters from real series, replayed without moves, reacting (every 60 s, the same planner and limits, the largest load of the last five
/// minutes), predicting (the product's forecasts, from the past alone) and with perfect foresight.
/// </summary>
internal static class DecisionBench
{
    private const double Threshold = 1e9;

    /// <summary>Runs it. Exit code.</summary>
    public static int Run(string[] args)
    {
        DecisionOptions options;
        try
        {
            options = DecisionOptions.Read(args);
            var seasonal = Compare(options, options.Seasonal);
            var other = options.Other.Length > 0 ? Compare(options, options.Other) : null;
            var c = CultureInfo.InvariantCulture;
            Console.WriteLine(string.Create(
                c, $"RESULT decision reactive_violation_min={seasonal.Reactive.ViolationMinutes:0} predictive_violation_min={seasonal.Predictive.ViolationMinutes:0} oracle_violation_min={seasonal.Foresight.ViolationMinutes:0} bytes_ratio={Ratio(seasonal.Predictive.BytesMoved, seasonal.Reactive.BytesMoved):0.00} nonseasonal_ratio={(other is null ? double.NaN : Ratio(other.Predictive.ViolationMinutes, other.Reactive.ViolationMinutes)):0.00} nomove_violation_min={seasonal.NoMoves.ViolationMinutes:0} seed={options.Seed} nodes={options.Nodes} segments={options.Segments} days={options.Days} forecast_min={options.ForecastMinutes}"));
            return 0;
        }
        catch (ArgumentException e)
        {
            Console.Error.WriteLine(e.Message);
            return 2;
        }
    }

    // As tight as perfect foresight bears with less than a twentieth of what no moves violate.
    private static DecisionCluster Sized(DecisionCluster made, DecisionOptions options, PaperLoads fine, DateTimeOffset from)
    {
        if (options.EvenPeak > 0)
        {
            return made.Sized(options.EvenPeak);
        }

        for (var evenPeak = 0.75; ; evenPeak *= 0.92)
        {
            var tried = made.Sized(evenPeak);
            double Violated(IPaperPolicy policy) => new PaperRun(tried.Cluster, fine, policy, new PaperOptions(), from, fine.End, 60).Finish().ViolationMinutes;
            var none = Violated(new NoMovesPolicy());
            if (none == 0 || Violated(Ahead(fine, options)) < 0.05 * none)
            {
                return tried;
            }
        }
    }

    private static PlannedPolicy Ahead(PaperLoads fine, DecisionOptions options) => new(
        new ScoringOptions { ThresholdMillicores = Threshold }, new PlanningOptions { MaxEvaluations = options.Evaluations, ExactAssignments = 0 }, 300, m => Foresight.Of(fine, m.Now));

    private static Outcome Compare(DecisionOptions options, string[] sets)
    {
        var made = DecisionCluster.Of(options, sets);
        var c = CultureInfo.InvariantCulture;
        var fine = made.Loads.Finer(5);
        var from = fine.Start.AddDays(options.Known);
        made = Sized(made, options, fine, from);
        var (cluster, coarse) = (made.Cluster, made.Loads);
        var paper = new PaperOptions();
        Console.WriteLine(string.Create(
            c, $"\n{string.Join(", ", sets)}: {made.Series} series, {options.Segments} segments on {options.Nodes} nodes of {cluster.Members[0].Capacity.CpuMillicores} mcore, {options.Days} days, p99 over {paper.Queue.TargetMs} ms above {100 * paper.Queue.LargestUtilisation:0.0} %"));
        Console.WriteLine("policy         violation min   overload node-min   peak   peak/mean   moves   reversed        GB       s");
        var scoring = new ScoringOptions { ThresholdMillicores = Threshold, ComfortZone = paper.ComfortZone, Quantile = options.Quantile, ForecastMaxAgeMinutes = options.ForecastMinutes + 15 };
        var planning = new PlanningOptions { MaxEvaluations = options.Evaluations, ExactAssignments = 0 };
        PaperResult Play(string name, Func<IPaperPolicy> policy)
        {
            var watch = new Stopwatch();
            watch.Start();
            var result = new PaperRun(cluster, fine, policy(), paper, from, coarse.End, 60).Finish();
            Console.WriteLine(string.Create(
                c, $"{name,-12}{result.ViolationMinutes,16:0}{result.OverloadNodeMinutes,20:0}{result.Peak,7:0.00}{result.Peak / result.Mean,12:0.00}{result.Done,8}{result.Reversed,11}{result.BytesMoved / 1e9,10:0.0}{watch.Elapsed.TotalSeconds,8:0}"));
            return result;
        }

        var none = Play("no moves", () => new NoMovesPolicy());
        var reactive = Play("reactive", () => PlannedPolicy.Reactive(scoring, planning));
        var foresight = Play("foresight", () => Ahead(fine, options));
        var predictive = Play("predictive", () =>
        {
            var forecaster = new PaperForecaster(coarse, from, TimeSpan.FromMinutes(options.ForecastMinutes), int.MaxValue, default);
            return new PlannedPolicy(scoring, planning, 300, m => forecaster.Of(m.Now));
        });
        if (none.ViolationMinutes == 0)
        {
            Console.WriteLine("Without moves nothing is violated: give the nodes less room (a higher --even-peak).");
        }
        else if (foresight.ViolationMinutes >= 0.05 * none.ViolationMinutes)
        {
            Console.WriteLine("Perfect foresight leaves 5 % or more of the violations of no moves: give the nodes more room (a lower --even-peak).");
        }

        return new Outcome(none, reactive, predictive, foresight);
    }

    private static double Ratio(double one, double other) => other > 0 ? one / other : one > 0 ? double.PositiveInfinity : 1;

    private sealed record Outcome(PaperResult NoMoves, PaperResult Reactive, PaperResult Predictive, PaperResult Foresight);
}
