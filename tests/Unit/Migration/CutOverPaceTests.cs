using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Migration.Core;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;
using ShardConsole.Shared.Plans;

namespace ShardConsole.Unit.Migration;

/// <summary>How many segments M's leader lets be closed at once.</summary>
public sealed class CutOverPaceTests
{
    private const int Moves = 20;
    private static readonly MigrationOptions Options = new() { MaxCutOvers = 4, CutOverAimMs = 10 };

    private readonly MetaMachine machine = new();
    private readonly MetaLeaderCore leader;
    private readonly List<ulong> ids = [];
    private readonly ShardId source;
    private ulong index;

    public CutOverPaceTests()
    {
        var members = Enumerable.Range(1, 3)
            .Select(i => new Member(new NodeId((ulong)i), $"n{i}", "", new NodeCapacity(500, 0, 0, 0), new NodeAddresses("127.0.0.1", 1, 2, 3, 4))).ToList();
        Apply(new FoundCluster(1, Founding.Create("c", members, 1024, 1, null)), 0);
        Apply(new ChangeLimits(1, MigrationLimits.Default with { BatchSegments = Moves, ClientP99GuardMicros = 5000 }), 0);
        var map = machine.State.Map;
        source = map.Shards[0].Id;
        var moved = Enumerable.Range(0, map.SegmentCount).Select(s => new SegmentId((ushort)s)).Where(s => map.OwnerOf(s) == source).Take(Moves).ToList();
        foreach (var (segment, number) in moved.Select((s, i) => (s, i + 1)))
        {
            Apply(new BeginMigration(1, "p", number, segment, source, map.Shards[1].Id, "me", ""), 0);
            ids.Add(index);
        }

        foreach (var id in ids)
        {
            Apply(new AdmitMigration(2, id), 0);
            Apply(new NoteImporting(3, id), 0);
            Apply(new NoteVerified(4, id), 0);
        }

        leader = new MetaLeaderCore(machine, Options, 0, 1);
        Report(0);
    }

    [Fact]
    public void Short_cut_overs_let_more_be_closed_at_once_up_to_the_limit_the_oldest_first()
    {
        Assert.Equal([ids[0]], Allowed(0));
        Assert.Empty(Allowed(1000));

        Serve(ids[0], 5000);
        Assert.Equal(ids[1..3], Allowed(5000));
        Serve(ids[1], 9000);
        Serve(ids[2], 9000);
        Assert.Equal(ids[3..6], Allowed(9000));
        for (var (at, next) = (9000L, 3); next < 12; next++)
        {
            Serve(ids[next], at += 1000);
            Assert.InRange(Allowed(at).Count, 0, 2);
            Assert.InRange(machine.State.Migrations.Values.Count(m => m.Phase == MigrationPhase.CuttingOver), 1, Options.MaxCutOvers);
        }

        Assert.Equal(Options.MaxCutOvers, machine.State.Migrations.Values.Count(m => m.Phase == MigrationPhase.CuttingOver));
    }

    [Fact]
    public void A_long_one_halves_their_number_once_for_all_that_were_closed_with_it()
    {
        var pace = new CutOverPace(16, 10_000);
        for (var i = 0; i < 200; i++)
        {
            pace.OnServed(10_000);
        }

        Assert.Equal(16, pace.AtOnce);
        for (var i = 0; i < 16; i++)
        {
            pace.OnServed(10_001);
        }

        Assert.Equal(8, pace.AtOnce);
        pace.OnServed(10_001);
        Assert.Equal(4, pace.AtOnce);
        for (var i = 0; i < 20; i++)
        {
            pace.OnServed(10_001);
        }

        Assert.Equal(1, pace.AtOnce);
    }

    [Fact]
    public void Clients_that_wait_longer_than_the_guard_allows_make_them_fewer()
    {
        for (var (at, next) = (0L, 0); next < 6; next++)
        {
            _ = Allowed(at);
            Serve(ids[next], at += 1000);
        }

        _ = Allowed(9000);
        var closed = machine.State.Migrations.Values.Where(m => m.Phase == MigrationPhase.CuttingOver).Select(m => m.Id).ToList();
        Assert.Equal(Options.MaxCutOvers, closed.Count);
        foreach (var id in closed)
        {
            Serve(id, 9500);
        }

        leader.OnMessage(new ShardMessage(GroupId.Of(source), GroupId.Meta, new ClientsWait(5001)), 9500);
        leader.Tick(1_000_000, 1000);
        Assert.Equal(2, Allowed(1_000_000).Count);
    }

    [Fact]
    public void What_was_allowed_and_cannot_begin_gives_its_place_back()
    {
        Assert.Equal([ids[0]], Close(0));
        Apply(new PauseMigration(5, ids[0], true, "me", ""), 1000);
        Assert.Empty(Close(1000));

        leader.Tick(300_000, 300);
        Assert.Equal([ids[1]], Close(300_000));
    }

    /// <summary>What is allowed now; it is applied.</summary>
    private List<ulong> Allowed(long nowMicros)
    {
        var allowed = Close(nowMicros);
        foreach (var id in allowed)
        {
            Apply(new AllowCutOver(5, id), nowMicros);
        }

        return allowed;
    }

    /// <summary>What is allowed now, each after its read-index.</summary>
    private List<ulong> Close(long nowMicros)
    {
        foreach (var read in leader.TakeWork().Reads)
        {
            leader.OnRead(read, nowMicros);
        }

        return [.. leader.TakeWork().Proposals.OfType<AllowCutOver>().Select(c => c.Migration)];
    }

    private void Serve(ulong id, long nowMicros)
    {
        Apply(new CommitMigration(6, id, 17), nowMicros);
        Apply(new NoteActivated(7, id), nowMicros);
    }

    private void Report(long nowMicros)
    {
        foreach (var id in ids)
        {
            leader.OnMessage(new ShardMessage(GroupId.Of(source), GroupId.Meta, new StreamProgress(id, 1, 1, 1, 1, 1, 0, 0, true, 0)), nowMicros);
        }
    }

    private void Apply(MetaCommand command, long nowMicros)
    {
        var result = machine.Apply(new Entry(1, ++index, EntryKind.Normal, command.Encode()));
        leader?.OnApplied(result, nowMicros);
    }
}
