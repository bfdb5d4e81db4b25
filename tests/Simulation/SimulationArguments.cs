using System.Globalization;

namespace ShardConsole.Simulation;

/// <summary>What the program was asked to run: seeds <paramref name="First"/> to <paramref name="Last"/>, both included.</summary>
internal sealed record SimulationArguments(int First, int Last, int Steps, int Nodes, string Profile, Planted Planted)
{
    private const int MaxSteps = 10_000_000;
    private const int MaxNodes = 9;

    public SimOptions Options(int seed) => SimOptions.Of(Profile, seed)! with { DisturbedMs = Steps, Nodes = Nodes, Planted = Planted };

    /// <summary>The arguments, or null and what is wrong with them.</summary>
    public static (SimulationArguments? Run, string? Error) Parse(string[] args)
    {
        var run = new SimulationArguments(0, -1, 8000, 3, "chaos", Planted.None);
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            var next = Take(run, args[i], value);
            if (next is null)
            {
                return (null, $"{args[i]} {value}: not understood.");
            }

            run = next;
        }

        return run.Last < run.First ? (null, "Name a seed, or seeds A..B with A not above B.") : (run, null);
    }

    private static SimulationArguments? Take(SimulationArguments run, string name, string value) => name switch
    {
        "--seed" when Number(value, int.MaxValue) is { } seed => run with { First = seed, Last = seed },
        "--seeds" when value.Split("..") is [var a, var b] && Number(a, int.MaxValue) is { } first && Number(b, int.MaxValue) is { } last => run with { First = first, Last = last },
        "--steps" when Number(value, MaxSteps) is { } steps => run with { Steps = steps },
        "--nodes" when Number(value, MaxNodes) is { } nodes and > 0 => run with { Nodes = nodes },
        "--profile" when SimOptions.Profiles.Contains(value) => run with { Profile = value },
        "--planted" when Enum.TryParse<Planted>(value, out var planted) && Enum.IsDefined(planted) => run with { Planted = planted },
        _ => null,
    };

    private static int? Number(string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most ? number : null;
}
