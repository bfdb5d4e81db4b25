namespace ShardConsole.Simulation;

/// <summary>Runs seeds; one that fails names itself.</summary>
internal static class Seeds
{
    public static RunSummary Run(SimOptions options)
    {
        var verdict = Verdict.Of(options);
        return verdict.Summary ?? throw new SimulationFailedException(verdict.Broken ?? Invariant.CoreCheck, $"{options.Command}: {verdict}");
    }

    /// <summary>Seeds drawn from SIM_SEED, or from a fixed one, SIM_COUNT of them where that is set; the drawn ones are printed.</summary>
    public static IReadOnlyList<int> Sample(int count)
    {
        var start = int.TryParse(Environment.GetEnvironmentVariable("SIM_SEED"), out var given) ? given : 20_260;
        count = int.TryParse(Environment.GetEnvironmentVariable("SIM_COUNT"), out var wanted) ? wanted : count;
        var random = new Random(start);
        var seeds = Enumerable.Range(0, count).Select(_ => random.Next(1000, 1_000_000)).ToList();
        TestContext.Current.TestOutputHelper?.WriteLine($"SIM_SEED={start}: seeds {string.Join(", ", seeds)}");
        return seeds;
    }
}
