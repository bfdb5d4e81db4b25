using ShardConsole.ControlPlane.Dashboard.Text;

namespace ShardConsole.Unit.Dashboard;

/// <summary>Numbers as the console writes them. A dot in the expectation stands for a no-break space, an underscore for a thin one.</summary>
public sealed class ShowTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.42, "0.42")]
    [InlineData(0.004, "<.0.01")]
    [InlineData(1.75, "1.75")]
    [InlineData(1.50, "1.5")]
    [InlineData(11.64, "11.6")]
    [InlineData(96, "96")]
    [InlineData(137.4, "137")]
    [InlineData(1024, "1_024")]
    [InlineData(-6.2, "−6.2")]
    [InlineData(double.NaN, "–")]
    public void A_number_has_three_significant_digits_and_no_trailing_zero(double value, string expected) => Assert.Equal(expected, Plain(Show.Number(value)));

    [Theory]
    [InlineData(0, "0.B")]
    [InlineData(999, "999.B")]
    [InlineData(2_100_000_000, "2.1.GB")]
    [InlineData(312_000_000, "312.MB")]
    [InlineData(999_600, "1.MB")]
    [InlineData(double.NaN, "–")]
    public void Bytes_are_decimal(double value, string expected) => Assert.Equal(expected, Plain(Show.Bytes(value)));

    [Theory]
    [InlineData(96_000, "96.k.ops/s")]
    [InlineData(212, "212.ops/s")]
    [InlineData(1_240_000, "1.24.M.ops/s")]
    public void A_rate_takes_k_and_M(double value, string expected) => Assert.Equal(expected, Plain(Show.Rate(value, "ops/s")));

    [Theory]
    [InlineData(0.914, "91.%")]
    [InlineData(1.36, "136.%")]
    [InlineData(0, "0.%")]
    [InlineData(0.002, "<.1.%")]
    [InlineData(double.PositiveInfinity, "–")]
    public void Per_cent_has_no_decimals(double ratio, string expected) => Assert.Equal(expected, Plain(Show.Percent(ratio)));

    [Theory]
    [InlineData(0.42, "+42.%")]
    [InlineData(-0.06, "−6.%")]
    [InlineData(0, "0.%")]
    public void A_change_has_its_sign(double ratio, string expected) => Assert.Equal(expected, Plain(Show.Change(ratio)));

    [Theory]
    [InlineData(137, "137.mcore")]
    [InlineData(999.4, "999.mcore")]
    [InlineData(3500, "3.5.cores")]
    public void A_load_score_becomes_cores_from_a_thousand_on(double value, string expected) => Assert.Equal(expected, Plain(Show.Score(value)));

    [Theory]
    [InlineData(0, "0.s")]
    [InlineData(0.0031, "3.1.ms")]
    [InlineData(20, "20.s")]
    [InlineData(240, "4.min")]
    [InlineData(3900, "1.h.05.min")]
    [InlineData(90000, "25.h.00.min")]
    [InlineData(183600, "2.d.03.h")]
    [InlineData(-20, "−20.s")]
    public void A_duration_uses_the_two_largest_units(double seconds, string expected) => Assert.Equal(expected, Plain(Show.Duration(TimeSpan.FromSeconds(seconds))));

    [Fact]
    public void A_duration_that_is_unknown_is_a_dash() => Assert.Equal("–", Show.Seconds(double.NaN));

    [Fact]
    public void Things_are_counted_in_the_right_number()
    {
        Assert.Equal("1.move", Plain(Show.Of(1, "move")));
        Assert.Equal("12.moves", Plain(Show.Of(12, "move")));
        Assert.Equal("Two", Show.Sentence(Show.Word(2)));
    }

    private static string Plain(string shown)
    {
        // Decimal points stay; only the special spaces are made visible.
        Assert.DoesNotContain(' ', shown);
        return shown.Replace('\u00A0', '.').Replace('\u2009', '_');
    }
}
