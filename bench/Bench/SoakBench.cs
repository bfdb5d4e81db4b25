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
    /// <summary>Options: --fsyncs N (200), --rounds N of kills by phase and role (100), --seeds N of the simulator (2000), --seed S, --only fsync|phases|seeds.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var seed = Option(args, "--seed", Environment.ProcessId);
        var only = Array.IndexOf(args, "--only") is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : "";
        (string Name, string Project, string Class, (string, int)[] Sizes)[] parts =
        [
            ("fsync", "EndToEnd", "FsyncKillTests", [("SHARDCONSOLE_SOAK_FSYNCS", Option(args, "--fsyncs", 200))]),
            ("phases", "EndToEnd", "KillSampleTests", [("SHARDCONSOLE_SOAK_ROUNDS", Option(args, "--rounds", 100))]),
            ("seeds", "Simulation", "SimulationTests", [("SIM_COUNT", Option(args, "--seeds", 2000))]),
        ];
        var failed = 0;
        var cases = 0L;
        Console.WriteLine($"{"matrix",-10}{"size",8}{"seed",12}{"seconds",10}  verdict");
        foreach (var part in parts.Where(p => only.Length == 0 || p.Name == only))
        {
            var time = TimeProvider.System;
            var began = time.GetTimestamp();
            var (code, output) = await TestAsync(part.Project, part.Class, [("SHARDCONSOLE_TEST_SEED", seed), ("SIM_SEED", seed), .. part.Sizes]);
            var seconds = time.GetElapsedTime(began).TotalSeconds;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{part.Name,-10}{part.Sizes[0].Item2,8}{seed,12}{seconds,10:0}  {(code == 0 ? "passed" : "FAILED")}"));
            foreach (Match line in Results().Matches(output))
            {
                Console.WriteLine("          " + line.Value.Trim());
            }

            if (code != 0)
            {
                failed++;
                Console.WriteLine(output);
            }

            cases += part.Sizes[0].Item2;
        }

        Console.WriteLine($"RESULT soak cases={cases} failed={failed} seed={seed}");
        return failed == 0 ? 0 : 1;
    }

    /// <summary>Runs one class of a test program that was built beside the benchmarks.</summary>
    private static async Task<(int Code, string Output)> TestAsync(string project, string testClass, (string Name, int Value)[] variables)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in Peer.Product(project, "-class", $"*.{testClass}", "-showLiveOutput"))
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in variables)
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

    [GeneratedRegex(@"RESULT (?!soak).*")]
    private static partial Regex Results();
}
