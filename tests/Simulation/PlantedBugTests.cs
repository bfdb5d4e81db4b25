namespace ShardConsole.Simulation;

public sealed class PlantedBugTests
{
    public static TheoryData<string> Bugs => [.. PlantedBug.All.Select(b => b.Bug.ToString())];

    [Theory]
    [MemberData(nameof(Bugs))]
    public void A_planted_bug_is_found_within_a_thousand_seeds_by_the_promise_that_it_breaks(string name)
    {
        var bug = PlantedBug.All.Single(b => b.Bug.ToString() == name);

        var found = bug.Find();

        Assert.True(found is not null, $"{name} was not found by {string.Join(" or ", bug.FoundBy)} in {PlantedBug.MaxSeeds} seeds of {bug.Profile}.");
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {found}");
        Assert.Null(Verdict.Of(bug.Options(found.Options.Seed) with { Planted = Planted.None, HealedMs = 60_000 }).Failure);
    }

    [Fact]
    public void Every_bug_that_can_be_planted_is_looked_for() =>
        Assert.Equal(Enum.GetValues<Planted>().Where(p => p != Planted.None), PlantedBug.All.Select(b => b.Bug));
}
