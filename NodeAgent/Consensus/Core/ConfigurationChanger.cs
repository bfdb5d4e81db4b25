namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>
/// Arithmetic of configuration changes. Every replica applies the same change to the same configuration at the same index, so a change that does not fit
/// changes nothing anywhere.
/// </summary>
internal static class ConfigurationChanger
{
    /// <summary>The configuration after <paramref name="change"/>, or null and the reason why it does not fit.</summary>
    public static ConfigurationState? TryApply(ConfigurationState current, ConfigurationChange change, out string? refusal)
    {
        if (change.Leaves)
        {
            return Leave(current, out refusal);
        }

        if (current.IsJoint)
        {
            refusal = $"The configuration {current} is joint; leave it first.";
            return null;
        }

        return change.EntersJoint ? EnterJoint(current, change, out refusal) : Simple(current, change, out refusal);
    }

    private static ConfigurationState? Leave(ConfigurationState current, out string? refusal)
    {
        if (!current.IsJoint)
        {
            refusal = $"The configuration {current} is not joint; there is nothing to leave.";
            return null;
        }

        refusal = null;
        return new ConfigurationState(current.Voters, [], [.. current.Learners.Union(current.LearnersNext).Order()], [], false);
    }

    private static ConfigurationState? EnterJoint(ConfigurationState current, ConfigurationChange change, out string? refusal)
    {
        if (current.Voters.Count == 0)
        {
            refusal = "A configuration without voters cannot become joint.";
            return null;
        }

        return WithSteps(current with { VotersOutgoing = current.Voters, AutoLeave = change.Transition != ConfigurationTransition.JointExplicit }, change, out refusal);
    }

    private static ConfigurationState? Simple(ConfigurationState current, ConfigurationChange change, out string? refusal)
    {
        var to = WithSteps(current, change, out refusal);
        if (to is not null && current.Voters.Except(to.Voters).Count() + to.Voters.Except(current.Voters).Count() > 1)
        {
            refusal = "More than one voter changes; that needs a joint configuration.";
            return null;
        }

        return to;
    }

    private static ConfigurationState? WithSteps(ConfigurationState current, ConfigurationChange change, out string? refusal)
    {
        var voters = new SortedSet<ulong>(current.Voters);
        var learners = new SortedSet<ulong>(current.Learners);
        var learnersNext = new SortedSet<ulong>(current.LearnersNext);
        foreach (var (kind, id) in change.Steps)
        {
            voters.Remove(id);
            learners.Remove(id);
            learnersNext.Remove(id);
            if (kind == ConfigurationChangeKind.AddVoter)
            {
                voters.Add(id);
            }
            else if (kind == ConfigurationChangeKind.AddLearner)
            {
                // It still votes in the outgoing half, so it becomes a learner only when that is left.
                (current.VotersOutgoing.Contains(id) ? learnersNext : learners).Add(id);
            }
        }

        refusal = voters.Count == 0 ? "The change removes all voters." : null;
        return refusal is null ? current with { Voters = [.. voters], Learners = [.. learners], LearnersNext = [.. learnersNext] } : null;
    }
}
