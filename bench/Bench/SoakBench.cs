using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ShardConsole.Bench;

/// <summary>
/// The large matrices, of which the tests run a sample: one node and three nodes that die at each of their first fsyncs, kills of each role in each phase of
/// migrations, and a range of fresh seeds of the simulator. Each line says what ran and what was found; the seed repeats it.
/// </summary>
internal static partial class SoakBench
{
    private static readonly string[] Profiles = ["plain", "chaos", "disk", "network", "clock", "migration", "replicas", "churn", "wipe", "integrity", "connections"];

    /// <summary>Options: --fsyncs N (200), --rounds N of kills by phase and role (100), --seeds N of each profile of the simulator (500), --seed S, --only fsync|phases|seeds.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var seed = Option(args, "--seed", Environment.ProcessId % 100_000 * 1000);
        var only = Array.IndexOf(args, "--only") is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : "";
        var (fsyncs, rounds, seeds) = (Option(args, "--fsyncs", 200), Option(args, "--rounds", 100), Option(args, "--seeds", 500));
        Part[] parts =
        [
            new("fsync", fsyncs, "EndToEnd", OfClass("FsyncKillTests"), [("SHARDCONSOLE_TEST_SEED", seed), ("SHARDCONSOLE_SOAK_FSYNCS", fsyncs)]),
            new("phases", rounds, "EndToEnd", OfClass("KillSampleTests"), [("SHARDCONSOLE_TEST_SEED", seed), ("SHARDCONSOLE_SOAK_ROUNDS", rounds)]),
            .. Profiles.Select(p => new Part("seeds", seeds, "Simulation", ["--seeds", $"{seed}..{seed + seeds - 1}", "--profile", p], [])),
        ];
        var failed = 0;
        var cases = 0L;
        Console.WriteLine($"{"matrix",-10}{"size",8}{"seed",12}{"seconds",10}  verdict");
        foreach (var part in parts.Where(p => only.Length == 0 || p.Name == only))
        {
            var time = TimeProvider.System;
            var began = time.GetTimestamp();
            var (code, output) = await RunAsync(part);
            var seconds = time.GetElapsedTime(began).TotalSeconds;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{part.Name,-10}{part.Size,8}{seed,12}{seconds,10:0}  {(code == 0 ? "passed" : "FAILED")} {part.Arguments[^1]}"));
            foreach (Match line in Results().Matches(output))
            {
                Console.WriteLine("          " + line.Value.Trim());
            }

            if (code != 0)
            {
                failed++;
                Console.WriteLine(output);
            }

            cases += part.Size;
        }

        Console.WriteLine($"RESULT soak cases={cases} failed={failed} seed={seed}");
        return failed == 0 ? 0 : 1;
    }

    private static string[] OfClass(string name) => ["-showLiveOutput", "-class", $"*.{name}"];

    /// <summary>Runs a test program that was built beside the benchmarks.</summary>
    private static async Task<(int Code, string Output)> RunAsync(Part part)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in Peer.Product(part.Project, part.Arguments))
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in part.Variables)
        {
            start.Environment[name] = value.ToString(CultureInfo.InvariantCulture);
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet could not be started.");
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }

    private static int Option(string[] args, string name, int otherwise)
    {
        var at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;
    }

    /// <summary>One matrix: a test program, what it is asked to run, and of what size.</summary>
    private sealed record Part(string Name, int Size, string Project, string[] Arguments, (string Name, int Value)[] Variables);

    [GeneratedRegex(@"RESULT (?!soak).*")]
    private static partial Regex Results();
}
