namespace ShardConsole.Simulation;

public sealed class PlantedBugTests
{
    private const int MaxSeeds = 30;

    [Theory]
    [InlineData(nameof(Planted.UnfreezeByTimer))]
    [InlineData(nameof(Planted.CommitWithoutReady))]
    [InlineData(nameof(Planted.ApplyAfterFreeze))]
    [InlineData(nameof(Planted.GapAcceptedWithoutDigest))]
    [InlineData(nameof(Planted.ActivateWithoutCommit))]
    [InlineData(nameof(Planted.ReadWithoutLease))]
    [InlineData(nameof(Planted.ReadWhileFrozen))]
    public void A_planted_bug_is_found(string bug)
    {
        var planted = Enum.Parse<Planted>(bug);
        for (var seed = 1; seed <= MaxSeeds; seed++)
        {
            try
            {
                new World(new SimOptions(seed) { Planted = planted, DisturbedMs = 6000, HealedMs = 20_000 }).Run();
            }
            catch (SimulationFailedException e)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"{bug}: seed {seed}: {e.Message}");
                return;
            }
        }

        Assert.Fail($"{bug} was not found in {MaxSeeds} seeds.");
    }
}
