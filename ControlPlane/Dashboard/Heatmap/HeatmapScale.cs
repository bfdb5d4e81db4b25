namespace ShardConsole.ControlPlane.Dashboard.Heatmap;

/// <summary>
/// How a value becomes a byte: 254 · ln(1 + v/k0) / ln(1 + V/k0) with k0 = V/4096, so a step is 3.3 % of the value.
/// Above V clamps; 255 is "no data". The browser brightens on top of this without asking again.
/// </summary>
/// <param name="Top">V, above 0: 99.9th percentile of the unzoomed view.</param>
internal readonly record struct HeatmapScale(double Top)
{
    /// <summary>The byte of a cell without data.</summary>
    public const byte NoData = 255;

    /// <summary>The byte of an error of 0.</summary>
    public const byte AsForecast = 127;

    /// <summary>k0.</summary>
    public double Knee => Top / 4096;

    /// <summary>The scale for these values; NaN is passed over. Never 0, so that a silent cluster divides by nothing.</summary>
    public static HeatmapScale For(IEnumerable<float> values)
    {
        var sorted = values.Where(float.IsFinite).Select(Math.Abs).ToArray();
        if (sorted.Length == 0)
        {
            return new HeatmapScale(1);
        }

        Array.Sort(sorted);
        var top = sorted[(int)(0.999 * (sorted.Length - 1))];
        return new HeatmapScale(top > 0 ? top : 1);
    }

    /// <summary>The last scale where it still fits: this one's top is at most a tenth above it, and not below two thirds of it.</summary>
    public HeatmapScale OrKeep(HeatmapScale? last) => last is { } kept && Top <= kept.Top * 1.1 && Top >= kept.Top * 0.67 ? kept : this;

    /// <summary>0..254, or <see cref="NoData"/> for NaN. Negative values count as 0.</summary>
    public byte Code(double value) => double.IsNaN(value) ? NoData : (byte)Math.Round(254 * Part(value));

    /// <summary>0..254 around <see cref="AsForecast"/>, or <see cref="NoData"/> for NaN.</summary>
    public byte ErrorCode(double error) =>
        double.IsNaN(error) ? NoData : (byte)(AsForecast + (Math.Sign(error) * (int)Math.Round(127 * Part(Math.Abs(error)))));

    /// <summary>The value in the middle of a byte's step.</summary>
    public double Value(byte code) => Knee * (Math.Exp(code / 254.0 * Math.Log(1 + (Top / Knee))) - 1);

    private double Part(double value) => Math.Clamp(Math.Log(1 + (Math.Max(0, value) / Knee)) / Math.Log(1 + (Top / Knee)), 0, 1);
}
