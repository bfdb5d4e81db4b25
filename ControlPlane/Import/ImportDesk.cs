using System.Globalization;
using ShardConsole.ControlPlane.Api.Model;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Jobs;
using ShardConsole.ControlPlane.Security;

namespace ShardConsole.ControlPlane.Import;

/// <summary>Takes query logs, keeps them beside the data and queues their import. What is due is a row: a kill loses no import.</summary>
internal sealed class ImportDesk(ImportStore store, ImportQueue queue, DataFolder folder, ImportOptions options, ModelClock clock, AuditTrail audit) : IImportDesk
{
    private const int CopyBytes = 1 << 17;

    /// <inheritdoc/>
    public IReadOnlyList<ImportRow> List() => store.List(options.MaxListed).ConvertAll(r => queue.WithProgress(r));

    /// <inheritdoc/>
    public async Task<Outcome> UploadAsync(string fileName, Stream content, ImportSettings settings, string by, CancellationToken cancellation)
    {
        if (settings.Problems().FirstOrDefault() is { } problem)
        {
            return new Outcome("invalid", problem);
        }

        if (await store.CountWaitingAsync(cancellation) >= options.MaxWaiting)
        {
            return new Outcome("conflict", $"{options.MaxWaiting} imports wait already; cancel some, or wait.");
        }

        fileName = Path.GetFileName(fileName.Replace('\\', '/'));
        var row = await store.AddAsync(fileName, ImportStore.Running, settings, 0, by, clock.GetUtcNow(), cancellation);
        var storedAs = string.Create(CultureInfo.InvariantCulture, $"{row.Id}.log");
        var path = Path.Combine(folder.ImportsPath, storedAs);
        Directory.CreateDirectory(folder.ImportsPath);
        try
        {
            if (await KeepAsync(content, path, cancellation) is not { } bytes)
            {
                await DropAsync(row.Id, path);
                return new Outcome("invalid", $"{fileName} is larger than {options.MaxFileMegabytes} MiB, the limit Import:MaxFileMegabytes.");
            }

            if (bytes == 0)
            {
                await DropAsync(row.Id, path);
                return new Outcome("invalid", $"{fileName} is empty.");
            }

            await store.StoredAsync(row.Id, storedAs, bytes, cancellation);
        }
        catch
        {
            await DropAsync(row.Id, path);
            throw;
        }

        await audit.AddAsync(by, "query-log-imported", Subject(row.Id), $"{fileName}: {settings}", CancellationToken.None);
        queue.Wake();
        return new Outcome(null, $"{fileName} is queued.", row.Id.ToString(CultureInfo.InvariantCulture));
    }

    /// <inheritdoc/>
    public async Task<Outcome> CancelAsync(long id, string by, CancellationToken cancellation)
    {
        if (await store.CancelWaitingAsync(id, cancellation) || queue.Cancel(id))
        {
            await audit.AddAsync(by, "query-log-cancelled", Subject(id), "", CancellationToken.None);
            return new Outcome(null, $"Import {id} is cancelled.", id.ToString(CultureInfo.InvariantCulture));
        }

        return await RefusedAsync(id, "one that waits or runs can be cancelled", cancellation);
    }

    /// <inheritdoc/>
    public async Task<Outcome> TakeBackAsync(long id, string by, CancellationToken cancellation)
    {
        if (!await queue.TakeBackAsync(id, cancellation))
        {
            return await RefusedAsync(id, "one that is done can be taken back", cancellation);
        }

        await audit.AddAsync(by, "query-log-taken-back", Subject(id), "its frames are out of the history", CancellationToken.None);
        return new Outcome(null, $"Import {id} is taken back: its history is gone, what was measured stands.", id.ToString(CultureInfo.InvariantCulture));
    }

    private async Task<Outcome> RefusedAsync(long id, string what, CancellationToken cancellation) => await store.FindAsync(id, cancellation) is { State: var state }
        ? new Outcome("conflict", $"Import {id} is {state}; {what}.")
        : new Outcome("not-found", $"There is no import {id}.");

    private static string Subject(long id) => string.Create(CultureInfo.InvariantCulture, $"import {id}");

    /// <summary>Bytes kept; null when the file is too large.</summary>
    private async Task<long?> KeepAsync(Stream content, string path, CancellationToken cancellation)
    {
        var limit = options.MaxFileMegabytes * (1L << 20);
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None);
        var buffer = new byte[CopyBytes];
        for (int read; (read = await content.ReadAsync(buffer, cancellation)) > 0;)
        {
            if (file.Position + read > limit)
            {
                return null;
            }

            await file.WriteAsync(buffer.AsMemory(0, read), cancellation);
        }

        return file.Position;
    }

    private async Task DropAsync(long id, string path)
    {
        File.Delete(path);
        await store.RemoveAsync(id, CancellationToken.None);
    }
}
