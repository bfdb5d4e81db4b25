using System.Runtime.InteropServices;
using ShardConsole.ControlPlane.Forecasting.Models;

namespace ShardConsole.ControlPlane.Forecasting.Streaming;

/// <summary>
/// Everything that is remembered of one series: its last 28 days, the regressions, the experts' errors, forecasts that wait to be judged and the
/// combination's own errors. Only <see cref="StreamCore"/> changes it.
/// </summary>
internal sealed class SeriesState
{
    /// <summary>Transforms: 0 = logarithmic, 1 = linear.</summary>
    public const int Transforms = 2;

    /// <summary>Elements of a symmetric matrix of the features, lower triangle row by row.</summary>
    public const int Packed = Features.Count * (Features.Count + 1) / 2;

    private readonly int[] memoryAt;

    public SeriesState(Cadence cadence)
    {
        Cadence = cadence;
        memoryAt = Experts.MemoryAt(cadence);
        Memory = new float[memoryAt[^1]];
        var grid = cadence.Grid.Length;
        Values = new float[Math.Min(cadence.Kept, 64)];
        Gram = new float[Transforms * grid * Packed];
        Cross = new float[Transforms * grid * Features.Count];
        Beta = new double[Transforms * grid * Features.Count];
        Huber = new double[Transforms * grid];
        ErrorSum = new double[grid * Experts.Judged];
        ErrorCount = new double[grid * Experts.Judged];
        Issued = new float[cadence.IssueKept.Sum() * Experts.Issued];
        Residuals = new Half[cadence.ResidualKept.Sum()];
        Reset();
    }

    /// <summary>Step, horizons, sizes.</summary>
    public Cadence Cadence { get; }

    /// <summary>The newest values, oldest first. The sign bit marks a value that was not measured but filled in.</summary>
    public float[] Values { get; set; }

    /// <summary>Values in use. Invariant: 0 &lt;= Length &lt;= Cadence.Kept.</summary>
    public int Length { get; set; }

    /// <summary>Values ever appended minus <see cref="Length"/>: the number of the oldest one kept.</summary>
    public long First { get; set; }

    /// <summary>Largest value ever measured; 0: nothing is learnt, the forecast is 0.</summary>
    public float Largest { get; set; }

    /// <summary>Steps without a measured value.</summary>
    public long Gaps { get; set; }

    /// <summary>Values that were refused because they were negative or not a number.</summary>
    public long Refused { get; set; }

    /// <summary>Number of values at the last fit.</summary>
    public long FittedAt { get; set; }

    /// <summary>Number of the first origin that is learnt from.</summary>
    public long LearnFrom { get; set; }

    /// <summary>c of z = ln(y + c), above 0.</summary>
    public double Offset { get; set; } = 1;

    /// <summary>Per transform: mean and standard deviation that z is standardised by.</summary>
    public double[] Centre { get; } = new double[Transforms];

    /// <inheritdoc cref="Centre"/>
    public double[] Scale { get; } = [1, 1];

    /// <summary>Per transform: smallest and largest standardised value seen.</summary>
    public double[] Low { get; } = new double[Transforms];

    /// <inheritdoc cref="Low"/>
    public double[] High { get; } = new double[Transforms];

    /// <summary>A of the ridge, [transform][grid][packed].</summary>
    public float[] Gram { get; }

    /// <summary>b of the ridge, [transform][grid][feature].</summary>
    public float[] Cross { get; }

    /// <summary>Coefficients in force, [transform][grid][feature].</summary>
    public double[] Beta { get; }

    /// <summary>a of the Huber weights, [transform][grid].</summary>
    public double[] Huber { get; }

    /// <summary>Decayed absolute errors of the experts, [grid][expert].</summary>
    public double[] ErrorSum { get; }

    /// <summary>Decayed number of errors, [grid][expert].</summary>
    public double[] ErrorCount { get; }

    /// <summary>Rings of forecasts that wait to be judged, per grid horizon, by number modulo their size; NaN = none.</summary>
    public float[] Issued { get; }

