namespace ShardConsole.Simulation.Traces;

/// <summary>One shortest trace by which a broken rule or a looser reading failed in the protocol's model.</summary>
/// <param name="Name">File and the model's arguments.</param>
/// <param name="Steps">What happened, in the model's words, in order.</param>
internal sealed record ModelTrace(string Name, IReadOnlyList<string> Steps)
{
    /// <summary>Where the model's files lie, above this repository; null where they are not there.</summary>
    public static string? Folder
    {
        get
        {
            for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            {
                var folder = Path.Combine(at.FullName, "shared", "migration-check");
                if (Directory.Exists(folder))
                {
                    return folder;
                }
            }

            return null;
        }
    }

    /// <summary>All traces of a folder that tell steps.</summary>
    public static IReadOnlyList<ModelTrace> Read(string folder) => [.. Directory.GetFiles(folder, "counterexamples-*.txt").Order().SelectMany(Parse)];

    private static IEnumerable<ModelTrace> Parse(string file)
    {
        var traces = File.ReadAllText(file).Split("## must be found: ", StringSplitOptions.RemoveEmptyEntries);
        foreach (var lines in traces.Select(t => t.Split('\n')))
        {
            var steps = lines.Skip(1).Select(l => l.Trim()).Where(l => l.Length > 0 && char.IsAsciiDigit(l[0]) && l.Contains(". ", StringComparison.Ordinal))
                .Select(l => l[(l.IndexOf(". ", StringComparison.Ordinal) + 2)..]).ToList();
            if (steps.Count > 0)
            {
                yield return new ModelTrace($"{Path.GetFileName(file)}: {lines[0].Trim()}", steps);
            }
        }
    }
}
