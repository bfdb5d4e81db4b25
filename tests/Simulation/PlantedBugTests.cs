namespace ShardConsole.Simulation;

public sealed class PlantedBugTests
{
    private const int MaxSeeds = 30;

    [Theory]
    [InlineData(nameof(Planted.UnfreezeByTimer), 1)]
    [InlineData(nameof(Planted.CommitWithoutReady), 1)]
    [InlineData(nameof(Planted.ApplyAfterFreeze), 1)]
    [InlineData(nameof(Planted.GapAcceptedWithoutDigest), 9)]
    [InlineData(nameof(Planted.ActivateWithoutCommit), 1)]
    [InlineData(nameof(Planted.ReadWithoutLease), 17)]
    [InlineData(nameof(Planted.ReadWhileFrozen), 2)]
    [InlineData(nameof(Planted.DropByLocalDecision), 1)]
    public void A_planted_bug_is_found(string bug, int firstSeed)
    {
        var planted = Enum.Parse<Planted>(bug);
        for (var seed = firstSeed; seed < firstSeed + MaxSeeds; seed++)
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
