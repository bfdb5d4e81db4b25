using ShardConsole.NodeAgent.Failpoints;

namespace ShardConsole.Unit.Failpoints;

public sealed class FailpointRuleTests
{
    [Theory]
    [InlineData("fsync.before:kill", "fsync.before", 1, long.MaxValue, (int)FailpointAction.Kill, 0)]
    [InlineData("fsync.after@17:lose", "fsync.after", 17, 17, (int)FailpointAction.Lose, 0)]
    [InlineData("write.before@5-:error", "write.before", 5, long.MaxValue, (int)FailpointAction.Error, 0)]
    [InlineData("append.after@5-9:full", "append.after", 5, 9, (int)FailpointAction.Full, 0)]
    [InlineData("migration.cuttingover:sleep=250", "migration.cuttingover", 1, long.MaxValue, (int)FailpointAction.Sleep, 250)]
    public void A_rule_names_point_hits_and_action(string text, string point, long from, long to, int action, int sleepMs)
    {
        var problems = new List<string>();
        Assert.Equal([new FailpointRule(point, from, to, (FailpointAction)action, sleepMs)], FailpointRule.Parse(text, problems));
        Assert.Empty(problems);
    }

    [Theory]
    [InlineData("nosuch:kill")]
    [InlineData("fsync.before")]
    [InlineData("fsync.before:explode")]
    [InlineData("fsync.before@0:kill")]
    [InlineData("fsync.before@9-5:kill")]
    [InlineData("fsync.before@x:kill")]
    [InlineData("fsync.before:sleep=0")]
    [InlineData("fsync.before:sleep=99999999999")]
    public void A_wrong_rule_is_named(string text)
    {
        var problems = new List<string>();
        Assert.Single(FailpointRule.Parse($"apply.before:kill, {text}", problems));
        Assert.Contains($"'{text}'", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_phase_of_a_migration_has_a_point()
    {
        foreach (var phase in Enum.GetValues<ShardConsole.Shared.Plans.MigrationPhase>().Where(p => !p.ToString().StartsWith("Roll", StringComparison.Ordinal)))
        {
            Assert.True(FailpointList.Knows("migration." + phase.ToString().ToLowerInvariant()), phase.ToString());
        }
    }

    [Fact]
    public void Without_rules_a_point_does_nothing()
    {
        Assert.False(Failpoint.IsArmed);
        Failpoint.Hit("apply.before");
        Assert.Null(Failpoint.Ask("fsync.before"));
    }
}
