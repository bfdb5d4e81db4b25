using ShardConsole.NodeAgent.Consensus.Core;

namespace ShardConsole.Unit.Consensus;

/// <summary>Arithmetic of majorities and of configuration changes, by small cases.</summary>
public sealed class QuorumTests
{
    [Theory]
    [InlineData("", ulong.MaxValue)]
    [InlineData("7", 7UL)]
    [InlineData("7 3", 3UL)]
    [InlineData("1 9 5", 5UL)]
    [InlineData("4 1 3 2", 2UL)]
    [InlineData("0 0 8 9 9", 8UL)]
    public void The_index_of_a_majority_is_the_largest_that_more_than_half_have_reached(string reached, ulong index) =>
        Assert.Equal(index, Quorum.Reached(reached.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(ulong.Parse).ToArray()));

    [Theory]
    [InlineData(0, 0, 0, "Won")]
    [InlineData(1, 0, 0, "Pending")]
    [InlineData(2, 1, 0, "Pending")]
    [InlineData(2, 1, 1, "Lost")]
    [InlineData(3, 2, 0, "Won")]
    [InlineData(3, 1, 1, "Pending")]
    [InlineData(5, 2, 3, "Lost")]
    public void A_vote_is_decided_as_soon_as_it_cannot_change(int voters, int yes, int no, string result) =>
        Assert.Equal(result, Quorum.Vote(voters, yes, no).ToString());

    [Theory]
    [InlineData("Won", "Won", "Won")]
    [InlineData("Won", "Pending", "Pending")]
    [InlineData("Pending", "Lost", "Lost")]
    [InlineData("Won", "Lost", "Lost")]
    public void A_joint_vote_needs_both_halves(string incoming, string outgoing, string both) =>
        Assert.Equal(both, Quorum.Both(Enum.Parse<VoteResult>(incoming), Enum.Parse<VoteResult>(outgoing)).ToString());

    [Theory]
    [InlineData("1 2 3", "v4", "voters=(1 2 3 4)")]
    [InlineData("1 2 3", "r3", "voters=(1 2)")]
    [InlineData("1 2 3", "l4", "voters=(1 2 3) learners=(4)")]
    [InlineData("1 2 3", "l3", "voters=(1 2) learners=(3)")]
    [InlineData("1 2 3", "v4 r1", "voters=(2 3 4)&&(1 2 3) autoleave")]
    [InlineData("1 2 3", "l3 v4", "voters=(1 2 4)&&(1 2 3) learners_next=(3) autoleave")]
    [InlineData("1", "r1", "The change removes all voters.")]
    [InlineData("1", "", "The configuration voters=(1) is not joint; there is nothing to leave.")]
    public void A_change_gives_the_next_configuration_or_the_reason_why_not(string voters, string steps, string expected)
    {
        var change = new ConfigurationChange(ConfigurationTransition.Auto, [.. steps.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Step)]);
        var current = ConfigurationState.OfVoters(voters.Split(' ').Select(ulong.Parse));

        Assert.Equal(expected, ConfigurationChanger.TryApply(current, change, out var refusal)?.ToString() ?? refusal);
        Assert.True(ConfigurationChange.TryDecode(change.Encode(), out var decoded));
        Assert.Equal(change.Steps, decoded.Steps);
    }

    [Fact]
    public void Leaving_a_joint_configuration_makes_learners_of_those_that_were_demoted()
    {
        var joint = ConfigurationState.OfVoters([1, 2]) with { VotersOutgoing = [1, 3], LearnersNext = [3], AutoLeave = true };

        Assert.Equal("voters=(1 2) learners=(3)", ConfigurationChanger.TryApply(joint, ConfigurationChange.Leave, out _)!.ToString());
    }

    [Fact]
    public void Bytes_that_are_no_change_are_refused()
    {
        Assert.False(ConfigurationChange.TryDecode([3, 0, 1, 0, 0, 0, 0, 0, 0, 0], out _));
        Assert.False(ConfigurationChange.TryDecode([0, 3, 1, 0, 0, 0, 0, 0, 0, 0], out _));
        Assert.False(ConfigurationChange.TryDecode([0, 0, 0, 0, 0, 0, 0, 0, 0, 0], out _));
        Assert.False(ConfigurationChange.TryDecode([0, 0, 1], out _));
    }

    private static ConfigurationStep Step(string text) => new(
        text[0] switch { 'v' => ConfigurationChangeKind.AddVoter, 'l' => ConfigurationChangeKind.AddLearner, _ => ConfigurationChangeKind.Remove },
        ulong.Parse(text[1..], System.Globalization.CultureInfo.InvariantCulture));
}
