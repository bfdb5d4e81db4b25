using System.Text.Json;
using ShardConsole.ControlPlane.Fleet.Members.Core;

namespace ShardConsole.ControlPlane.Fleet.Members;

/// <summary>Keeps the drains that are known: <c>drains.json</c> in the data folder. Persisted, append-only names. Safe for concurrent use.</summary>
internal sealed class DrainStore
{
    private const int CurrentFormat = 1;
    private const string Name = "drains.json";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly Lock gate = new();
    private readonly string path;
    private volatile IReadOnlyList<Drain> known;

    /// <param name="folder">The data folder.</param>
    /// <exception cref="StartupException">The file is there and cannot be read.</exception>
    public DrainStore(string folder)
    {
        path = Path.Combine(folder, Name);
        known = Read(path);
    }

    /// <summary>All drains that are known.</summary>
    public IReadOnlyList<Drain> Known => known;

    /// <summary>Changes them; writes the file where that made a difference.</summary>
    public void Change(Func<IReadOnlyList<Drain>, IReadOnlyList<Drain>> change)
    {
        lock (gate)
        {
            var next = change(known);
            if (next.SequenceEqual(known))
            {
                return;
            }

            File.WriteAllText(path + ".new", JsonSerializer.Serialize(new Content(CurrentFormat, next), Json));
            File.Move(path + ".new", path, overwrite: true);
            known = next;
        }
    }

    private static IReadOnlyList<Drain> Read(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        try
        {
            return JsonSerializer.Deserialize<Content>(File.ReadAllText(path), Json) is { Format: CurrentFormat, Drains: { } drains } ? drains
                : throw new StartupException($"{path} is of another format. Remove it: drains go on, and members that were to leave after one wait to be asked again.");
        }
        catch (JsonException e)
        {
            throw new StartupException($"{path} cannot be read ({e.Message}). Remove it: drains go on, and members that were to leave after one wait to be asked again.");
        }
    }

    private sealed record Content(int Format, IReadOnlyList<Drain> Drains);
}
