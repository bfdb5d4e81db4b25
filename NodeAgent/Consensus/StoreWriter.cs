using ShardConsole.NodeAgent.Failpoints;
using ShardConsole.NodeAgent.Storage;

namespace ShardConsole.NodeAgent.Consensus;

/// <summary>
/// The one thread that commits: everything that all groups owe goes into one transaction with one fsync. A full disk is tried again until there is
/// room, with nothing acknowledged meanwhile; any other failure is final.
/// </summary>
internal sealed class StoreWriter(NodeStore store, RaftLoopOptions options, TimeProvider time) : IBatchWriter, IDisposable
{
    private readonly StoreBatch batch = new();
    private readonly Lock gate = new();
    private readonly ManualResetEventSlim work = new(false, 0);
    private readonly CancellationTokenSource stop = new();
    private IReadOnlyList<GroupReplica> groups = [];
    private IReadOnlyList<StoreStep> steps = [];
    private Action<Exception?>? persisted;
    private Thread? thread;

    /// <summary>True while the disk is full: writes are refused before they are proposed.</summary>
    public bool IsDiskFull { get; private set; }

    /// <summary>What the store said last when it failed; empty while all is well.</summary>
    public string LastError { get; private set; } = "";

    /// <summary>Transactions so far.</summary>
    public long Commits { get; private set; }

    /// <summary>Bytes handed to the store so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>True while the write-ahead log must not be moved into the database: a cut-over is under way. Set by the loop.</summary>
    public volatile bool HoldWalCheckpoint;

    /// <summary>Starts the thread; <paramref name="onPersisted"/> is called there after each batch.</summary>
    public void Start(Action<Exception?> onPersisted)
    {
        persisted = onPersisted;
        thread = new Thread(Run) { IsBackground = true, Name = "store writer" };
        thread.Start();
    }

    /// <inheritdoc/>
    public void Write(IReadOnlyList<GroupReplica> groups, IReadOnlyList<StoreStep> steps)
    {
        lock (gate)
        {
            (this.groups, this.steps) = (groups, steps);
        }

        work.Set();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stop.Cancel();
        work.Set();
        thread?.Join();
        work.Dispose();
        stop.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            work.Wait();
            work.Reset();
            if (stop.IsCancellationRequested)
            {
                return;
            }

            var failure = FillAndCommit();
            Commits++;
            Bytes += batch.Bytes;
            batch.Clear();
            if (stop.IsCancellationRequested && failure is not null)
            {
                return;
            }

            persisted!(failure);
            if (failure is null && store.WalBytes > options.MaxWalBytes && !HoldWalCheckpoint)
            {
                MoveWal();
            }
        }
    }

    /// <summary>One try, between the failpoints of an append.</summary>
    private StoreResult Commit()
    {
        if (FailureAt("append.before") is { } refused)
        {
            return refused;
        }

        var result = store.Commit(batch);
        return result.Succeeded ? FailureAt("append.after") ?? result : result;
    }

    private static StoreResult? FailureAt(string point) => Failpoint.Ask(point) switch
    {
        FailpointAction.Full => new StoreResult(StoreErrorKind.Full, $"The failpoint {point} says that the disk is full."),
        FailpointAction.Error => new StoreResult(StoreErrorKind.Io, $"The failpoint {point} says that the disk failed."),
        _ => null,
    };

    private void Fill()
    {
        lock (gate)
        {
            foreach (var group in groups)
            {
                var ready = group.Outstanding!;
                if (ready.HardState is { } hardState)
                {
                    batch.SetHardState(group.Id, hardState);
                }
                else if (group.UnwrittenHardState is { } unwritten)
                {
                    batch.SetHardState(group.Id, unwritten);
                }

                if (ready.Snapshot is { } mark)
                {
                    Failpoint.Hit("snapshot.install.before");
                    batch.InstallSnapshot(group.Id, mark);
                    group.AddSnapshotTo(batch, mark);
                }

                batch.Append(group.Id, ready.Entries);
            }

            foreach (var step in steps)
            {
                step.AddTo(batch);
            }
        }
    }

    private IOException? FillAndCommit()
    {
        try
        {
            Fill();
            return CommitAll();
        }
        catch (FailpointException e)
        {
            return e;
        }
    }

    private void MoveWal()
    {
        // Where it fails the next commit says so, and nothing is lost: the log stays.
        if (Failpoint.Ask("wal.checkpoint") is null)
        {
            _ = store.CheckpointWal();
        }
    }

    private IOException? CommitAll()
    {
        while (true)
        {
            var result = Commit();
            if (result.Succeeded)
            {
                IsDiskFull = false;
                LastError = "";
                return null;
            }

            LastError = result.Message;
            if (result.Kind != StoreErrorKind.Full)
            {
                return new IOException(result.Message);
            }

            IsDiskFull = true;
            try
            {
                Task.Delay(TimeSpan.FromMilliseconds(options.DiskFullRetryMs), time, stop.Token).Wait(stop.Token);
            }
            catch (OperationCanceledException)
            {
                return new IOException(result.Message);
            }
        }
    }
}
