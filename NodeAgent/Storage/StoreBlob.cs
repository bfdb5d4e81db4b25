using System.Buffers.Binary;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>What a blob in the store is. Persisted, append-only, never renumber.</summary>
internal enum StoreBlobKind : byte
{
    Identity = 1,
    HardState = 2,
    LogStart = 3,
    LogRow = 4,
    SnapshotMark = 5,
    GroupRecord = 6,
    Checkpoint = 7,
    Chunk = 8,
}

/// <summary>
/// Builds blobs, one at a time, in a buffer that is used again. Persisted, little-endian: format version (1 byte), kind (1), zero (2), CRC32C of everything else (4), fields.
/// SQLite checks none of its pages, so a blob also repeats the key of its row: one that strayed is seen.
/// </summary>
internal sealed class StoreBlobWriter
{
    /// <summary>Bytes before the fields.</summary>
    public const int HeaderBytes = 8;

    private byte[] buffer = new byte[4096];
    private int length;

    /// <summary>Bytes so far.</summary>
    public int Length => length;

    /// <summary>Begins a blob.</summary>
    public void Begin(StoreBlobKind kind)
    {
        length = 0;
        var header = Room(HeaderBytes);
        header.Clear();
        header[0] = StoreOptions.FormatVersion;
        header[1] = (byte)kind;
    }

    public void Byte(byte value) => Room(1)[0] = value;

    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Room(4), value);

    public void UInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Room(8), value);

    /// <summary>Bytes without their length.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Room(bytes.Length));

    /// <summary>A count and so many numbers.</summary>
    public void Numbers(IReadOnlyList<ulong> numbers)
    {
        UInt32((uint)numbers.Count);
        foreach (var number in numbers)
        {
            UInt64(number);
        }
    }

    /// <summary>The finished blob; valid until the next one begins.</summary>
    public ReadOnlySpan<byte> Finish()
    {
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.AsSpan(4), StoreBlobReader.Checksum(buffer.AsSpan(0, length)));
        return buffer.AsSpan(0, length);
    }

    private Span<byte> Room(int bytes)
    {
        if (length + bytes > buffer.Length)
        {
            Array.Resize(ref buffer, Math.Max(length + bytes, buffer.Length * 2));
        }

        length += bytes;
        return buffer.AsSpan(length - bytes, bytes);
    }
}

/// <summary>Reads a blob whose checksum was verified. Reading past its end answers zeros and sets <see cref="Failed"/>.</summary>
internal ref struct StoreBlobReader
{
    private ReadOnlySpan<byte> rest;

    /// <summary>True when more was read than there is.</summary>
    public bool Failed { get; private set; }

    /// <summary>True when all was read, and not more.</summary>
    public readonly bool IsComplete => !Failed && rest.IsEmpty;

    /// <summary>Bytes left.</summary>
    public readonly int Left => rest.Length;

    /// <summary>Checks version, kind and checksum. <paramref name="complaint"/> says what is wrong.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> blob, StoreBlobKind kind, out StoreBlobReader reader, out string complaint)
    {
        reader = default;
        complaint = blob switch
        {
            { Length: < StoreBlobWriter.HeaderBytes } => $"is {blob.Length} bytes long, too short for its header",
            _ when BinaryPrimitives.ReadUInt32LittleEndian(blob[4..]) != Checksum(blob) => "fails its checksum",
            _ when blob[0] is 0 or > StoreOptions.FormatVersion => $"has format version {blob[0]}; this program reads up to {StoreOptions.FormatVersion}",
            _ when blob[1] != (byte)kind => $"is of kind {blob[1]} where {(byte)kind} belongs",
            _ => "",
        };
        if (complaint.Length > 0)
        {
            return false;
        }

        reader.rest = blob[StoreBlobWriter.HeaderBytes..];
        return true;
    }

    /// <summary>CRC32C over everything but the checksum's own four bytes.</summary>
    public static uint Checksum(ReadOnlySpan<byte> blob) => Crc32C.Of(blob[8..], Crc32C.Of(blob[..4]));

    public byte Byte() => Take(1)[0];

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>So many bytes; empty where there are fewer.</summary>
    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count < 0 || count > rest.Length)
        {
            Failed = true;
            return default;
        }

        var bytes = rest[..count];
        rest = rest[count..];
        return bytes;
    }

    /// <summary>A count and so many numbers.</summary>
    public ulong[] Numbers()
    {
        var count = UInt32();
        if (count > rest.Length / 8)
        {
            Failed = true;
            return [];
        }

        var numbers = new ulong[count];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = UInt64();
        }

        return numbers;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        var bytes = Bytes(count);
        return bytes.Length == count ? bytes : "\0\0\0\0\0\0\0\0"u8[..count];
    }
}
