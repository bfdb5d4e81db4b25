using System.Security.Cryptography;
using System.Text;

namespace ShardConsole.NodeAgent.Options;

/// <summary>The secret that all nodes of a cluster and its control plane share. Never logged.</summary>
internal sealed class ClusterKey(string text)
{
    /// <summary>Shortest key, characters.</summary>
    public const int MinLength = 16;

    private readonly byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(text));

    /// <summary>As it stands in the file, without white space around it: what the header of a request carries.</summary>
    public string Text { get; } = text;

    /// <summary>Key of the seals.</summary>
    public ReadOnlyMemory<byte> Bytes { get; } = Encoding.UTF8.GetBytes(text);

    /// <summary>Compares in a time that does not depend on where the two differ.</summary>
    public bool Equals(string? other) =>
        other is not null && CryptographicOperations.FixedTimeEquals(hash, SHA256.HashData(Encoding.UTF8.GetBytes(other)));

    /// <summary>Reads the key's file; where none was named, makes one in the data folder at the first start.</summary>
    /// <exception cref="StartupException">The file is missing, cannot be read, or holds no key.</exception>
    public static ClusterKey Load(NodeOptions options)
    {
        var path = options.ClusterKeyPath;
        try
        {
            if (options.ClusterKeyFile.Length == 0 && !File.Exists(path))
            {
                Create(path);
            }

            var text = File.ReadAllText(path).Trim();
            return text.Length >= MinLength ? new ClusterKey(text)
                : throw new StartupException($"--cluster-key-file {path} holds {text.Length} characters; a key has at least {MinLength}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"--cluster-key-file {path} cannot be read ({e.Message}). Copy it from another node, or mend its rights.");
        }
    }

    private static void Create(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var file = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            file.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(path, file);
        writer.Write(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
    }
}
