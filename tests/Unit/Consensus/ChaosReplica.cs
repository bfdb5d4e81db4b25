using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.Unit.Consensus;

/// <summary>One replica of a <see cref="Chaos"/>: a disk that takes time, an inbox, pauses and crashes.</summary>
internal sealed class ChaosReplica
{
    private readonly RaftOptions options;
    private readonly Random random;
    private readonly List<RaftMessage> inbox = [];
    private readonly ConfigurationState first;
    private Ready? writing;
    private long writtenAt;
    private long downUntil = -1;
    private long pausedUntil = -1;
    private long nextTick;
    private bool crashed;

    public ChaosReplica(RaftOptions options, ConfigurationState configuration, Random random)
    {
        this.options = options;
        this.random = random;
        first = configuration;
        Log = new MemoryLog { InitialConfiguration = configuration };
        Core = new RaftCore(options, Log, 0);
    }

    public MemoryLog Log { get; }

    public RaftCore Core { get; private set; }

    public bool IsDown(long now) => now < downUntil || crashed;

    public bool IsUp(long now) => !IsDown(now) && now >= pausedUntil;

    public void Receive(RaftMessage message)
    {
        if (!crashed)
        {
            inbox.Add(message);
        }
    }

    public void Pause(long until) => pausedUntil = until;

    public void Heal(long now)
    {
        pausedUntil = now;
        downUntil = Math.Min(downUntil, now);
    }

    /// <summary>Loses everything but the disk; the transaction under way is there as a whole or not at all.</summary>
    public void Crash(long until)
    {
        if (writing is not null && random.Next(2) == 0)
        {
            Persist(writing);
        }

        writing = null;
        crashed = true;
        downUntil = until;
        inbox.Clear();
    }

    /// <summary>Drops the log up to somewhere before what was applied; a snapshot holds it.</summary>
    public void Compact()
    {
        if (!crashed && writing is null && Core.Applied > Log.FirstIndex + 3 && Log.TermOf(Core.Applied) is { } term)
        {
            Log.SetSnapshot(new SnapshotMark(Core.Applied, term, Core.Configuration));
            Log.CompactTo(Core.Applied - (ulong)random.Next(3));
        }
    }

    public void Live(long now, int tickMs, bool healed, Action<RaftMessage> send, Action<ChaosReplica, Entry> apply, Action<ReadState> confirm)
    {
        if (now < downUntil || now < pausedUntil)
        {
            return;
        }

        if (crashed)
        {
            Restart();
        }

        var messages = inbox.ToArray();
        inbox.Clear();
        foreach (var message in messages)
        {
            Core.Step(message, now);
        }

        if (now >= nextTick)
        {
            nextTick = now + tickMs;
            Core.Tick(now);
        }

        Finish(now, send, apply);
        Begin(now, healed, send, confirm);
    }

    private void Begin(long now, bool healed, Action<RaftMessage> send, Action<ReadState> confirm)
    {
        if (writing is not null)
        {
            if (random.Next(2) == 0)
            {
                foreach (var message in Core.TakeEarly())
                {
                    send(message);
                }
            }

            return;
        }

        if (!Core.HasReady)
        {
            return;
        }

        writing = Core.TakeReady();
        writtenAt = now + (healed ? random.Next(3) : random.Next(15));
        foreach (var message in writing.Early)
        {
            send(message);
        }

        foreach (var read in writing.Reads)
        {
            confirm(read);
        }
    }

    private void Finish(long now, Action<RaftMessage> send, Action<ChaosReplica, Entry> apply)
    {
        if (writing is null || now < writtenAt)
        {
            return;
        }

        var ready = writing;
        writing = null;
        Persist(ready);
        foreach (var message in ready.Late)
        {
            send(message);
        }

        foreach (var entry in ready.Committed)
        {
            apply(this, entry);
        }

        Core.Advance(ready);
    }

    private void Persist(Ready ready)
    {
        if (ready.HardState is { } hard)
        {
            Log.SetHardState(hard);
        }

        if (ready.Snapshot is { } mark)
        {
            Log.ApplySnapshot(mark);
        }

        Log.Append(ready.Entries);
    }

    private void Restart()
    {
        crashed = false;
        inbox.Clear();
        Log.InitialConfiguration = Log.Snapshot.Index > 0 ? Log.Snapshot.Configuration : first;
        Core = new RaftCore(options, Log, Log.Snapshot.Index);
    }
}
