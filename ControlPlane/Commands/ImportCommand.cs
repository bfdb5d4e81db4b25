using System.CommandLine;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ShardConsole.ControlPlane.AccessLog;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.History;
using ShardConsole.ControlPlane.Import;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.ControlPlane.Patterns;

namespace ShardConsole.ControlPlane.Commands;

/// <summary>import: reads a request log into the history of a data folder, whether its control plane runs or not.</summary>
internal static class ImportCommand
{
    private const int DefaultSegments = 1024;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "CSV of timestamp,key,op; gzip is recognised" };
        var data = new Option<string>("--data") { Description = "Data folder of the control plane", DefaultValueFactory = _ => "data" };
        var shift = new Option<ImportShift>("--shift") { Description = "Where the log's times are put: Auto, None or EndNow", DefaultValueFactory = _ => ImportShift.Auto };
        var amplify = new Option<int>("--amplify") { Description = "How often each request counts", DefaultValueFactory = _ => 1 };
        var spread = new Option<double>("--spread") { Description = "Log seconds over which a request counts that is counted more than once" };
        var writeShare = new Option<double>("--write-share") { Description = "Ratio of the reads that count as writes, 0..1" };
        var over = new Option<bool>("--over-measured") { Description = "The log stands also for times of which the cluster measured its own load" };
        var clock = new Option<double?>("--clock") { Description = "Model seconds per real second that rates are imported at. Default: the data folder's" };
        var segments = new Option<int>("--segments") { Description = "Segments of the cluster, where the folder has seen none", DefaultValueFactory = _ => DefaultSegments };
        var command = new Command("import", "Imports a historical query log, so that forecasts begin with it.") { file, data, shift, amplify, spread, writeShare, over, clock, segments };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(file)!, parsed.GetValue(data)!, new ImportSettings(
                parsed.GetValue(shift), parsed.GetValue(amplify), parsed.GetValue(writeShare), parsed.GetValue(spread), parsed.GetValue(over)),
            parsed.GetValue(clock), parsed.GetValue(segments), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        string file, string data, ImportSettings settings, double? factor, int segments, CancellationToken cancellation)
    {
        if (settings.Problems().FirstOrDefault() is { } problem)
        {
            throw new StartupException(problem);
        }

        if (!Shared.Cluster.Slot.IsSegmentCount(segments))
        {
            throw new StartupException($"--segments {segments} is not a power of two from 64 to {Shared.Cluster.Slot.Count}.");
        }

        if (factor is { } given && given is not (>= 1 and <= 1000))
        {
            throw new StartupException($"--clock {given} is outside 1..1000.");
        }

        await ReplayCommand.Open(file).DisposeAsync();
        using var folder = DataFolder.Open(data, exclusive: false);
        DataRegistration.Migrate(folder);
        var now = TimeProvider.System.GetUtcNow();
        var anchor = ModelClockAnchor.Peek(folder.Path) ?? ModelClockAnchor.Fresh(now, factor ?? 1);
        using var provider = new ServiceCollection().AddData(folder).BuildServiceProvider();
        var databases = provider.GetRequiredService<IDbContextFactory<ControlPlaneDb>>();
        var store = new ImportStore(databases);
        var row = await store.AddAsync(
            Path.GetFileName(file), ImportStore.Running, settings, new FileInfo(file).Length, "command line", anchor.ToModel(now), cancellation);
        var task = new ImportTask(
            file, settings, row.Id, folder.FixSegmentCount(segments), factor ?? anchor.Factor, anchor.ToModel(now),
            (OperationCost.DefaultRead, OperationCost.DefaultWrite, OperationCost.DefaultFollow));
        task = task with { Patterns = new AccessSketch(task.Segments, new PatternOptions()) };
        return await ImportAsync(task, new FrameTable(databases), store, new PatternStore(databases), cancellation);
    }

    private static async Task<int> ImportAsync(ImportTask task, FrameTable table, ImportStore store, PatternStore patterns, CancellationToken cancellation)
    {
        var last = new ImportProgress(0, 0, 0, 0, [], null, null, null);
        try
        {
            last = await ImportRunner.RunAsync(task, table, new HistoryOptions(), p => Progress(last = p), cancellation);
        }
        catch (OperationCanceledException)
        {
            await store.UpdateAsync(task.Source, ImportStore.Cancelled, last, CancellationToken.None);
            throw new StartupException("The import was cancelled; nothing of it was kept.");
        }

        await store.UpdateAsync(task.Source, last.Failure is null ? ImportStore.Done : ImportStore.Failed, last, CancellationToken.None);
        foreach (var line in last.FirstRejected)
        {
            await Console.Error.WriteLineAsync(line);
        }

        if (last.Failure is not null)
        {
            await Console.Error.WriteLineAsync($"{task.Path}: {last.Failure}");
            return 1;
        }

        await patterns.LeaveAsync(task.Patterns!, task.Now, cancellation);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{last.Rows} rows imported as {last.From:u} to {last.To:u} of model time, {last.Rejected} rejected. Import {task.Source}."));
        return 0;
    }

    private static void Progress(ImportProgress progress) => Console.Error.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{100.0 * progress.BytesRead / Math.Max(1, progress.BytesTotal):0} %, {progress.Rows} rows, {progress.Rejected} rejected"));
}
