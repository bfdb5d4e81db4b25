using ShardConsole.ControlPlane.History;

namespace ShardConsole.Unit.History;

public sealed class QuantisedTests
{
    [Theory]
    [InlineData(0f)]
    [InlineData(1f)]
    [InlineData(0.001f)]
    [InlineData(1234.567f)]
    [InlineData(9.87e11f)]
    [InlineData(1.999999f)]
    public void A_value_comes_back_within_its_relative_error(float value) =>
        Assert.InRange(Quantised.Decode(Quantised.Encode(value)), value * (1 - 1 / 2048f), value * (1 + 1 / 2048f));

    [Fact]
    public void A_gap_stays_a_gap_and_tiny_values_become_zero()
    {
        Assert.True(float.IsNaN(Quantised.Decode(Quantised.Encode(float.NaN))));
        Assert.Equal(0, Quantised.Decode(Quantised.Encode(1e-12f)));
        Assert.Equal(0, Quantised.Decode(Quantised.Encode(-3)));
        Assert.InRange(Quantised.Decode(Quantised.Encode(float.PositiveInfinity)), 1.7e13f, 1.8e13f);
    }

    [Fact]
    public void Every_code_is_its_own_value()
    {
        for (var code = 0; code <= ushort.MaxValue; code++)
        {
            Assert.Equal(code, Quantised.Encode(Quantised.Decode((ushort)code)));
        }
    }

    [Fact]
    public void Planes_come_back_whole_and_damage_is_seen()
    {
        var blob = PlaneCodec.Encode([1, 2, float.NaN], [0, 4096, 0.5f]);

        Assert.Equal([[1, 2, float.NaN], [0, 4096, 0.5f]], PlaneCodec.Decode(blob));
        Assert.Null(PlaneCodec.Decode(blob[..^1]));
        Assert.Null(PlaneCodec.Decode([2, .. blob[1..]]));
        Assert.Null(PlaneCodec.Decode([1]));
    }
}
