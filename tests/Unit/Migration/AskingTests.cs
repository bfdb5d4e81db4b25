using ShardConsole.NodeAgent.Migration.Core;

namespace ShardConsole.Unit.Migration;

/// <summary>DESIGN section 6, who decides: a leader reads M's records "on taking office, every second, and on any hint".</summary>
public sealed class AskingTests
{
    private static readonly MigrationOptions Options = new() { AskMs = 1000 };

    [Fact]
    public void A_leader_asks_on_taking_office_and_every_second_and_leaders_that_took_office_at_different_times_ask_together()
    {
        Assert.Equal([10, 1000, 2000, 3000], TimesOfQuestions(tookOfficeMs: 10, hintMs: -1));
        Assert.Equal([730, 1000, 2000, 3000], TimesOfQuestions(tookOfficeMs: 730, hintMs: -1));
    }

    [Fact]
    public void A_leader_asks_at_once_on_a_hint() => Assert.Equal([10, 1000, 1500, 2000, 3000], TimesOfQuestions(tookOfficeMs: 10, hintMs: 1500));

    private static List<int> TimesOfQuestions(int tookOfficeMs, int hintMs)
    {
        var machine = new MachineScript(owned: true).Machine;
        var leader = new ShardLeaderCore(machine, 1, Options, new CopyBudget(1, 0), tookOfficeMs * 1000L);
        var times = new List<int>();
        for (var ms = tookOfficeMs; ms < 3500; ms += 10)
        {
            if (ms == hintMs)
            {
                leader.OnMessage(new ShardMessage(Shared.Cluster.GroupId.Meta, Shared.Cluster.GroupId.Of(machine.Shard), RecordsChanged.Instance), ms * 1000L);
            }

            times.AddRange(leader.TakeWork(ms * 1000L).Messages.Where(m => m.Body is AskRecords).Select(_ => ms));
        }

        return times;
    }
}
