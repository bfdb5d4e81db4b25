using System.Buffers.Binary;
using K4os.Compression.LZ4;

namespace ShardConsole.ControlPlane.History;

/// <summary>
/// Several arrays of one length as one blob: format 1, number of arrays, length, then LZ4 of all high bytes and all low bytes of their 16-bit
/// codes (apart, they compress better). Persisted, append-only.
/// </summary>
internal static class PlaneCodec
{
    private const byte Format = 1;
    private const int HeaderBytes = 6;

    /// <summary>Codes the arrays, which have the same length.</summary>
    public static byte[] Encode(params ReadOnlySpan<float[]> planes)
    {
        var length = planes.Length == 0 ? 0 : planes[0].Length;
        var raw = new byte[planes.Length * length * 2];
        for (var p = 0; p < planes.Length; p++)
        {
            var high = p * length;
            var low = high + (planes.Length * length);
            for (var i = 0; i < length; i++)
            {
                var code = Quantised.Encode(planes[p][i]);
                raw[high + i] = (byte)(code >> 8);
                raw[low + i] = (byte)code;
            }
        }

        var packed = LZ4Pickler.Pickle(raw);
        var blob = new byte[HeaderBytes + packed.Length];
        blob[0] = Format;
        blob[1] = (byte)planes.Length;
        BinaryPrimitives.WriteInt32LittleEndian(blob.AsSpan(2), length);
        packed.CopyTo(blob, HeaderBytes);
        return blob;
    }

    /// <summary>The arrays of a blob, or null when it is damaged or of a newer format.</summary>
    public static float[][]? Decode(byte[] blob)
    {
        if (blob.Length < HeaderBytes || blob[0] != Format)
        {
            return null;
        }

        var planes = blob[1];
        var length = BinaryPrimitives.ReadInt32LittleEndian(blob.AsSpan(2));
        if (length is < 0 or > 1 << 24 || !TryUnpack(blob, planes * length * 2, out var raw))
        {
            return null;
        }

        var result = new float[planes][];
        for (var p = 0; p < planes; p++)
        {
            var values = result[p] = new float[length];
            var high = p * length;
            var low = high + (planes * length);
            for (var i = 0; i < length; i++)
            {
                values[i] = Quantised.Decode((ushort)((raw[high + i] << 8) | raw[low + i]));
            }
        }

        return result;
    }

    private static bool TryUnpack(byte[] blob, int expected, out byte[] raw)
    {
        raw = [];
        try
        {
            var packed = blob.AsSpan(HeaderBytes);
            if (LZ4Pickler.UnpickledSize(packed) != expected)
            {
                return false;
            }

            raw = LZ4Pickler.Unpickle(packed);
            return raw.Length == expected;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }
}
