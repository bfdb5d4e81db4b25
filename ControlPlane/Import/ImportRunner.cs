using System.Text;
using ShardConsole.ControlPlane.AccessLog;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.History;
using ShardConsole.ControlPlane.Patterns;
using ShardConsole.ControlPlane.Replay;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Import;

/// <summary>How far an import is, or how it ended.</summary>
/// <param name="Failure">Why nothing was imported; null where it went well so far.</param>
/// <param name="From">First moment in the history, model time; null before the end.</param>
internal sealed record ImportProgress(
    long BytesRead, long BytesTotal, long Rows, long Rejected, IReadOnlyList<string> FirstRejected, DateTimeOffset? From, DateTimeOffset? To, string? Failure);

/// <summary>What an import is made with.</summary>
/// <param name="Source">The import's id.</param>
/// <param name="Segments">Segments of the cluster.</param>
/// <param name="Factor">Model seconds per real second.</param>
/// <param name="Now">Model time.</param>
/// <param name="Cost">CPU µs of a read, a write, and a write for a follower.</param>
internal sealed record ImportTask(
    string Path, ImportSettings Settings, long Source, int Segments, double Factor, DateTimeOffset Now, (double Read, double Write, double Follow) Cost)
{
    /// <summary>Mark of its frames.</summary>
    public long Frames => Settings.SourceOf(Source);

    /// <summary>Where the accesses are gathered, for their patterns; null: nowhere.</summary>
    public AccessSketch? Patterns { get; init; }
}

/// <summary>Reads one log into the history.</summary>
internal static class ImportRunner
{
    private const int RowsPerReport = 50_000;

    /// <summary>Frames of one transaction.</summary>
    private const int BatchFrames = 500;

    // Of the finest tier's buckets.
    private const double FinestSeconds = 10;

    /// <summary>Runs an import to its end. Nothing of a failed or cancelled one stays.</summary>
    /// <param name="task">What to import.</param>
    /// <param name="table">Where to.</param>
    /// <param name="options">How long history is kept.</param>
    /// <param name="progress">Called now and then while the file is read.</param>
    /// <param name="cancellation">Ends the import.</param>
    public static async Task<ImportProgress> RunAsync(
        ImportTask task, FrameTable table, HistoryOptions options, Action<ImportProgress> progress, CancellationToken cancellation)
    {
        // What an earlier try of the same import may have left.
        await table.RemoveAsync(task.Frames, cancellation);
        using var reader = new LogReader(new FileStream(task.Path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16));
        var counts = new ImportCounts(task.Segments, options);
        foreach (var request in reader.Read())
        {
            Count(counts, request, reader.Rows, task);
            if (reader.Rows % RowsPerReport == 0)
            {
                progress(At(reader, null, null));
                cancellation.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }

        if (reader.Failure is not null)
        {
            return At(reader, null, null);
        }

        var shift = ImportFrames.Shift(counts, task.Settings.Shift, task.Now, options.Retention(HistoryTier.FiveMinutes));
        try
        {
            await WriteAsync(ImportFrames.Of(counts, shift, task.Segments, task.Factor, task.Cost, task.Frames), table, cancellation);
        }
        catch (OperationCanceledException)
        {
            await table.RemoveAsync(task.Frames, CancellationToken.None);
            throw;
        }

        return At(reader, counts.First + shift, counts.Last + shift);
    }

    private static void Count(ImportCounts counts, LoggedRequest request, long row, ImportTask task)
    {
        var segment = SegmentId.OfSlot(Slot.Of(Encoding.UTF8.GetBytes(request.Key)), task.Segments).Value;
        if (task.Patterns is { } patterns)
        {
            PatternKeeper.Take(patterns, request.At, segment, request.Key, request.Client);
        }

        var (amplify, spread) = (task.Settings.Amplify, task.Settings.SpreadSeconds);
        var pieces = (int)Math.Clamp(Math.Ceiling(spread / FinestSeconds), 1, amplify);
        for (var piece = 0; piece < pieces; piece++)
        {
            var (from, to) = ((int)((long)amplify * piece / pieces), (int)((long)amplify * (piece + 1) / pieces));
            var writes = request.IsWrite ? to - from : 0;
            for (var i = from; i < to && !request.IsWrite && task.Settings.WriteShare > 0; i++)
            {
                // Numbered as a replay without a spread numbers what it sends, so that both choose the same reads.
                var sequence = ((row - 1) * amplify) + i + 1;
                writes += DerivedKeys.TurnsIntoWrite(sequence, task.Settings.WriteShare) ? 1 : 0;
            }

            counts.Add(AmplifiedLog.DueAt(request.At, from, amplify, spread), segment, to - from - writes, writes);
        }
    }

    private static async Task WriteAsync(IEnumerable<List<FrameRow>> frames, FrameTable table, CancellationToken cancellation)
    {
        var batch = new List<FrameRow>();
        foreach (var rows in frames)
        {
            batch.AddRange(rows);
            if (batch.Count >= BatchFrames)
            {
                await table.WriteAsync(batch, [], cancellation);
                batch.Clear();
            }
        }

        await table.WriteAsync(batch, [], cancellation);
    }

    private static ImportProgress At(LogReader reader, DateTimeOffset? from, DateTimeOffset? to) =>
        new(reader.BytesRead, reader.BytesTotal, reader.Rows, reader.Rejected, [.. reader.FirstRejected], from, to, reader.Failure);
}
