using System.Globalization;

namespace ShardConsole.NodeAgent.Options;

/// <summary>Holds the process id in a file while the node runs.</summary>
internal sealed class PidFile : IDisposable
{
    private readonly string path;
    private readonly string id = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    private PidFile(string path)
    {
        this.path = path;
        File.WriteAllText(path + ".new", id + "\n");
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>Writes the file; null where no path is named.</summary>
    /// <exception cref="StartupException">The file cannot be written.</exception>
    public static PidFile? Write(string path)
    {
        if (path.Length == 0)
        {
            return null;
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return new PidFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"--pid-file {path} cannot be written ({e.Message}). Name a file in a folder that this user may write.");
        }
    }

    /// <summary>Removes the file, unless another process has written its own id since.</summary>
    public void Dispose()
    {
        if (File.Exists(path) && File.ReadAllText(path).Trim() == id)
        {
            File.Delete(path);
        }
    }
}
