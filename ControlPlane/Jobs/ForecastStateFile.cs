using System.IO.Hashing;
using ShardConsole.ControlPlane.Data;
using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.ControlPlane.Forecasting.Streaming;

namespace ShardConsole.ControlPlane.Jobs;

/// <summary>
/// What the forecaster learnt, in one file of the data folder, so that a restart fits nothing anew. Written beside the old one and moved over it; a file that is
/// damaged or of another form is passed over, and the history is learnt again.
/// </summary>
internal sealed partial class ForecastStateFile(DataFolder folder, ILogger<ForecastStateFile> log)
{
    private const int Buffer = 1 << 20;

    private string FilePath => Path.Combine(folder.Path, "forecast-state.bin");

    /// <summary>Writes it. The last 8 bytes are the XXH64 of what is before them.</summary>
    public void Save(FleetForecaster fleet)
    {
        var fresh = FilePath + ".new";
        using (var file = new FileStream(fresh, FileMode.Create, FileAccess.Write, FileShare.None, Buffer))
        {
            using var hashed = new HashingStream(file);
            using var writer = new BinaryWriter(hashed);
            fleet.Write(writer);
            writer.Flush();
            file.Write(BitConverter.GetBytes(hashed.Hash));
            file.Flush(flushToDisk: true);
        }

        File.Move(fresh, FilePath, overwrite: true);
    }

    /// <summary>Reads it; null where there is none that can be used.</summary>
    public FleetForecaster? Load(StreamOptions options)
    {
        if (!File.Exists(FilePath))
        {
            return null;
        }

        try
        {
            using var file = new FileStream(FilePath, FileMode.Open, FileAccess.Read, FileShare.Read, Buffer);
            using var hashed = new HashingStream(file);
            using var reader = new BinaryReader(hashed);
            var fleet = FleetForecaster.Read(reader, options);
            var expected = hashed.Hash;
            var told = new byte[sizeof(ulong)];
            file.ReadExactly(told);
            if (fleet is not null && BitConverter.ToUInt64(told) == expected)
            {
                return fleet;
            }

            Unusable(log, FilePath, "its checksum or its format is another one");
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            Unusable(log, FilePath, e.Message);
        }

        return null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{File} is not used ({Reason}); the history is learnt again")]
    private static partial void Unusable(ILogger logger, string file, string reason);

    // Hashes what passes, either way.
    private sealed class HashingStream(Stream inner) : Stream
    {
        private readonly XxHash64 hash = new();

        public ulong Hash => hash.GetCurrentHashAsUInt64();

        public override bool CanRead => inner.CanRead;

        public override bool CanSeek => false;

        public override bool CanWrite => inner.CanWrite;

        public override long Length => inner.Length;

        public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = inner.Read(buffer, offset, count);
            hash.Append(buffer.AsSpan(offset, read));
            return read;
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
            inner.Write(buffer, offset, count);
            hash.Append(buffer.AsSpan(offset, count));
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
