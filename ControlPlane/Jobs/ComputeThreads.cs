using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace ShardConsole.ControlPlane.Jobs;

/// <summary>
/// Threads of their own for what computes for seconds: forecasts, plans, replays. On the thread pool such work takes every thread that there is on a small machine,
/// and pages, their keep-alives and the node reports wait behind it. These threads yield to all others (nice 5 where the system is Linux). A parallel loop that is
/// started here runs on them alone. Tasks that are waiting are bounded by their callers: each has one computation at a time.
/// </summary>
internal sealed partial class ComputeThreads : TaskScheduler
{
    private const int Niceness = 5;

    private readonly BlockingCollection<Task> tasks = [];

    private ComputeThreads(int count)
    {
        MaximumConcurrencyLevel = count;
        for (var i = 0; i < count; i++)
        {
            new Thread(Run) { IsBackground = true, Name = $"compute-{i}" }.Start();
        }
    }

    /// <summary>The process's threads: as many as it has processors.</summary>
    public static ComputeThreads Shared { get; } = new(Environment.ProcessorCount);

    /// <inheritdoc/>
    public override int MaximumConcurrencyLevel { get; }

    /// <summary>Runs work here, with what it awaits and the parallel loops that it starts on <see cref="TaskScheduler.Current"/>.</summary>
    public static Task<T> RunAsync<T>(Func<Task<T>> work, CancellationToken cancellation) =>
        Task.Factory.StartNew(work, cancellation, TaskCreationOptions.DenyChildAttach, Shared).Unwrap();

    /// <inheritdoc cref="RunAsync{T}(Func{Task{T}}, CancellationToken)"/>
    public static Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellation) =>
        Task.Factory.StartNew(work, cancellation, TaskCreationOptions.DenyChildAttach, Shared);

    /// <inheritdoc/>
    protected override void QueueTask(Task task) => tasks.Add(task);

    /// <inheritdoc/>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => Current == this && TryExecuteTask(task);

    /// <inheritdoc/>
    protected override IEnumerable<Task> GetScheduledTasks() => [.. tasks];

    private void Run()
    {
        if (OperatingSystem.IsLinux())
        {
            // Of the calling thread. Refused: it computes at the usual priority, which is right too.
            _ = SetPriority(0, 0, Niceness);
        }

        foreach (var task in tasks.GetConsumingEnumerable())
        {
            TryExecuteTask(task);
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    private static partial int SetPriority(int which, int who, int priority);
}
