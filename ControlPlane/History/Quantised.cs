namespace ShardConsole.ControlPlane.History;

/// <summary>
/// Numbers of at least 0 in 16 bits: 6 bits of exponent, 10 of mantissa. Relative error at most 2^-11 from 1e-6 to 1.7e13; what is smaller
/// becomes 0, what is larger the largest. Persisted: the coding never changes.
/// </summary>
internal static class Quantised
{
    private const ushort Gap = 0xFFFF;
    private const int MantissaBits = 10;
    private const int LeastExponent = -20;
    private const int Bias = (127 + LeastExponent) << MantissaBits;

    /// <summary>The code of a value; NaN has its own.</summary>
    public static ushort Encode(float value)
    {
        if (float.IsNaN(value))
        {
            return Gap;
        }

        if (value <= 0)
        {
            return 0;
        }

        var rounded = (int)((BitConverter.SingleToUInt32Bits(value) + (1u << (22 - MantissaBits))) >> (23 - MantissaBits)) - Bias;
        return (ushort)Math.Clamp(rounded, 0, Gap - 1);
    }

    /// <summary>The value of a code.</summary>
    public static float Decode(ushort code) => code switch
    {
        0 => 0,
        Gap => float.NaN,
        _ => BitConverter.UInt32BitsToSingle((uint)(code + Bias) << (23 - MantissaBits)),
    };
}
