using System.Buffers.Binary;

namespace ShardConsole.NodeAgent.Storage;

/// <summary>What a look at the write-ahead log found.</summary>
internal enum WalVerdict
{
    /// <summary>Nothing in it, or no file.</summary>
    Empty,

    /// <summary>All frames of its age are good.</summary>
    Sound,

    /// <summary>It ends in frames that were never a finished commit, as a crash leaves them: SQLite drops them rightly.</summary>
    TornTail,

    /// <summary>A finished commit stands behind a frame whose checksum fails: SQLite would drop it silently.</summary>
    Damaged,
}

/// <summary>Outcome of <see cref="WalInspector"/>.</summary>
/// <param name="Verdict">What was found.</param>
/// <param name="GoodFrames">Frames whose checksums hold, from the beginning.</param>
/// <param name="Message">Where the damage is; empty without any.</param>
/// <param name="Salts">What its frames carry, drawn anew whenever it begins anew; 0 where there is no header.</param>
internal sealed record WalInspection(WalVerdict Verdict, long GoodFrames, string Message, ulong Salts = 0);

/// <summary>
/// Walks a SQLite write-ahead log before SQLite opens it, because SQLite takes the first bad checksum for the end and drops all commits behind it without a word.
/// <para>
/// Behind the first bad frame, what proves damage is a frame with the current salts that ends a commit and whose checksum follows from its predecessor's as
/// stored. Frames that end no commit are what a crash or a rolled back transaction left. One case is open: all evidence belongs to the very last commit. If power failed, its
/// pages may have reached the disk out of order before it was synced, and it was never acknowledged; if only the process died, the operating system kept all
/// writes, and it is damage. The caller says which, compares with its <see cref="CommitMark"/>, which knows more where it was written, and starts the log anew at every opening, so that leftovers never mix with later commits.
/// </para>
/// </summary>
internal static class WalInspector
{
    /// <summary>Where the salts stand in the header.</summary>
    internal const int SaltsAt = 16;

    private const int FileHeaderBytes = 32;
    private const int FrameHeaderBytes = 24;
    private const uint Magic = 0x377f0682;

    /// <summary>Looks at a log; a missing file is empty. Throws what the file system throws.</summary>
    /// <param name="path">The -wal file.</param>
    /// <param name="powerMayHaveFailed">False when the machine has not been restarted since the file was last written.</param>
    public static WalInspection Inspect(string path, bool powerMayHaveFailed)
    {
        if (!File.Exists(path))
        {
            return new WalInspection(WalVerdict.Empty, 0, "");
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 20);
        return Inspect(file, powerMayHaveFailed);
    }

    /// <summary>Looks at a log in a stream.</summary>
    public static WalInspection Inspect(Stream log, bool powerMayHaveFailed)
    {
        var header = new byte[FileHeaderBytes];
        if (log.ReadAtLeast(header, FileHeaderBytes, throwOnEndOfStream: false) < FileHeaderBytes)
        {
            return new WalInspection(WalVerdict.Empty, 0, "");
        }

        var magic = BinaryPrimitives.ReadUInt32BigEndian(header);
        var pageBytes = (int)BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(8));
        var bigEndian = (magic & 1) != 0;
        var sum = Checksum(header.AsSpan(0, 24), (0, 0), bigEndian);
        if ((magic & ~1u) != Magic || pageBytes is < 512 or > 65536 || sum != Stored(header.AsSpan(24)))
        {
            // A header is one sector and is synced before frames follow it; a file that goes on behind a bad one held commits.
            return log.Length >= FileHeaderBytes + FrameHeaderBytes + 512
                ? new WalInspection(WalVerdict.Damaged, 0, "its header fails its checksum")
                : new WalInspection(WalVerdict.TornTail, 0, "");
        }

        return WalkFrames(log, header.AsSpan(SaltsAt, 8).ToArray(), pageBytes, sum, bigEndian, powerMayHaveFailed);
    }

    private static WalInspection WalkFrames(Stream log, byte[] salts, int pageBytes, (uint, uint) sum, bool bigEndian, bool powerMayHaveFailed)
    {
        var frame = new byte[FrameHeaderBytes + pageBytes];
        var good = 0L;
        var commitEnds = 0;
        var commitsBehind = 0;
        var frames = 0L;
        var lastCommitFrame = 0L;
        var broken = false;
        var framesOfAge = 0L;
        while (log.ReadAtLeast(frame, frame.Length, throwOnEndOfStream: false) == frame.Length)
        {
            frames++;
            var ofThisAge = frame.AsSpan(8, 8).SequenceEqual(salts);
            var expected = Checksum(frame.AsSpan(FrameHeaderBytes), Checksum(frame.AsSpan(0, 8), sum, bigEndian), bigEndian);
            sum = Stored(frame.AsSpan(16));
            var holds = ofThisAge && expected == sum;
            var endsCommit = BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(4)) != 0;
            framesOfAge += ofThisAge ? 1 : 0;
            broken |= !holds;
            if (!broken)
            {
                good++;
            }
            else if (ofThisAge && endsCommit)
            {
                commitEnds++;
                commitsBehind += holds ? 1 : 0;
                lastCommitFrame = holds ? frames : lastCommitFrame;
            }
        }

        // Two ends: the bad frame belongs to a commit that was synced before the next one began.
        if (commitsBehind > 0 && (commitEnds > 1 || !powerMayHaveFailed))
        {
            return new WalInspection(
                WalVerdict.Damaged, good, $"frame {good + 1} fails its checksum, but {commitsBehind} finished commit(s) stand behind it, up to frame {lastCommitFrame}", BinaryPrimitives.ReadUInt64BigEndian(salts));
        }

        var verdict = framesOfAge > good ? WalVerdict.TornTail : good > 0 ? WalVerdict.Sound : WalVerdict.Empty;
        return new WalInspection(verdict, good, "", BinaryPrimitives.ReadUInt64BigEndian(salts));
    }

    private static (uint, uint) Stored(ReadOnlySpan<byte> at) => (BinaryPrimitives.ReadUInt32BigEndian(at), BinaryPrimitives.ReadUInt32BigEndian(at[4..]));

    /// <summary>SQLite's own checksum over pairs of 32-bit words, in the byte order that the file's magic names.</summary>
    private static (uint, uint) Checksum(ReadOnlySpan<byte> bytes, (uint A, uint B) sum, bool bigEndian)
    {
        var (a, b) = sum;
        for (var i = 0; i < bytes.Length; i += 8)
        {
            var x = bytes.Slice(i, 8);
            a += (bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(x) : BinaryPrimitives.ReadUInt32LittleEndian(x)) + b;
            b += (bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(x[4..]) : BinaryPrimitives.ReadUInt32LittleEndian(x[4..])) + a;
        }

        return (a, b);
    }
}
