using System.CommandLine;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Backtesting;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Forecasting.Quality;
using ShardConsole.ControlPlane.History;
using ShardConsole.ControlPlane.Jobs;

namespace ShardConsole.ControlPlane.Commands;

/// <summary>backtest: forecasts the past of a data folder with rolling origins, prints how good that was and keeps it for the console, whether it runs or not.</summary>
internal static class BacktestCommand
{
    private const int DefaultDays = 3;
    private const int DefaultEvery = 60;

    private static readonly LoadMetric[] Metrics = [LoadMetric.Cpu, LoadMetric.Reads, LoadMetric.Writes, LoadMetric.BytesIn, LoadMetric.BytesOut];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Data folder of the control plane", DefaultValueFactory = _ => "data" };
        var days = new Option<int>("--days") { Description = $"Days at the end of the history over which origins roll, 1..{BacktestRunner.MostDays}", DefaultValueFactory = _ => DefaultDays };
        var every = new Option<int>("--every") { Description = "Minutes between two origins, a multiple of 5", DefaultValueFactory = _ => DefaultEvery };
        var metric = new Option<LoadMetric>("--metric") { Description = $"What is forecast: {string.Join(", ", Metrics)}", DefaultValueFactory = _ => LoadMetric.Cpu };
        var command = new Command("backtest", "Forecasts the cluster's own past with rolling origins and compares that with what came.") { data, days, every, metric };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(data)!, parsed.GetValue(days), parsed.GetValue(every), parsed.GetValue(metric), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string data, int days, int every, LoadMetric metric, CancellationToken cancellation)
    {
        if (BacktestRunner.Problem(days, every) is { } problem)
        {
            throw new StartupException(problem);
        }

        if (!Metrics.Contains(metric))
        {
            throw new StartupException($"--metric {metric} is not forecast; it is one of {string.Join(", ", Metrics)}.");
        }

        if (!File.Exists(Path.Combine(data, "control-plane.db")))
        {
            throw new StartupException($"--data {data} is no data folder of a control plane: it has no control-plane.db.");
        }

        using var folder = DataFolder.Open(data, exclusive: false);
        DataRegistration.Migrate(folder);
        var now = TimeProvider.System.GetUtcNow();
        var clock = new ModelClock(TimeProvider.System, ModelClockAnchor.Peek(folder.Path) ?? ModelClockAnchor.Fresh(now, 1));
        using var provider = new ServiceCollection().AddData(folder).BuildServiceProvider();
        var databases = provider.GetRequiredService<IDbContextFactory<ControlPlaneDb>>();
        using var history = new HistoryStore(new FrameTable(databases), new HistoryOptions(), clock);
        await history.StartAsync(folder.SegmentCount, cancellation);
        BacktestResult? result;
        try
        {
            result = await BacktestRunner.RunAsync(history, metric, clock.GetUtcNow(), days, every, _ => { }, cancellation);
        }
        catch (OperationCanceledException)
        {
            throw new StartupException("The backtest was cancelled; nothing of it was kept.");
        }

        if (result is null)
        {
            throw new StartupException(BacktestDesk.TooShort);
        }

        await new BacktestStore(databases).SaveAsync(new KeptBacktest(clock.GetUtcNow(), "command line", result), cancellation);
        Print(result);
        return 0;
    }

    private static void Print(BacktestResult result)
    {
        string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
        Console.WriteLine(Line($"{result.Metric}: {result.Origins} origins from {result.From:u} to {result.To:u}, {result.Segments} segments, learnt from {result.LearntDays:0.0} days before"));
        Console.WriteLine("ahead      error / yesterday's   pinball q90   q10..q90   segments better than yesterday");
        foreach (var lead in result.Leads)
        {
            var ahead = lead.LeadMinutes < 120 ? $"{lead.LeadMinutes} min" : $"{lead.LeadMinutes / 60} h";
            Console.WriteLine(Line($"{ahead,-10}{lead.Scores.Mase,20:0.000}{lead.Scores.Pinball90,14:0.000}{lead.Scores.Coverage,11:0.00}   {lead.BetterSegments} of {lead.JudgedSegments}"));
        }
    }
}
