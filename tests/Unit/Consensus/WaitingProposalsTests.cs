using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.Unit.Consensus;

public sealed class WaitingProposalsTests
{
    private const long LostWait = 100;

    private readonly WaitingProposals<string> waiting = new(4, LostWait);
    private readonly List<string> lost = [];
    private readonly List<string> overwritten = [];

    [Fact]
    public void An_entry_that_is_applied_after_its_leader_stepped_down_is_still_told_to_its_client()
    {
        Add(3, 10, 11);
        waiting.Left(1000);
        waiting.Tick(1000 + LostWait - 1, lost.Add);

        Assert.Equal("3/10", Take(3, 10));
        Assert.Equal("3/11", Take(3, 11));
        Assert.Null(Take(4, 12));
        Assert.Empty(lost.Concat(overwritten));
    }

    [Fact]
    public void Another_entry_in_its_place_means_never_executed()
    {
        Add(3, 10, 11, 12);
        waiting.Left(1000);

        Assert.Equal("3/10", Take(3, 10));
        Assert.Null(Take(4, 11));
        Assert.Equal(["3/11"], overwritten);
        Assert.Null(Take(4, 12));
        Assert.Equal(["3/11", "3/12"], overwritten);
        Assert.Empty(lost);
    }

    [Fact]
    public void Whoever_outlives_the_leadership_by_the_limit_hears_that_nobody_knows()
    {
        Add(3, 10, 11);
        waiting.Left(1000);
        waiting.Left(1050);
        waiting.Tick(1000 + LostWait, lost.Add);

        Assert.Equal(["3/10", "3/11"], lost);
        Assert.Equal(0, waiting.Count);
    }

    [Fact]
    public void A_leader_that_stays_tells_nobody_that_it_is_lost()
    {
        Add(3, 10);
        waiting.Tick(1_000_000, lost.Add);

        Assert.Empty(lost);
    }

    [Fact]
    public void Who_leads_again_waits_on_for_what_its_log_still_holds_and_gives_up_the_rest()
    {
        Add(3, 10, 11, 12);
        waiting.Left(1000);

        // Entry 11 was replaced by another leader's, 12 was cut off.
        waiting.Lead(index => index switch { 10 => 3, 11 => 4, _ => null }, lost.Add);
        waiting.Tick(1_000_000, lost.Add);
        Add(5, 12);

        Assert.Equal(["3/11", "3/12"], lost);
        Assert.Equal("3/10", Take(3, 10));
        Assert.Null(Take(4, 11));
        Assert.Equal("5/12", Take(5, 12));
        Assert.Empty(overwritten);
    }

    [Fact]
    public void There_is_a_limit()
    {
        Add(3, 1, 2, 3);
        Assert.False(waiting.IsFull);
        Add(3, 4);
        Assert.True(waiting.IsFull);
        waiting.Clear(lost.Add);
        Assert.False(waiting.IsFull);
        Assert.Equal(4, lost.Count);
    }

    private void Add(ulong term, params ulong[] indices)
    {
        foreach (var index in indices)
        {
            waiting.Add(term, index, $"{term}/{index}");
        }
    }

    private string? Take(ulong term, ulong index) => waiting.Take(term, index, overwritten.Add);
}
