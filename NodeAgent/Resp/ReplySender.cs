using System.Collections.Concurrent;

namespace ShardConsole.NodeAgent.Resp;

/// <summary>
/// The one thread that sends the replies of committed writes. A commit answers many connections at once; one thread that takes them all costs one
/// wake-up a commit, where a work item each costs one a connection. Nothing that it runs blocks: a client that takes nothing waits as a continuation.
/// On one core a thread of its own could only take turns with the raft loop: there the loop sends what it has posted itself, after it has applied (<see cref="SendPosted"/>), and
/// what others post (a write that was refused before it was proposed, say) is sent by the thread pool.
/// </summary>
internal sealed class ReplySender : IDisposable
{
    /// <summary>How often the thread lets others run before it sleeps: whoever answers is in the middle of answering more.</summary>
    private const int YieldsBeforeSleep = 2;

    private readonly ConcurrentQueue<IDrained> rings = new();
    private readonly object wake = new();
    private bool sleeping;
    private volatile bool stopping;

    /// <param name="hasThread">Whether it has a thread of its own.</param>
    public ReplySender(bool hasThread)
    {
        HasThread = hasThread;
        if (hasThread)
        {
            new Thread(Run) { IsBackground = true, Name = "reply sender" }.Start();
        }
    }

    /// <summary>Whether replies are sent by a thread of its own.</summary>
    public bool HasThread { get; }

    /// <summary>Without a thread: whether the thread that posts will call <see cref="SendPosted"/> by itself; null: none will.</summary>
    public Func<bool>? IsSentByPoster { get; set; }

    /// <summary>Has a ring drained. From any thread; a ring has at most one drain under way, so the queue is bounded by the connections.</summary>
    public void Post(IDrained ring)
    {
        rings.Enqueue(ring);
        if (!HasThread)
        {
            if (IsSentByPoster?.Invoke() != true)
            {
                ThreadPool.UnsafeQueueUserWorkItem(static sender => sender.SendPosted(), this, preferLocal: false);
            }

            return;
        }

        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref sleeping))
        {
            Wake();
        }
    }

    /// <summary>Has all posted rings drained on this thread.</summary>
    public void SendPosted()
    {
        while (rings.TryDequeue(out var ring))
        {
            _ = ring.DrainAsync();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stopping = true;
        Wake();
    }

    private void Wake()
    {
        lock (wake)
        {
            sleeping = false;
            Monitor.Pulse(wake);
        }
    }

    private void Run()
    {
        var yields = 0;
        while (!stopping)
        {
            if (rings.TryDequeue(out var ring))
            {
                yields = 0;
                _ = ring.DrainAsync();
            }
            else if (yields < YieldsBeforeSleep)
            {
                yields++;
                _ = Thread.Yield();
            }
            else
            {
                yields = 0;
                Sleep();
            }
        }
    }

    private void Sleep()
    {
        lock (wake)
        {
            sleeping = true;
            Interlocked.MemoryBarrier();
            while (sleeping && rings.IsEmpty && !stopping)
            {
                _ = Monitor.Wait(wake);
            }

            sleeping = false;
        }
    }
}

/// <summary>Something whose answered replies can be sent.</summary>
internal interface IDrained
{
    /// <summary>Sends what stands answered, once per <see cref="ReplySender.Post"/>.</summary>
    Task DrainAsync();
}
