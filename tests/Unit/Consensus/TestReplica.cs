using System.Text;
using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.Unit.Consensus;

/// <summary>A core with a log in memory, whose work is carried out when a test says so. Ticks are 100 ms, the shortest election timeout is 1000 ms.</summary>
internal sealed class TestReplica
{
    private readonly RaftOptions options;
    private readonly ConfigurationState configuration;

    public TestReplica(RaftOptions options, ConfigurationState configuration, HardState hard = default, params ulong[] terms)
    {
        this.options = options;
        this.configuration = configuration;
        Log = new MemoryLog { InitialConfiguration = configuration };
        Log.SetHardState(hard);
        Log.Append([.. terms.Select((t, i) => new Entry(t, (ulong)i + 1, EntryKind.Normal, default))]);
        Core = new RaftCore(options, Log, 0);
    }

    public RaftCore Core { get; private set; }

    public MemoryLog Log { get; }

    public List<Entry> Applied { get; } = [];

    public List<ReadState> Reads { get; } = [];

    /// <summary>Texts of the applied entries that have one.</summary>
    public IEnumerable<string> Texts => Applied.Where(e => e.Kind == EntryKind.Normal && e.Data.Length > 0).Select(e => Encoding.UTF8.GetString(e.Data.Span));

    /// <summary>Terms of the persisted entries, in order.</summary>
    public IEnumerable<ulong> Terms => Log.Read(Log.FirstIndex, Log.LastIndex + 1, long.MaxValue).Select(e => e.Term);

    public static RaftOptions Options(ulong id, bool preVote = false) => new() { Id = id, Random = new Random((int)id), PreVote = preVote };

    public static TestReplica Of(ulong id, int voters, HardState hard = default, params ulong[] terms) =>
        new(Options(id), ConfigurationState.OfVoters(Enumerable.Range(1, voters).Select(i => (ulong)i)), hard, terms);

    public bool Propose(string text) => Core.TryPropose(EntryKind.Normal, Encoding.UTF8.GetBytes(text), out _, out _);

    /// <summary>Carries out everything that is owed and answers what was sent.</summary>
    public List<RaftMessage> Work()
    {
        var sent = new List<RaftMessage>();
        while (Core.HasReady)
        {
            var ready = Core.TakeReady();
            sent.AddRange(ready.Early);
            Persist(ready);
            sent.AddRange(ready.Late);
            Applied.AddRange(ready.Committed);
            Reads.AddRange(ready.Reads);
            Core.Advance(ready);
        }

        return sent;
    }

    public void Persist(Ready ready)
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

    /// <summary>Steps one message and carries out what it causes.</summary>
    public List<RaftMessage> Answer(RaftMessage message, long now = 0)
    {
        Core.Step(message, now);
        return Work();
    }

    /// <summary>Campaigns and takes the votes of <paramref name="voters"/>.</summary>
    public TestReplica Lead(long now = 0, params ulong[] voters)
    {
        Core.Campaign(now);
        Work();
        foreach (var voter in voters)
        {
            Answer(new VoteResponse(voter, Core.Id, Core.Term, false), now);
        }

        return this;
    }

    public void Ticks(int count, ref long now)
    {
        for (var i = 0; i < count; i++)
        {
            now += options.TickMs;
            Core.Tick(now);
        }
    }

    /// <summary>Loses everything but what was persisted.</summary>
    public void Restart()
    {
        Applied.Clear();
        Log.InitialConfiguration = Log.Snapshot.Index > 0 ? Log.Snapshot.Configuration : configuration;
        Core = new RaftCore(options, Log, Log.Snapshot.Index);
    }
}
