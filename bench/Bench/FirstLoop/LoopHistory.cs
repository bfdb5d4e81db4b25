using System.Globalization;
using System.IO.Compression;

namespace ShardConsole.Bench;

/// <summary>The part of the log before the replay, as a file of its own.</summary>
/// <param name="Path">The file.</param>
/// <param name="First">Log time of its first request.</param>
/// <param name="Before">Requests in it.</param>
/// <param name="After">Requests in the replay.</param>
internal sealed record LoopHistory(string Path, DateTimeOffset First, int Before, int After)
{
    /// <summary>Writes it into a folder.</summary>
    /// <exception cref="InvalidOperationException">The log holds nothing before the replay.</exception>
    public static LoopHistory Cut(LoopSettings settings, string folder)
    {
        var path = System.IO.Path.Combine(folder, "history.csv.gz");
        using var from = new StreamReader(new GZipStream(File.OpenRead(settings.Log), CompressionMode.Decompress));
        using var to = new StreamWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest));
        DateTimeOffset? first = null;
        var (before, after) = (0, 0);
        while (from.ReadLine() is { } line)
        {
            var isRow = DateTimeOffset.TryParse(line.Split(',', 2)[0], CultureInfo.InvariantCulture, out var time);
            if (!isRow || time < settings.From)
            {
                to.WriteLine(line);
                first ??= isRow ? time : null;
                before += isRow ? 1 : 0;
            }
            else
            {
                after += time <= settings.To ? 1 : 0;
            }
        }

        return before > 0 && after > 0 ? new LoopHistory(path, first!.Value, before, after)
            : throw new InvalidOperationException($"{settings.Log} holds no request before {settings.From:u}, or none from then to {settings.To:u}; name another --log, --from or --to.");
    }
}
