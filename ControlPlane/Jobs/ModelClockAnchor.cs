using System.Text.Json;

namespace ShardConsole.ControlPlane.Jobs;

/// <summary>A real moment, the model moment that was then, and the pace since. Kept in "model-clock.json": persisted, append-only fields.</summary>
/// <param name="Format">1.</param>
/// <param name="Factor">Model seconds per real second, at least 1.</param>
internal sealed record ModelClockAnchor(int Format, DateTimeOffset Real, DateTimeOffset Model, double Factor)
{
    private const int CurrentFormat = 1;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Model time begins as real time.</summary>
    public static ModelClockAnchor Fresh(DateTimeOffset now, double factor) => new(CurrentFormat, now, now, factor);

    /// <summary>The model moment of a real one.</summary>
    public DateTimeOffset ToModel(DateTimeOffset real) => Factor == 1 && Real == Model ? real : Model + ((real - Real) * Factor);

    /// <summary>The same time line from now on at another pace; itself where the pace is the same. Model time never jumps.</summary>
    public ModelClockAnchor At(DateTimeOffset now, double factor) =>
        factor == Factor ? this : this with { Real = now, Model = ToModel(now), Factor = factor };

    /// <summary>
    /// Reads the anchor of a data folder and sets the pace, or makes the first one. Model time goes on while the program is stopped:
    /// reports that nodes kept meanwhile carry real times, and those must map as they did before.
    /// </summary>
    /// <exception cref="StartupException">The file cannot be read.</exception>
    public static ModelClockAnchor LoadOrCreate(string dataFolder, DateTimeOffset now, double factor)
    {
        var path = Path.Combine(dataFolder, "model-clock.json");
        var anchor = File.Exists(path) ? Read(path).At(now, factor) : Fresh(now, factor);
        File.WriteAllText(path + ".new", JsonSerializer.Serialize(anchor, Json));
        File.Move(path + ".new", path, overwrite: true);
        return anchor;
    }

    /// <summary>The anchor of a data folder, unchanged; null when it has none yet.</summary>
    public static ModelClockAnchor? Peek(string dataFolder)
    {
        var path = Path.Combine(dataFolder, "model-clock.json");
        return File.Exists(path) ? Read(path) : null;
    }

    private static ModelClockAnchor Read(string path)
    {
        try
        {
            var anchor = JsonSerializer.Deserialize<ModelClockAnchor>(File.ReadAllText(path), Json);
            return anchor is { Format: CurrentFormat, Factor: > 0 }
                ? anchor
                : throw new StartupException($"{path} has a format that this version does not read. Start the version that wrote it, or name another folder with --data.");
        }
        catch (JsonException e)
        {
            throw new StartupException($"{path} cannot be read ({e.Message}). Restore it, or name another folder with --data.");
        }
    }
}
