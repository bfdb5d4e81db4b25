using System.Globalization;
using System.Security.Cryptography;
using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Api.Operations;

/// <summary>
/// All that takes long, in one list: forecasts and plans run here, replays and imports at their own desks. Its own are kept in memory: after a restart
/// what they made is there or not, and asking again is safe. Safe for concurrent use.
/// </summary>
internal sealed partial class OperationDesk(ApiOptions options, IWhatIfDesk whatIf, IImportDesk imports, TimeProvider time, ILogger<OperationDesk> log) : IHostedService
{
    /// <summary>Beginning of the ids of replays.</summary>
    public const string WhatIf = "what-if-";

    /// <summary>Beginning of the ids of imports.</summary>
    public const string Import = "import-";

    private readonly Lock gate = new();
    private readonly List<Own> own = [];
    private bool stopping;

    /// <summary>Path of an operation.</summary>
    public static string PathOf(string id) => $"/api/v1/operations/{id}";

    /// <summary>All that are known, in no order.</summary>
    public IReadOnlyList<OperationView> List()
    {
        lock (gate)
        {
            return [.. own.Select(o => o.View), .. whatIf.List().Select(Of), .. imports.List().Select(Of)];
        }
    }

    /// <summary>The operation of an id; null where there is none.</summary>
    public OperationView? Find(string id) => List().FirstOrDefault(o => o.Id == id);

    /// <summary>Begins one. <paramref name="work"/> answers its outcome, with the result's path as the id; its token ends with the cancelling, not with the caller.</summary>
    /// <returns>The operation, or a refusal where too many run.</returns>
    public (OperationView? Operation, Outcome? Refusal) Begin(string kind, string title, string by, Func<CancellationToken, Task<Outcome>> work)
    {
        lock (gate)
        {
            if (stopping || own.Count(o => !o.View.Ended) >= options.MaxRunningOperations)
            {
                return (null, new Outcome("busy", $"{options.MaxRunningOperations} operations run already, the limit Api:MaxRunningOperations. Wait for one to end, or cancel one."));
            }

            var begun = new Own(new OperationView(RandomNumberGenerator.GetHexString(12, lowercase: true), kind, title, OperationState.Running, null, null, "", null, by, time.GetUtcNow()));
            own.Add(begun);
            if (own.Count(o => o.View.Ended) > options.MaxKeptOperations)
            {
                own.RemoveAt(own.FindIndex(o => o.View.Ended));
            }

            begun.Task = Task.Run(() => RunAsync(begun, work));
            return (begun.View, null);
        }
    }

    /// <summary>Cancels one that waits or runs.</summary>
    public async Task<Outcome> CancelAsync(string id, string by, CancellationToken cancellation)
    {
        if (id.StartsWith(WhatIf, StringComparison.Ordinal))
        {
            return whatIf.Cancel(id[WhatIf.Length..]);
        }

        if (id.StartsWith(Import, StringComparison.Ordinal) && long.TryParse(id.AsSpan(Import.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var import))
        {
            return await imports.CancelAsync(import, by, cancellation);
        }

        lock (gate)
        {
            if (own.Find(o => o.View.Id == id) is not { } found)
            {
                return new Outcome("not-found", $"There is no operation {id}; ended ones are forgotten after a while.");
            }

            if (found.View.Ended)
            {
                return new Outcome("conflict", $"Operation {id} is {found.View.State.ToString().ToLowerInvariant()}; only one that waits or runs can be cancelled.", id);
            }

            found.Cancel.Cancel();
            return new Outcome(null, $"Operation {id} stops.", id);
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Task[] running;
        lock (gate)
        {
            stopping = true;
            own.ForEach(o => o.Cancel.Cancel());
            running = [.. own.Select(o => o.Task)];
        }

        await Task.WhenAll(running).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RunAsync(Own begun, Func<CancellationToken, Task<Outcome>> work)
    {
        OperationView ended;
        try
        {
            var outcome = await work(begun.Cancel.Token);
            ended = outcome.Done ? begun.View with { State = OperationState.Done, Progress = 1, Detail = outcome.Detail, Result = outcome.Id }
                : begun.View with { State = OperationState.Failed, Code = outcome.Code, Detail = outcome.Detail };
        }
        catch (OperationCanceledException) when (begun.Cancel.IsCancellationRequested)
        {
            ended = begun.View with { State = OperationState.Cancelled, Detail = "It was cancelled." };
        }
#pragma warning disable CA1031 // Whatever went wrong is the operation's end, not the program's.
        catch (Exception e)
        {
            Failed(log, e, begun.View.Kind, begun.View.Id);
            ended = begun.View with { State = OperationState.Failed, Code = "internal", Detail = "The control plane failed at it; its log says why." };
        }
#pragma warning restore CA1031

        lock (gate)
        {
            begun.View = ended;
        }
    }

    private static OperationView Of(WhatIfRun run) => new(
        WhatIf + run.Id, "what-if", run.Title, run.State switch
        {
            WhatIfState.Waiting => OperationState.Waiting, WhatIfState.Running => OperationState.Running, WhatIfState.Done => OperationState.Done, WhatIfState.Cancelled => OperationState.Cancelled, _ => OperationState.Failed,
        },
        run.Progress, run.State == WhatIfState.Failed ? "failed" : null, run.Failure ?? "", $"/api/v1/what-if/{run.Id}", run.By, run.AskedAt);

    private static OperationView Of(ImportRow row)
    {
        var state = row.State switch
        {
            "waiting" => OperationState.Waiting, "running" => OperationState.Running, "done" or "taken back" => OperationState.Done, "cancelled" => OperationState.Cancelled, _ => OperationState.Failed,
        };
        var id = row.Id.ToString(CultureInfo.InvariantCulture);
        return new OperationView(
            Import + id, "import", row.FileName, state, state == OperationState.Done ? 1 : row.BytesTotal > 0 ? Math.Min(1, row.BytesRead / (double)row.BytesTotal) : null,
            state == OperationState.Failed ? "failed" : null, row.Error ?? "", $"/api/v1/query-logs/{id}", "", row.CreatedAt);
    }

    private sealed class Own(OperationView view)
    {
        public OperationView View { get; set; } = view;

        public CancellationTokenSource Cancel { get; } = new();

        public Task Task { get; set; } = Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Operation {Kind} {Id} failed")]
    private static partial void Failed(ILogger logger, Exception exception, string kind, string id);
}
