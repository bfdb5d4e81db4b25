using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.RaftConsole;

/// <summary>One replica of a script: a core, its log in memory, and the newest snapshot that its state machine could give.</summary>
internal sealed class ScriptNode
{
    private readonly RaftOptions options;
    private readonly List<RaftMessage> outbox = [];
    private long ticks;

    public ScriptNode(RaftOptions options, SnapshotMark? start)
    {
        this.options = options;
        Log = new MemoryLog(start);
        Log.SetHardState(default);
        Core = new RaftCore(options, Log, Log.Snapshot.Index);
        NewestSnapshot = Log.Snapshot;
    }

    public ulong Id => options.Id;

    public MemoryLog Log { get; }

    public RaftCore Core { get; private set; }

    public bool Down { get; private set; }

    /// <summary>Where the state machine stands.</summary>
    public SnapshotMark NewestSnapshot { get; private set; }

    public List<ReadState> Reads { get; } = [];

    /// <summary>Time of this node: it passes only by its own ticks.</summary>
    public long Now => ticks * options.TickMs;

    public void Tick(int count)
    {
        for (var i = 0; i < count; i++)
        {
            ticks++;
            Core.Tick(Now);
        }
    }

    /// <summary>True where <see cref="ProcessReady"/> has something to do.</summary>
    public bool HasReady => outbox.Count > 0 || Core.HasReady;

    /// <summary>
    /// Proposes an entry. The reference makes its append messages at once, so that they count against the window one by one, where this core joins those of
    /// several proposals; asking after each proposal gives the same messages.
    /// </summary>
    public bool TryPropose(EntryKind kind, ReadOnlyMemory<byte> data)
    {
        var taken = Core.TryPropose(kind, data, out _, out _);
        outbox.AddRange(Core.TakeEarly());
        return taken;
    }

    /// <summary>Carries out one Ready and answers the messages that it sends.</summary>
    public IReadOnlyList<RaftMessage> ProcessReady()
    {
        var ready = Core.TakeReady();
        if (ready.HardState is { } hard)
        {
            Log.SetHardState(hard);
        }

        if (ready.Snapshot is { } mark)
        {
            Log.ApplySnapshot(mark);
            NewestSnapshot = mark;
        }

        Log.Append(ready.Entries);
        Reads.AddRange(ready.Reads);
        Core.Advance(ready);
        if (ready.Committed is [.., var last])
        {
            NewestSnapshot = new SnapshotMark(last.Index, last.Term, Core.Configuration);
        }

        Log.SetSnapshot(NewestSnapshot);
        RaftMessage[] sent = [.. outbox, .. ready.Early, .. ready.Late];
        outbox.Clear();
        return sent;
    }

    /// <summary>Loses everything but the log and the state machine, and does nothing until it is restarted.</summary>
    public void Crash()
    {
        Down = true;
        Reads.Clear();
        outbox.Clear();
        Open();
    }

    /// <summary>Starts it from what it had persisted; one that runs crashes first.</summary>
    public void Restart()
    {
        Crash();
        Down = false;
    }

    private void Open()
    {
        Log.InitialConfiguration = NewestSnapshot.Configuration;
        Core = new RaftCore(options, Log, NewestSnapshot.Index);
    }
}
