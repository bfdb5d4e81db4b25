using System.Globalization;

namespace ShardConsole.Simulation;

/// <summary>The simulator as a program; without one of its options, the tests as a program.</summary>
internal static class SimulationProgram
{
    private const string Usage = """
        usage: Simulation --seed S | --seeds A..B
          --steps N        virtual milliseconds under faults (default 8000, at most 10000000)
          --nodes M        1 to 9 (default 3)
          --profile P      chaos (default), plain, disk, network, clock, migration, replicas, churn, wipe, integrity, connections, joins
          --planted BUG    plant a bug; --planted list names them, --planted find looks for each of them in up to 1000 seeds and prints what finds it
        prints one line per run (hash of the event log and verdict); with --seeds the failing ones and a sum. Exit code 0: nothing found, 1: found, 2: wrong arguments.
        """;

    private static int Main(string[] args)
    {
        if (!args.Any(a => a is "--seed" or "--seeds" or "--planted" or "--help"))
        {
            return Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args).GetAwaiter().GetResult();
        }

        if (args is ["--planted", "list"])
        {
            Console.WriteLine(string.Join('\n', Enum.GetNames<Planted>().Skip(1)));
            return 0;
        }

        if (args is ["--planted", "find", ..])
        {
            return FindPlanted(args.Length > 2 ? args[2] : "");
        }

        var (run, error) = SimulationArguments.Parse(args);
        if (run is null)
        {
            Console.Error.WriteLine($"{error}\n{Usage}");
            return 2;
        }

        return run.First == run.Last ? One(run) : Range(run);
    }

    private static int FindPlanted(string only)
    {
        var missed = 0;
        foreach (var bug in PlantedBug.All.Where(b => only.Length == 0 || b.Bug.ToString() == only))
        {
            var found = bug.Find();
            missed += found is null ? 1 : 0;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{bug.Bug,-28}{bug.Profile,-11}{(found is null ? $"NOT FOUND in {PlantedBug.MaxSeeds} seeds" : $"seed {found.Options.Seed,-5}{found.Broken}: {found.Failure}")}"));
        }

        return missed == 0 ? 0 : 1;
    }

    private static int One(SimulationArguments run)
    {
        var verdict = Verdict.Of(run.Options(run.First));
        Console.WriteLine(verdict);
        return verdict.Failure is null ? 0 : 1;
    }

    private static int Range(SimulationArguments run)
    {
        var failed = 0;
        var printing = new Lock();
        Parallel.For(run.First, (long)run.Last + 1, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, seed =>
        {
            var verdict = Verdict.Of(run.Options((int)seed));
            if (verdict.Failure is not null)
            {
                lock (printing)
                {
                    failed++;
                    Console.WriteLine(verdict);
                }
            }
        });
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seeds {run.First}..{run.Last} profile {run.Profile}: {(long)run.Last - run.First + 1} run, {failed} failed"));
        return failed == 0 ? 0 : 1;
    }
}
