using System.Text.Json;

namespace ShardConsole.ControlPlane.Data;

/// <summary>The folder of everything that is kept, with its stamp "control-plane.json" (persisted, append-only fields).</summary>
internal sealed class DataFolder : IDisposable
{
    private const int CurrentFormat = 1;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly Lock gate = new();
    private readonly FileStream? held;
    private Stamp stamp;

    private DataFolder(string path, Stamp stamp, FileStream? held)
    {
        Path = path;
        this.stamp = stamp;
        this.held = held;
    }

    /// <summary>Full path.</summary>
    public string Path { get; }

    /// <summary>The database.</summary>
    public string DatabasePath => System.IO.Path.Combine(Path, "control-plane.db");

    /// <summary>Where imported files are kept until they were read.</summary>
    public string ImportsPath => System.IO.Path.Combine(Path, "imports");

    /// <summary>The cluster whose history this is; empty until one was seen.</summary>
    public string ClusterId
    {
        get
        {
            lock (gate)
            {
                return stamp.ClusterId;
            }
        }
    }

    /// <summary>Segments of that cluster; 0 until it was seen.</summary>
    public int SegmentCount
    {
        get
        {
            lock (gate)
            {
                return stamp.SegmentCount;
            }
        }
    }

    /// <summary>Opens the folder, or makes it.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="exclusive">True for the one program that serves it; false to work beside that one.</param>
    /// <exception cref="StartupException">It belongs to another version, is served by another program or cannot be written.</exception>
    public static DataFolder Open(string path, bool exclusive)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(path);
            var held = exclusive ? Hold(path) : null;
            var stampPath = System.IO.Path.Combine(path, "control-plane.json");
            if (File.Exists(stampPath))
            {
                return new DataFolder(path, Read(stampPath), held);
            }

            var folder = new DataFolder(path, new Stamp(CurrentFormat, "", 0), held);
            folder.Save();
            return folder;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new StartupException($"The data folder {path} cannot be used: {e.Message} Name another one with --data.");
        }
    }

    /// <summary>Binds the folder to a cluster the first time, and holds later ones to it.</summary>
    /// <returns>Null when the cluster is this folder's; else one line that says what is wrong and what to do.</returns>
    public string? Bind(string clusterId, int segmentCount)
    {
        lock (gate)
        {
            if (stamp.ClusterId == clusterId && stamp.SegmentCount == segmentCount)
            {
                return null;
            }

            if (stamp.ClusterId.Length > 0)
            {
                return $"{Path} holds the history of cluster {stamp.ClusterId} ({stamp.SegmentCount} segments), but the nodes are of cluster {clusterId} ({segmentCount} segments). Name another folder with --data, or the right nodes with --seed-admin.";
            }

            if (stamp.SegmentCount != 0 && stamp.SegmentCount != segmentCount)
            {
                return $"{Path} holds imports for {stamp.SegmentCount} segments, but cluster {clusterId} has {segmentCount}. Name another folder with --data, or import again with --segments {segmentCount}.";
            }

            stamp = stamp with { ClusterId = clusterId, SegmentCount = segmentCount };
            Save();
            return null;
        }
    }

    /// <summary>Fixes the number of segments before a cluster was seen; the one that stands wins.</summary>
    /// <returns>The number in force.</returns>
    public int FixSegmentCount(int segmentCount)
    {
        lock (gate)
        {
            if (stamp.SegmentCount == 0)
            {
                stamp = stamp with { SegmentCount = segmentCount };
                Save();
            }

            return stamp.SegmentCount;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => held?.Dispose();

    private static FileStream Hold(string path)
    {
        try
        {
            return new FileStream(System.IO.Path.Combine(path, "control-plane.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new StartupException($"{path} is in use by another control plane. Stop it, or name another folder with --data.");
        }
    }

    private static Stamp Read(string path)
    {
        Stamp? read;
        try
        {
            read = JsonSerializer.Deserialize<Stamp>(File.ReadAllText(path), Json);
        }
        catch (JsonException e)
        {
            throw new StartupException($"{path} cannot be read ({e.Message}). Restore it, or name another folder with --data.");
        }

        return read is { Format: CurrentFormat }
            ? read
            : throw new StartupException($"{path} has format {read?.Format}; this version reads {CurrentFormat}. Start the version that wrote it, or name another folder with --data.");
    }

    private void Save()
    {
        var path = System.IO.Path.Combine(Path, "control-plane.json");
        File.WriteAllText(path + ".new", JsonSerializer.Serialize(stamp, Json));
        File.Move(path + ".new", path, overwrite: true);
    }

    private sealed record Stamp(int Format, string ClusterId, int SegmentCount);
}
