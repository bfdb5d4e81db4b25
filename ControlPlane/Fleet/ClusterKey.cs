using System.Security.Cryptography;
using System.Text;

namespace ShardConsole.ControlPlane.Fleet;

/// <summary>The secret that nodes and control plane share.</summary>
internal sealed class ClusterKey(string value)
{
    private readonly byte[] bytes = Encoding.UTF8.GetBytes(value);

    /// <summary>The key as it is sent.</summary>
    public string Value { get; } = value;

    /// <summary>Whether a sent key is this one. Takes the same time for every wrong key of the right length.</summary>
    public bool Matches(string? sent) => sent is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent), bytes);

    /// <summary>Reads a key file.</summary>
    /// <exception cref="StartupException">There is no such file, or it is empty.</exception>
    public static ClusterKey Read(string path)
    {
        var text = File.Exists(path) ? File.ReadAllText(path).Trim() : "";
        return text.Length > 0
            ? new ClusterKey(text)
            : throw new StartupException($"The cluster key file {path} is missing or empty. Copy it from the nodes and name it with --cluster-key-file.");
    }
}
