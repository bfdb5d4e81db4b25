using ShardConsole.ControlPlane.Replay;

namespace ShardConsole.Unit.Replay;

public sealed class AmplifiedLogTests
{
    private static readonly DateTimeOffset Begin = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Without_a_spread_all_copies_come_at_the_time_of_their_request_and_in_its_place()
    {
        var all = AmplifiedLog.Of([At(0, "a"), At(0, "b"), At(1, "c")], 2, 0).Select(r => ((r.At - Begin).TotalSeconds, r.Of.Key, r.Copy));

        Assert.Equal([(0, "a", 0), (0, "a", 1), (0, "b", 0), (0, "b", 1), (1, "c", 0), (1, "c", 1)], all);
    }

    [Fact]
    public void A_spread_lays_the_copies_evenly_behind_their_request_in_the_order_of_the_times()
    {
        var all = AmplifiedLog.Of([At(0, "a"), At(1, "b")], 4, 8).Select(r => ((r.At - Begin).TotalSeconds, r.Of.Key, r.Copy));

        Assert.Equal([(0, "a", 0), (1, "b", 0), (2, "a", 1), (3, "b", 1), (4, "a", 2), (5, "b", 2), (6, "a", 3), (7, "b", 3)], all.Select(r => (r.TotalSeconds, r.Key, r.Copy)));
    }

    [Fact]
    public void Every_derived_key_keeps_the_order_of_its_requests()
    {
        var random = new Random(3);
        var second = 0.0;
        var log = Enumerable.Range(0, 500).Select(_ => At(second += random.Next(0, 4), $"k{random.Next(5)}")).ToList();

        var all = AmplifiedLog.Of(log, 7, 30).ToList();

        Assert.Equal(log.Count * 7, all.Count);
        Assert.Equal(all.Select(r => r.At).Order(), all.Select(r => r.At));
        foreach (var derived in all.GroupBy(r => (r.Of.Key, r.Copy)))
        {
            Assert.Equal(log.Where(r => r.Key == derived.Key.Key).Select(r => r.At), derived.Select(r => r.Of.At));
        }
    }

    private static LoggedRequest At(double second, string key) => new(Begin.AddSeconds(second), key, false);
}
