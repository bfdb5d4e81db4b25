using System.Globalization;

namespace ShardConsole.Simulation;

/// <summary>How a run ended. <paramref name="Failure"/> null: every promise was kept.</summary>
/// <param name="Broken">The promise that was broken; null: none.</param>
internal sealed record Verdict(SimOptions Options, ulong Hash, RunSummary? Summary, Invariant? Broken, string? Failure)
{
    /// <summary>Runs it. Whatever is thrown inside is a finding.</summary>
    public static Verdict Of(SimOptions options)
    {
        var world = new World(options);
        try
        {
            return new Verdict(options, Finish(world, out var summary), summary, null, null);
        }
        catch (SimulationFailedException e)
        {
            return new Verdict(options, world.Hash, null, e.Invariant, e.Message.ReplaceLineEndings(" "));
        }
        catch (Exception e)
        {
            return new Verdict(options, world.Hash, null, Invariant.CoreCheck, $"{e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"seed {Options.Seed} nodes {Options.Nodes} steps {Options.DisturbedMs}: hash {Hash:x16} {(Failure is null ? $"PASS {Summary}" : $"FAIL {Broken}: {Failure}")}");

    private static ulong Finish(World world, out RunSummary summary)
    {
        summary = world.Run();
        return world.Hash;
    }
}