    /// <summary>Rings of the combination's errors, per grid horizon; NaN = none.</summary>
    public Half[] Residuals { get; }

    /// <summary>What the experts remember, one after the other.</summary>
    public float[] Memory { get; }

    /// <summary>Bytes that the arrays take.</summary>
    public long SizeBytes => (4L * (Values.Length + Gram.Length + Cross.Length + Issued.Length + Memory.Length)) + (2L * Residuals.Length)
        + (8L * (Beta.Length + Huber.Length + ErrorSum.Length + ErrorCount.Length + 8)) + 400;

    /// <summary>What one expert remembers.</summary>
    public Span<float> MemoryOf(int expert) => Memory.AsSpan(memoryAt[expert], memoryAt[expert + 1] - memoryAt[expert]);

    /// <summary>The value that a standardised one stands for, kept near the range that was seen; never below 0.</summary>
    public double ToValue(int transform, double z)
    {
        var range = High[transform] - Low[transform];
        z = Math.Clamp(z, Low[transform] - (0.1 * range), High[transform] + (0.25 * range));
        z = (z * Scale[transform]) + Centre[transform];
        return Math.Max(0, transform == 0 ? Math.Exp(z) - Offset : z);
    }

    /// <summary>Writes everything, so that <see cref="Read"/> gives back the same bits. The form is persisted.</summary>
    public void Write(BinaryWriter writer)
    {
        foreach (var number in new[] { Length, First, Gaps, Refused, FittedAt, LearnFrom })
        {
            writer.Write(number);
        }

        writer.Write(Largest);
        writer.Write(Offset);
        writer.Write(MemoryMarshal.AsBytes(Values.AsSpan(0, Length)));
        foreach (var values in new[] { Centre, Scale, Low, High, Beta, Huber, ErrorSum, ErrorCount })
        {
            writer.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        }

        foreach (var values in new[] { Gram, Cross, Issued, Memory })
        {
            writer.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        }

        writer.Write(MemoryMarshal.AsBytes(Residuals.AsSpan()));
    }

    /// <summary>Reads what <see cref="Write"/> wrote for the same cadence. Throws <see cref="EndOfStreamException"/> or <see cref="InvalidDataException"/> on anything else.</summary>
    public static SeriesState Read(BinaryReader reader, Cadence cadence)
    {
        var length = reader.ReadInt64();
        if (length < 0 || length > cadence.Kept)
        {
            throw new InvalidDataException($"A series of {length} values cannot be: at most {cadence.Kept} are kept.");
        }

        var state = new SeriesState(cadence)
        {
            Length = (int)length,
            First = reader.ReadInt64(),
            Gaps = reader.ReadInt64(),
            Refused = reader.ReadInt64(),
            FittedAt = reader.ReadInt64(),
            LearnFrom = reader.ReadInt64(),
            Largest = reader.ReadSingle(),
            Offset = reader.ReadDouble(),
            Values = new float[Math.Max(length, Math.Min(cadence.Kept, 64))],
        };
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(state.Values.AsSpan(0, (int)length)));
        foreach (var values in new[] { state.Centre, state.Scale, state.Low, state.High, state.Beta, state.Huber, state.ErrorSum, state.ErrorCount })
        {
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        }

        foreach (var values in new[] { state.Gram, state.Cross, state.Issued, state.Memory })
        {
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        }

        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(state.Residuals.AsSpan()));
        return state;
    }

    /// <summary>Forgets what was learnt; keeps the values.</summary>
    public void Reset()
    {
        Array.Clear(Gram);
        Array.Clear(Cross);
        Array.Clear(Memory);
        Array.Fill(Huber, 0.5);
        Array.Clear(ErrorSum);
        Array.Clear(ErrorCount);
        Array.Fill(Issued, float.NaN);
        Array.Fill(Residuals, Half.NaN);
        Array.Fill(Low, double.MaxValue);
        Array.Fill(High, double.MinValue);
        Prior.Fill(Cadence, Beta);
    }
}
