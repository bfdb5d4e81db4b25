using System.Collections.Concurrent;
using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.NodeAgent.Consensus;

/// <summary>
/// The one thread that owns all groups of the node. Each round: take what came in, tick, gather the cores' work, send what depends on nothing,
/// hand what must be persisted to the writer as one batch; when that is durable: send what promised it, apply, tell who waits.
/// </summary>
internal sealed partial class RaftLoop(RaftLoopOptions options, IRaftOutbox outbox, IBatchWriter writer, TimeProvider time, Action<Exception> onFailure) : IDisposable
{
    private readonly ConcurrentQueue<Item> inbox = new();
    private readonly Dictionary<GroupId, GroupReplica> groups = [];
    private readonly List<GroupReplica> order = [];
    private readonly List<GroupReplica> toPersist = [];
    private readonly List<GroupReplica> persisting = [];
    private readonly Queue<StoreStep> steps = new();
    private readonly List<StoreStep> writing = [];
    private readonly CommitGather gather = new(options.GatherIdleMicros, options.MaxGatherMicros);
    private readonly object wake = new();
    private readonly long start = time.GetTimestamp();
    private Thread? thread;
    private long nextTick;
    private int waitingMessages;
    private bool sleeping;
    private volatile bool writerBusy;
    private volatile bool stopping;

    /// <summary>Milliseconds on a clock that never jumps and goes on while the process is paused. Safe from any thread.</summary>
    public long Now => (long)time.GetElapsedTime(start).TotalMilliseconds;

    /// <summary>The same clock in microseconds.</summary>
    public long NowMicros => (long)time.GetElapsedTime(start).TotalMicroseconds;

    /// <summary>The timestamp of the TimeProvider at which <see cref="Now"/> becomes the given value; the largest one for values that never come.</summary>
    public long TimestampAt(long ms)
    {
        var ticks = (Int128)ms * time.TimestampFrequency;
        var whole = start + (ticks / 1000) + (ticks % 1000 == 0 ? 0 : 1);
        return whole >= long.MaxValue ? long.MaxValue : (long)whole;
    }

    /// <summary>True once the loop runs no more: nothing that is posted is done.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Whether the caller is on the loop's thread, and the loop goes on.</summary>
    public bool IsRunningHere => Thread.CurrentThread == thread && !HasEnded;

    /// <summary>Messages from peers that were dropped because the inbox was full.</summary>
    public long DroppedMessages { get; private set; }

    /// <summary>Rounds of the loop so far.</summary>
    public long Rounds { get; private set; }

    /// <summary>The groups. Only on the loop's thread.</summary>
    public IReadOnlyList<GroupReplica> Groups => order;

    /// <summary>Raised where entries may have been applied, on the loop's thread, before it waits for anything.</summary>
    public event Action? Applied;

    /// <summary>Raised at each tick, on the loop's thread.</summary>
    public event Action<long>? Ticked;

    /// <summary>Starts the thread.</summary>
    public void Start()
    {
        thread = new Thread(Run) { IsBackground = true, Name = "raft loop" };
        thread.Start();
    }

    /// <summary>Runs something on the loop's thread. From any thread.</summary>
    public void Post(Action action) => Enqueue(new Item(action, default, null, null));

    /// <summary>Hands a peer's message to its group; dropped where the inbox is full. From any thread.</summary>
    public void Receive(GroupId group, RaftMessage message)
    {
        if (Interlocked.Increment(ref waitingMessages) > options.MaxInboxMessages)
        {
            Interlocked.Decrement(ref waitingMessages);
            DroppedMessages++;
            return;
        }

        Enqueue(new Item(null, group, message, null));
    }

    /// <summary>
    /// Hands a proposal over. From any thread. While a batch is being written nobody is woken for it: it goes with the next batch, and the end of this one wakes the loop.
    /// </summary>
    public void Propose(ILoopProposal proposal)
    {
        inbox.Enqueue(new Item(proposal, default, null, null));
        Interlocked.MemoryBarrier();
        if (!writerBusy && Volatile.Read(ref sleeping))
        {
            Wake();
        }
    }

    /// <summary>Adds a group; on the loop's thread, or before it was started.</summary>
    public void Add(GroupReplica group)
    {
        groups.Add(group.Id, group);
        order.Add(group);
    }

    /// <summary>Takes a group out; on the loop's thread, outside of its round over the groups, while nothing is outstanding for the group.</summary>
    public void Remove(GroupReplica group)
    {
        groups.Remove(group.Id);
        order.Remove(group);
        group.FailWaiting();
    }

    /// <summary>Queues something else to be written with one of the next batches, in order. Only on the loop's thread.</summary>
    public void Write(StoreStep step) => steps.Enqueue(step);

    /// <summary>The replica of a group, or null. Only on the loop's thread.</summary>
    public GroupReplica? Find(GroupId group) => groups.GetValueOrDefault(group);

    /// <summary>The batch that was handed to the writer is durable (null), or failed for good.</summary>
    public void Persisted(Exception? failure) => Enqueue(new Item(PersistedMark.Instance, default, null, failure));

    /// <inheritdoc/>
    public void Dispose()
    {
        stopping = true;
        Wake();
        if (thread is not null && thread != Thread.CurrentThread)
        {
            thread.Join();
        }
    }

    private void Enqueue(Item item)
    {
        inbox.Enqueue(item);
        if (Volatile.Read(ref sleeping))
        {
            Wake();
        }
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
        try
        {
            while (!stopping)
            {
                Round();
                Sleep();
            }
        }
        catch (Exception e)
        {
            // A broken invariant: this node's loop stops, its evidence stays on disk, the others go on without it.
            onFailure(e);
        }
        finally
        {
            HasEnded = true;
            foreach (var group in order)
            {
                group.FailWaiting();
            }
        }
    }

    private void Sleep()
    {
        if (!inbox.IsEmpty)
        {
            return;
        }

        lock (wake)
        {
            sleeping = true;
            Interlocked.MemoryBarrier();
            var wait = nextTick - Now;
            if (inbox.IsEmpty && !stopping && wait > 0 && sleeping)
            {
                Monitor.Wait(wake, TimeSpan.FromMilliseconds(wait));
            }

            sleeping = false;
        }
    }

    /// <summary>One thing for the loop: an Action, an ILoopProposal, a PersistedMark, or (null) a message of a group.</summary>
    private readonly record struct Item(object? What, GroupId Group, RaftMessage? Message, Exception? Failure);

    private sealed class PersistedMark
    {
        public static readonly PersistedMark Instance = new();
    }
}
