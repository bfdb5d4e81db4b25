using System.Text.Json;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Fleet.Simulated;

/// <summary>What of a simulated fleet is kept over a restart: <c>simulated-fleet.json</c> in the data folder. Persisted, append-only names.</summary>
internal sealed record SimulatedState(int Format, ulong Epoch, IReadOnlyList<ushort> Owners, ulong LastId, MigrationLimits Limits, bool Halted, string HaltedBy)
{
    /// <summary>Shards with their replicas; null where the file is older: those of the founding.</summary>
    public IReadOnlyList<ShardInfo>? Shards { get; init; }

    /// <summary>Members; null where the file is older: the founders.</summary>
    public IReadOnlyList<Member>? Members { get; init; }

    /// <summary>Members that are being emptied.</summary>
    public IReadOnlyList<NodeId>? Draining { get; init; }

    /// <summary>Nodes that hold the meta group; null where the file is older: those of the founding.</summary>
    public IReadOnlyList<NodeId>? MetaReplicas { get; init; }

    /// <summary>Version of the file.</summary>
    public const int CurrentFormat = 1;

    private const string Name = "simulated-fleet.json";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Reads it; null where there is none yet.</summary>
    /// <exception cref="StartupException">It cannot be read, or is of another number of segments.</exception>
    public static SimulatedState? Load(string folder, int segments)
    {
        var path = Path.Combine(folder, Name);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<SimulatedState>(File.ReadAllText(path), Json) is { Format: CurrentFormat, Owners: not null, Limits: not null } kept && kept.Owners.Count == segments
                ? kept : throw new StartupException($"{path} is of another format or of another number of segments. Name another folder with --data.");
        }
        catch (JsonException e)
        {
            throw new StartupException($"{path} cannot be read ({e.Message}). Remove it to begin anew, or name another folder with --data.");
        }
    }

    /// <summary>Writes it whole, or not at all.</summary>
    public void Save(string folder)
    {
        var path = Path.Combine(folder, Name);
        File.WriteAllText(path + ".new", JsonSerializer.Serialize(this, Json));
        File.Move(path + ".new", path, overwrite: true);
    }
}
