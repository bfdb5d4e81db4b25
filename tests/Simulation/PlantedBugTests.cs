namespace ShardConsole.Simulation;

public sealed class PlantedBugTests
{
    private const int MaxSeeds = 40;

    /// <summary>Each bug and the seed from which on it is looked for: near to one that is known to find it, so that the test is quick.</summary>
    [Theory]
    [InlineData(nameof(Planted.UnfreezeByTimer), 1)]
    [InlineData(nameof(Planted.CommitWithoutReady), 1)]
    [InlineData(nameof(Planted.ApplyAfterFreeze), 1)]
    [InlineData(nameof(Planted.GapAcceptedWithoutDigest), 1)]
    [InlineData(nameof(Planted.ActivateWithoutCommit), 2)]
    [InlineData(nameof(Planted.ReadWhileFrozen), 9)]
    [InlineData(nameof(Planted.DropByLocalDecision), 1)]
    [InlineData(nameof(Planted.ForgetTheVote), 2)]
    [InlineData(nameof(Planted.VoteForAShorterLog), 7)]
    [InlineData(nameof(Planted.CountSentAsStored), 1)]
    [InlineData(nameof(Planted.SkipFsync), 2)]
    [InlineData(nameof(Planted.AnswerBeforeFsync), 5)]
    [InlineData(nameof(Planted.AckBeforeCommit), 1)]
    [InlineData(nameof(Planted.FollowerReads), 2)]
    [InlineData(nameof(Planted.AckRefused), 1)]
    [InlineData(nameof(Planted.ForgetTheTerm), 7)]
    public void A_planted_bug_is_found(string bug, int firstSeed) => Find(Enum.Parse<Planted>(bug), firstSeed, seed => SimOptions.Of("chaos", seed)!);

    [Fact]
    public void Reads_without_a_lease_are_found() => Find(Planted.ReadWithoutLease, 17, seed => new SimOptions(seed));

    [Fact]
    public void Repairs_that_undo_writes_are_found() => Find(Planted.RepairUnderWrites, 1, seed => SimOptions.Of("integrity", seed)!);

    private static void Find(Planted planted, int firstSeed, Func<int, SimOptions> options)
    {
        for (var seed = firstSeed; seed < firstSeed + MaxSeeds; seed++)
        {
            var verdict = Verdict.Of(options(seed) with { Planted = planted, DisturbedMs = 6000, HealedMs = 20_000 });
            if (verdict.Failure is not null)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"{planted}: {verdict}");
                return;
            }
        }

        Assert.Fail($"{planted} was not found in {MaxSeeds} seeds.");
    }
}
