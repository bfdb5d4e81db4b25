using System.Diagnostics.CodeAnalysis;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.NodeAgent.Load;

/// <summary>
/// Reports that wait for the control plane, in order, at most <paramref name="limit"/>. When it is full the oldest is dropped: a gap there, never a zero.
/// Safe for concurrent use by any number of writers and one reader.
/// </summary>
internal sealed class ReportBuffer(int limit)
{
    private readonly Lock gate = new();
    private readonly LinkedList<LoadReport> waiting = new();
    private readonly SemaphoreSlim arrived = new(0, 1);
    private long dropped;

    /// <summary>Reports that wait.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return waiting.Count;
            }
        }
    }

    /// <summary>Reports that were dropped.</summary>
    public long Dropped => Volatile.Read(ref dropped);

    public void Add(LoadReport report)
    {
        lock (gate)
        {
            waiting.AddLast(report);
            if (waiting.Count > limit)
            {
                waiting.RemoveFirst();
                dropped++;
            }

            if (arrived.CurrentCount == 0)
            {
                arrived.Release();
            }
        }
    }

    /// <summary>The oldest report; it stays until <see cref="Remove"/>.</summary>
    public bool TryPeek([NotNullWhen(true)] out LoadReport? report)
    {
        lock (gate)
        {
            report = waiting.First?.Value;
            return report is not null;
        }
    }

    /// <summary>Takes a report out that was delivered or refused; nothing where it was dropped meanwhile.</summary>
    public void Remove(LoadReport report)
    {
        lock (gate)
        {
            if (ReferenceEquals(waiting.First?.Value, report))
            {
                waiting.RemoveFirst();
            }
        }
    }

    /// <summary>Ends when something has arrived since the last call.</summary>
    public Task WaitAsync(CancellationToken cancellation) => arrived.WaitAsync(cancellation);
}
