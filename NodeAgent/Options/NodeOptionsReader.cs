using System.CommandLine;

namespace ShardConsole.NodeAgent.Options;

/// <summary>What the program was asked to do.</summary>
/// <param name="Options">The options; only to be used where <paramref name="Problems"/> is empty.</param>
/// <param name="Problems">All that is wrong, one line each.</param>
/// <param name="Answer">Set where only --help or --version was asked for: prints it.</param>
internal sealed record NodeStart(NodeOptions Options, IReadOnlyList<string> Problems, Func<int>? Answer);

/// <summary>Reads a node's options: appsettings.json below the environment below the flags.</summary>
internal static class NodeOptionsReader
{
    /// <param name="arguments">The command line.</param>
    /// <param name="environment">Value of a variable; null where it is not set.</param>
    /// <param name="settings">The section "Node"; null where there is none.</param>
    public static NodeStart Read(IReadOnlyList<string> arguments, Func<string, string?> environment, IConfiguration? settings)
    {
        var root = new RootCommand("One node of a ShardConsole cluster. Without any option it is a whole cluster by itself.");
        var flags = NodeFlag.All.Select(f => (Flag: f, Option: new Option<string[]>(f.Flag)
        {
            Description = $"{f.Description} ({f.Variable})",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        })).ToList();
        flags.ForEach(f => root.Options.Add(f.Option));
        var parsed = root.Parse([.. arguments]);
        var options = new NodeOptions();
        if (parsed.Errors.Count == 0 && parsed.Action is not null)
        {
            return new NodeStart(options, [], () => parsed.Invoke());
        }

        var problems = parsed.Errors.Select(e => e.Message).ToList();
        foreach (var (flag, option) in flags)
        {
            var given = parsed.GetResult(option) is { Implicit: false } result ? result.Tokens.Select(t => t.Value).ToList() : [];
            var (from, values) = given.Count > 0 ? (flag.Flag, given) : Below(flag, environment, settings);
            if (!flag.Many && values.Count > 1)
            {
                problems.Add($"{from} is given {values.Count} times; it takes one value.");
                continue;
            }

            foreach (var value in values)
            {
                if (flag.TrySet(options, value) is { } wanted)
                {
                    problems.Add($"{from} {value} is not {wanted}.");
                }
            }
        }

        problems.AddRange(options.Problems());
        return new NodeStart(options, problems, null);
    }

    private static (string From, List<string> Values) Below(NodeFlag flag, Func<string, string?> environment, IConfiguration? settings)
    {
        if (environment(flag.Variable) is { Length: > 0 } variable)
        {
            return (flag.Variable, flag.Many ? [.. variable.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)] : [variable]);
        }

        var section = settings?.GetSection(flag.Setting);
        var values = section?.Value is { } value ? [value] : section?.GetChildren().Select(c => c.Value ?? "").ToList() ?? [];
        return ($"{NodeOptions.Section}:{flag.Setting}", values);
    }
}
