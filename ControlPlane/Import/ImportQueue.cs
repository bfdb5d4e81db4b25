using System.Text.Json;
using System.Threading.Channels;
using ShardConsole.ControlPlane.AccessLog;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Fleet;
using ShardConsole.ControlPlane.History;
using ShardConsole.ControlPlane.Jobs;

namespace ShardConsole.ControlPlane.Import;

/// <summary>Runs the imports that wait, one after the other, and makes a forecast after each.</summary>
internal sealed partial class ImportQueue(
    ImportStore store, FrameTable table, HistoryStore history, HistoryOptions historyOptions, LoadIntake intake, PatternKeeper patterns, DataFolder folder, ModelClock clock,
    Hangfire.IRecurringJobManager jobs, TimeProvider realTime, ILogger<ImportQueue> log) : BackgroundService
{
    private readonly Channel<bool> wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock gate = new();
    private (long Id, ImportProgress Progress, CancellationTokenSource Cancel)? current;

    /// <summary>An import waits.</summary>
    public void Wake() => wake.Writer.TryWrite(true);

    /// <summary>A row with its present progress, where it runs.</summary>
    public ImportRow WithProgress(ImportRow row)
    {
        lock (gate)
        {
            return current is { } running && running.Id == row.Id
                ? row with
                {
                    BytesRead = running.Progress.BytesRead, BytesTotal = running.Progress.BytesTotal, Rows = running.Progress.Rows,
                    Rejected = running.Progress.Rejected, FirstRejected = running.Progress.FirstRejected,
                }
                : row;
        }
    }

    /// <summary>Cancels the import that runs. False when it is another one.</summary>
    public bool Cancel(long id)
    {
        lock (gate)
        {
            if (current is not { } running || running.Id != id)
            {
                return false;
            }

            running.Cancel.Cancel();
            return true;
        }
    }

    /// <summary>Takes what a done import brought out of the history again; the next forecast follows at once. False where it is not done.</summary>
    public async Task<bool> TakeBackAsync(long id, CancellationToken cancellation)
    {
        if (await store.FindAsync(id, cancellation) is not { State: ImportStore.Done } row)
        {
            return false;
        }

        await history.RemoveSourceAsync((JsonSerializer.Deserialize<ImportSettings>(row.Settings) ?? new ImportSettings()).SourceOf(id), cancellation);
        await store.SetStateAsync(id, ImportStore.TakenBack, cancellation);
        jobs.Trigger(RecurringJobs.ForecastId);
        return true;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await store.RestoreAsync(stoppingToken);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), realTime);
        while (history.SegmentCount == 0 && await timer.WaitForNextTickAsync(stoppingToken))
        {
            // A key's segment is known only when the cluster is.
        }

        Wake();
        await foreach (var _ in wake.Reader.ReadAllAsync(stoppingToken))
        {
            while (await store.ClaimAsync(stoppingToken) is { } row)
            {
                await RunAsync(row, stoppingToken);
            }
        }
    }

    private async Task RunAsync(ImportLogRow row, CancellationToken stopping)
    {
        var path = Path.Combine(folder.ImportsPath, row.StoredAs);
        var settings = JsonSerializer.Deserialize<ImportSettings>(row.Settings) ?? new ImportSettings();
        var cost = intake.Live?.Cost ?? (OperationCost.DefaultRead, OperationCost.DefaultWrite, OperationCost.DefaultFollow);
        var task = new ImportTask(path, settings, row.Id, history.SegmentCount, clock.Factor, clock.GetUtcNow(), cost) { Patterns = patterns.NewSketch() };
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var last = new ImportProgress(0, row.BytesTotal, 0, 0, [], null, null, null);
        try
        {
            Follow(last);
            last = File.Exists(path)
                ? await ImportRunner.RunAsync(task, table, historyOptions, Follow, cancel.Token)
                : last with { Failure = $"{path} is missing." };
            await store.UpdateAsync(row.Id, last.Failure is null ? ImportStore.Done : ImportStore.Failed, last, CancellationToken.None);
            Ended(log, row.FileName, last.Rows, last.Rejected, last.Failure ?? "imported");
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            await store.UpdateAsync(row.Id, ImportStore.Cancelled, last, CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Data.Common.DbException)
        {
            last = last with { Failure = $"{row.FileName} could not be imported: {e.Message}" };
            await store.UpdateAsync(row.Id, ImportStore.Failed, last, stopping);
            Ended(log, row.FileName, last.Rows, last.Rejected, last.Failure);
        }
        finally
        {
            lock (gate)
            {
                current = null;
            }
        }

        File.Delete(path);
        if (last.Failure is null && last.From is not null)
        {
            if (task.Patterns is { } seen)
            {
                patterns.Add(seen);
            }

            await history.NoteOlderAsync(stopping);
            jobs.Trigger(RecurringJobs.ForecastId);
        }

        void Follow(ImportProgress progress)
        {
            lock (gate)
            {
                last = progress;
                current = (row.Id, progress, cancel);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Import of {File}: {Rows} rows, {Rejected} rejected: {Outcome}")]
    private static partial void Ended(ILogger logger, string file, long rows, long rejected, string outcome);
}
