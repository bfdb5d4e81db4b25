using ShardConsole.NodeAgent.Consensus.Core;
using ShardConsole.NodeAgent.Replicas.Core;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.Unit.Replicas;

/// <summary>Carries steps out on a group of which everybody is alive, and writes them down.</summary>
public sealed class ReplicaStepsTests
{
    private readonly HashSet<NodeId> opened = [];
    private readonly HashSet<ulong> silent = [];
    private readonly HashSet<ulong> left = [];
    private ConfigurationState configuration = ConfigurationState.OfVoters([1, 2, 3]);
    private ulong leader = 1;
    private ulong behind;

    [Fact]
    public void A_replica_is_replaced_by_opening_learning_and_one_joint_change()
    {
        Assert.Equal(["open 4", "learn 4", "vote 4, remove 3"], Run([1, 2, 4]));
        Assert.Equal(ConfigurationState.OfVoters([1, 2, 4]), configuration);
    }

    [Fact]
    public void A_leader_that_is_not_wanted_hands_over_to_one_that_is()
    {
        leader = 3;

        Assert.Equal(["hand over to 2", "open 4", "learn 4", "vote 4, remove 3"], Run([1, 2, 4], preferred: 2));
    }

    [Fact]
    public void A_leader_that_nobody_can_follow_stays_until_its_successor_votes_and_is_removed_by_it()
    {
        (configuration, leader) = (ConfigurationState.OfVoters([3]), 3);

        Assert.Equal(["open 4", "learn 4", "vote 4", "hand over to 4", "remove 3"], Run([4]));
        Assert.Equal(4UL, leader);
    }

    [Fact]
    public void Adding_and_removing_alone_are_changes_too()
    {
        Assert.Equal(["open 4, 5", "learn 4, learn 5", "vote 4, vote 5"], Run([1, 2, 3, 4, 5]));
        Assert.Equal(["remove 2, remove 3"], Run([1, 4, 5]));
    }

    [Fact]
    public void All_replicas_can_be_replaced_at_once()
    {
        Assert.Equal(["open 4, 5, 6", "learn 4, learn 5, learn 6", "vote 4, vote 5, vote 6, remove 2, remove 3", "hand over to 5", "remove 1"], Run([4, 5, 6], preferred: 5));
    }

    [Fact]
    public void A_node_that_left_in_this_term_comes_again_in_the_next()
    {
        left.Add(4);

        Assert.Equal(["renew", "open 4", "learn 4", "vote 4, remove 3"], Run([1, 2, 4]));
        left.Add(5);
        Assert.Equal(["open 3", "learn 3", "vote 3, remove 4"], Run([1, 2, 3]));
    }

    [Fact]
    public void A_learner_that_lacks_entries_does_not_vote()
    {
        behind = 4;

        Assert.Equal(["open 4", "learn 4", "wait"], Run([1, 2, 4]));
        Assert.Equal([4UL], configuration.Learners);
    }

    [Fact]
    public void A_dead_replica_is_replaced()
    {
        silent.Add(3);

        Assert.Equal(["open 4", "learn 4", "vote 4, remove 3"], Run([1, 2, 4]));
    }

    [Fact]
    public void A_configuration_whose_majority_is_silent_is_not_made()
    {
        silent.Add(2);

        Assert.Equal(["wait"], Run([1, 2]));
        Assert.Equal(ConfigurationState.OfVoters([1, 2, 3]), configuration);
    }

    [Fact]
    public void What_was_begun_is_taken_back_from_wherever_it_stands()
    {
        configuration = configuration with { Learners = [4] };
        Assert.Equal(["remove 4"], Run([1, 2, 3]));

        configuration = ConfigurationState.OfVoters([1, 2, 3, 4]);
        leader = 4;
        Assert.Equal(["hand over to 1", "remove 4"], Run([1, 2, 3], preferred: 1));
    }

    [Fact]
    public void A_joint_configuration_is_waited_for()
    {
        configuration = configuration with { VotersOutgoing = [1, 2], AutoLeave = true };

        Assert.Equal(["wait"], Run([1, 2, 4]));
    }

    [Fact]
    public void Whoever_takes_over_at_any_step_comes_to_the_same_end()
    {
        for (var from = 1UL; from <= 3; from++)
        {
            for (var steps = 0; steps < 6; steps++)
            {
                (configuration, leader) = (ConfigurationState.OfVoters([1, 2, 3]), from);
                opened.Clear();
                Run([2, 4, 5], most: steps);
                opened.Clear();
                leader = configuration.Voters[^1];

                Assert.DoesNotContain("wait", Run([2, 4, 5]));
                Assert.Equal(ConfigurationState.OfVoters([2, 4, 5]), configuration);
            }
        }
    }

    private List<string> Run(ulong[] wanted, ulong preferred = 0, int most = 20)
    {
        var order = new ReplicaOrder(9, [.. wanted.Select(id => new NodeId(id))], new NodeId(preferred));
        var done = new List<string>();
        while (done.Count < most)
        {
            switch (ReplicaSteps.Next(order, Picture(), opened, 0))
            {
                case ReplicaStep.Open open:
                    opened.UnionWith(open.Nodes);
                    done.Add("open " + string.Join(", ", open.Nodes.Select(n => n.Value)));
                    break;
                case ReplicaStep.Change change:
                    configuration = ConfigurationChanger.TryApply(configuration, change.Proposal, out var refusal) ?? throw new InvalidOperationException(refusal);
                    configuration = configuration.IsJoint ? ConfigurationChanger.TryApply(configuration, ConfigurationChange.Leave, out _)! : configuration;
                    done.Add(string.Join(", ", change.Proposal.Steps.Select(Name)));
                    break;
                case ReplicaStep.HandOver hand:
                    leader = hand.To.Value;
                    done.Add($"hand over to {leader}");
                    break;
                case ReplicaStep.Renew:
                    left.Clear();
                    done.Add("renew");
                    break;
                case ReplicaStep.Wait:
                    done.Add("wait");
                    return done;
                default:
                    return done;
            }

            Assert.True(configuration.IsVoter(leader), "The leader must vote.");
        }

        return done;
    }

    private static string Name(ConfigurationStep step) => step.Kind switch
    {
        ConfigurationChangeKind.AddLearner => $"learn {step.Id}",
        ConfigurationChangeKind.AddVoter => $"vote {step.Id}",
        _ => $"remove {step.Id}",
    };

    private GroupPicture Picture() => new(leader, configuration, 100, 100, 0, [.. configuration.Members().Select(id => new PeerStatus(
        id, id == behind ? 50UL : 100UL, 101, ProgressState.Replicate, configuration.Learners.Contains(id), !silent.Contains(id), false, 0, 0))]) { LeftInTerm = left };
}
