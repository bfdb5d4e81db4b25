using ShardConsole.ControlPlane.Fleet;

namespace ShardConsole.Unit.Fleet;

public sealed class SequenceWindowTests
{
    [Fact]
    public void Each_sequence_is_taken_once_in_any_order()
    {
        var window = new SequenceWindow();

        Assert.Equal([true, true, true, false, false, true], new long[] { 1, 5, 3, 5, 3, 4 }.Select(window.TryTake));
        Assert.Equal(5, window.Last);
    }

    [Fact]
    public void What_lies_below_the_window_counts_as_taken()
    {
        var window = new SequenceWindow();
        window.TryTake(1 + SequenceWindow.Length);

        Assert.False(window.TryTake(1));
        Assert.True(window.TryTake(2));
        Assert.False(window.TryTake(2));
    }

    [Fact]
    public void A_jump_over_the_whole_window_forgets_nothing_that_matters()
    {
        var window = new SequenceWindow();
        window.TryTake(7);
        window.TryTake(1_000_000);

        Assert.False(window.TryTake(1_000_000));
        Assert.False(window.TryTake(7));
        Assert.True(window.TryTake(999_999));
        Assert.True(window.TryTake(1_000_000 - SequenceWindow.Length + 1));
    }

    [Fact]
    public void A_kept_window_remembers_and_a_damaged_one_takes_nothing_old()
    {
        var window = new SequenceWindow();
        window.TryTake(1);
        window.TryTake(3);

        var kept = SequenceWindow.Restore(window.Last, window.Bits());
        Assert.Equal([false, true, false, true], new long[] { 1, 2, 3, 4 }.Select(kept.TryTake));
        var damaged = SequenceWindow.Restore(3, [1]);
        Assert.Equal([false, false, true], new long[] { 2, 3, 4 }.Select(damaged.TryTake));
    }

    [Fact]
    public void A_sequence_given_back_can_be_taken_again()
    {
        var window = new SequenceWindow();
        window.TryTake(1);
        window.GiveBack(1);

        Assert.True(window.TryTake(1));
        Assert.False(window.TryTake(1));
    }
}
