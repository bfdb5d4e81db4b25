using ShardConsole.NodeAgent.Migration.Core;

namespace ShardConsole.Unit.Migration;

public sealed class CopyPaceTests
{
    private readonly CopyPace pace = new();

    [Fact]
    public void Slow_clients_halve_the_copy_down_to_its_least_and_fast_ones_let_it_grow_again()
    {
        Assert.Equal([0.5, 0.25], [pace.Look(2000, 1000, copies: true), pace.Look(1001, 1000, copies: true)]);
        for (var i = 0; i < 20; i++)
        {
            pace.Look(2000, 1000, copies: true);
        }

        Assert.Equal(CopyPace.Least, pace.Share);
        Assert.Equal(CopyPace.Least + 0.1, pace.Look(799, 1000, copies: true), 9);
        for (var i = 0; i < 20; i++)
        {
            pace.Look(0, 1000, copies: false);
        }

        Assert.Equal(1, pace.Share);
    }

    [Fact]
    public void Between_the_two_limits_it_stays_and_what_copies_nothing_is_not_cut()
    {
        pace.Look(2000, 1000, copies: true);

        Assert.Equal(0.5, pace.Look(900, 1000, copies: true));
        Assert.Equal(0.5, pace.Look(2000, 1000, copies: false));
        Assert.Equal(1, pace.Look(2000, 0, copies: true));
    }

    [Fact]
    public void Buckets_under_way_in_all_streams_share_one_window_and_what_is_given_up_frees_it()
    {
        var budget = new CopyBudget(1_000_000, 0, windowBytes: 1000);
        budget.Send(999);
        Assert.True(budget.HasRoom);
        budget.Send(500);
        Assert.False(budget.HasRoom);
        budget.Land(500);
        Assert.Equal((999, true), (budget.UnderWay, budget.HasRoom));
    }
}
