using System.Security.Cryptography;

namespace ShardConsole.NodeAgent.Options;

/// <summary>
/// Remembers beside the data by which key their cluster is reached. A folder that is started with another cluster's key would neither find its own nodes nor be
/// taken by the others, and would say so only by waiting.
/// </summary>
internal static class KeyFingerprint
{
    /// <summary>Name of the file in the data folder. It does not tell the key.</summary>
    public const string FileName = "cluster.fingerprint";

    private const int Bytes = 16;

    /// <summary>Compares the folder's fingerprint with the key's, and writes it where the folder has none or belongs to no cluster yet.</summary>
    /// <param name="options">Name the folder and the key's file.</param>
    /// <param name="key">The key of this start.</param>
    /// <param name="isFounded">Whether the folder belongs to a cluster.</param>
    /// <exception cref="StartupException">The folder belongs to a cluster with another key, or cannot be written.</exception>
    public static void Check(NodeOptions options, ClusterKey key, bool isFounded)
    {
        var path = Path.Combine(options.Data, FileName);
        var own = Convert.ToHexStringLower(HMACSHA256.HashData(key.Bytes.Span, "ShardConsole cluster"u8).AsSpan(0, Bytes));
        try
        {
            var known = File.Exists(path) ? File.ReadAllText(path).Trim() : "";
            if (known == own)
            {
                return;
            }

            if (isFounded && known.Length > 0)
            {
                throw new StartupException(
                    $"--data {options.Data} belongs to another cluster than the key in {options.ClusterKeyPath}. Name the folder's own key or an empty folder; where the key was changed on all nodes, remove {path}.");
            }

            File.WriteAllText(path, own + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"--data {options.Data}: {path} cannot be read or written ({e.Message}). Mend its rights, or name another folder.");
        }
    }
}
