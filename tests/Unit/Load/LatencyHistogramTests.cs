using ShardConsole.NodeAgent.Load;

namespace ShardConsole.Unit.Load;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Every_time_lies_in_its_bin()
    {
        for (long micros = 0; micros < 20_000_000; micros += 1 + (micros / 50))
        {
            var bin = LatencyHistogram.BinOf(micros);
            Assert.True(LatencyHistogram.LowerMicros(bin) <= micros);
            Assert.True(bin == LatencyHistogram.Bins - 1 || micros < LatencyHistogram.LowerMicros(bin + 1));
        }

        Assert.Equal(0, LatencyHistogram.BinOf(-1));
        Assert.Equal(LatencyHistogram.Bins - 1, LatencyHistogram.BinOf(long.MaxValue));
    }

    [Fact]
    public void A_quantile_is_off_by_at_most_an_eighth()
    {
        var counts = new uint[LatencyHistogram.Bins];
        for (var micros = 1; micros <= 10_000; micros++)
        {
            counts[LatencyHistogram.BinOf(micros)]++;
        }

        Assert.InRange(LatencyHistogram.Quantile(counts, 0.5), 4_375, 5_625);
        Assert.InRange(LatencyHistogram.Quantile(counts, 0.99), 8_660, 11_140);
        Assert.Equal(0, LatencyHistogram.Quantile(new uint[LatencyHistogram.Bins], 0.5));
    }
}
