using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.History;

/// <summary>
/// A whole forecast as one blob: format 1, the steps (start in Unix seconds, length in seconds), the model names by segment, then the
/// errors and per step mean, q10, q50 and q90 by <see cref="PlaneCodec"/>. Persisted, append-only.
/// </summary>
internal static class ForecastCodec
{
    private const byte Format = 1;
    private const int PlanesPerStep = 4;

    /// <summary>Codes a forecast.</summary>
    public static byte[] Encode(ForecastFrame frame)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Format);
        writer.Write(frame.Starts.Count);
        for (var step = 0; step < frame.Starts.Count; step++)
        {
            writer.Write(frame.Starts[step].ToUnixTimeSeconds());
            writer.Write((int)frame.Spans[step].TotalSeconds);
        }

        var names = frame.Models.Distinct(StringComparer.Ordinal).ToList();
        writer.Write(names.Count);
        names.ForEach(writer.Write);
        writer.Write(frame.Models.Count);
        foreach (var model in frame.Models)
        {
            writer.Write((ushort)names.IndexOf(model));
        }

        Write(writer, PlaneCodec.Encode(frame.Errors));
        for (var step = 0; step < frame.Starts.Count; step++)
        {
            Write(writer, PlaneCodec.Encode(frame.Mean[step], frame.Q10[step], frame.Q50[step], frame.Q90[step]));
        }

        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>The forecast of a blob, or null when it is damaged or of a newer format.</summary>
    public static ForecastFrame? Decode(DateTimeOffset madeAt, LoadMetric metric, byte[] data)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(data));
            return reader.ReadByte() == Format ? Read(reader, madeAt, metric) : null;
        }
        catch (Exception e) when (e is IOException or ArgumentOutOfRangeException or FormatException)
        {
            return null;
        }
    }

    private static ForecastFrame? Read(BinaryReader reader, DateTimeOffset madeAt, LoadMetric metric)
    {
        var steps = reader.ReadInt32();
        var starts = new List<DateTimeOffset>();
        var spans = new List<TimeSpan>();
        for (var step = 0; step < steps; step++)
        {
            starts.Add(DateTimeOffset.FromUnixTimeSeconds(reader.ReadInt64()));
            spans.Add(TimeSpan.FromSeconds(reader.ReadInt32()));
        }

        var names = new List<string>();
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            names.Add(reader.ReadString());
        }

        var models = new List<string>();
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            models.Add(names[reader.ReadUInt16()]);
        }

        var errors = PlaneCodec.Decode(ReadBlob(reader));
        var planes = Enumerable.Range(0, steps).Select(_ => PlaneCodec.Decode(ReadBlob(reader))).ToList();
        return errors is { Length: 1 } && planes.TrueForAll(p => p is { Length: PlanesPerStep })
            ? new ForecastFrame(madeAt, metric, starts, spans, Plane(0), Plane(1), Plane(2), Plane(3), models, errors[0])
            : null;

        List<float[]> Plane(int number) => planes.ConvertAll(p => p![number]);
    }

    private static void Write(BinaryWriter writer, byte[] blob)
    {
        writer.Write(blob.Length);
        writer.Write(blob);
    }

    private static byte[] ReadBlob(BinaryReader reader) => reader.ReadBytes(reader.ReadInt32());
}
