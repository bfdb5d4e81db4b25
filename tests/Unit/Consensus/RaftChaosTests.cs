namespace ShardConsole.Unit.Consensus;

/// <summary>Raft's promises under seeded disturbance: see <see cref="Chaos"/>.</summary>
public sealed class RaftChaosTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void Under_loss_reordering_pauses_and_crashes_nothing_committed_is_lost_and_the_group_recovers(int nodes)
    {
        var (committed, elections, reads, leases) = (0, 0, 0, 0);
        for (var seed = 1; seed <= 12; seed++)
        {
            var chaos = Run(seed, nodes, changesMembers: false);
            (committed, elections, reads, leases) =
                (committed + chaos.Committed, elections + chaos.Elections, reads + chaos.Reads, leases + chaos.LeaseSteps);
        }

        // A disturbance under which nothing happens would prove nothing.
        Assert.True(committed > 5000 && elections > 30 && reads > 500 && leases > 20000, $"{committed} {elections} {reads} {leases}");
    }

    [Fact]
    public void While_members_are_added_demoted_and_removed_nothing_committed_is_lost_and_the_group_recovers()
    {
        for (var seed = 1; seed <= 12; seed++)
        {
            Run(seed, 6, changesMembers: true);
        }
    }

    private static Chaos Run(int seed, int nodes, bool changesMembers)
    {
        var chaos = new Chaos(seed, nodes, changesMembers);
        try
        {
            chaos.Run(6000);
            chaos.HealAndDemandProgress();
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"Seed {seed} with {nodes} nodes: {e.Message}", e);
        }

        return chaos;
    }
}
