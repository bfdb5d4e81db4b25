namespace ShardConsole.Simulation;

public sealed class LinearizabilityTests
{
    private const long Never = long.MaxValue;

    [Fact]
    public void Reads_of_the_latest_write_are_linearizable() =>
        Assert.Null(Linearizability.WhyNot([Write("a", 1, 2), Read("a", 3, 4), Write("b", 5, 6), Read("b", 7, 8)]));

    [Fact]
    public void A_read_of_an_overwritten_value_is_not() =>
        Assert.NotNull(Linearizability.WhyNot([Write("a", 1, 2), Write("b", 3, 4), Read("a", 5, 6)]));

    [Fact]
    public void Concurrent_writes_may_be_ordered_as_the_reads_want() =>
        Assert.Null(Linearizability.WhyNot([Write("a", 1, 10), Write("b", 1, 10), Read("a", 11, 12)]));

    [Fact]
    public void Two_readers_must_agree_on_the_order() =>
        Assert.NotNull(Linearizability.WhyNot([Write("a", 1, 10), Write("b", 1, 10), Read("a", 11, 12), Read("b", 13, 14)]));

    [Fact]
    public void A_write_that_was_never_answered_may_have_happened() =>
        Assert.Null(Linearizability.WhyNot([Write("a", 1, Never), Read(null, 2, 3), Read("a", 4, 5)]));

    [Fact]
    public void A_write_that_was_never_answered_cannot_happen_twice() =>
        Assert.NotNull(Linearizability.WhyNot([Write("a", 1, Never), Read("a", 2, 3), Write("b", 4, 5), Read("b", 6, 7), Read("a", 8, 9)]));

    [Fact]
    public void A_lost_write_shows() => Assert.NotNull(Linearizability.WhyNot([Write("a", 1, 2), Read(null, 3, 4)]));

    [Fact]
    public void A_read_before_its_write_shows() => Assert.NotNull(Linearizability.WhyNot([Read("a", 1, 2), Write("a", 3, 4)]));

    [Fact]
    public void A_long_history_is_decided_quickly()
    {
        var history = Enumerable.Range(0, 2000).SelectMany(i => new[] { Write($"{i}", (i * 10) + 1, (i * 10) + 12), Read($"{i}", (i * 10) + 2, (i * 10) + 13) }).ToList();
        history.Add(Write("lost", 5, Never));

        Assert.Null(Linearizability.WhyNot(history));
    }

    private static Operation Write(string value, long start, long end) => new(true, value, start, end);

    private static Operation Read(string? value, long start, long end) => new(false, value, start, end);
}
