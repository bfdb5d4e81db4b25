using System.Globalization;
using System.Text;

namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>
/// Who votes and who learns; with a joint configuration under way also the outgoing voters and the voters that become learners when it is left.
/// Ids ascending. Compared by content.
/// </summary>
internal sealed record ConfigurationState(
    IReadOnlyList<ulong> Voters, IReadOnlyList<ulong> VotersOutgoing, IReadOnlyList<ulong> Learners, IReadOnlyList<ulong> LearnersNext, bool AutoLeave)
{
    /// <summary>Nobody.</summary>
    public static readonly ConfigurationState Empty = new([], [], [], [], false);

    /// <summary>True while decisions need a majority of both <see cref="Voters"/> and <see cref="VotersOutgoing"/>.</summary>
    public bool IsJoint => VotersOutgoing.Count > 0;

    /// <summary>A simple configuration of voters.</summary>
    public static ConfigurationState OfVoters(IEnumerable<ulong> voters) => Empty with { Voters = [.. voters.Order()] };

    /// <summary>True where <paramref name="id"/> votes, in either half.</summary>
    public bool IsVoter(ulong id) => Voters.Contains(id) || VotersOutgoing.Contains(id);

    /// <summary>True where <paramref name="id"/> takes part in any way.</summary>
    public bool Contains(ulong id) => IsVoter(id) || Learners.Contains(id) || LearnersNext.Contains(id);

    /// <summary>Every replica that takes part, once, ascending.</summary>
    public IEnumerable<ulong> Members() => Voters.Concat(VotersOutgoing).Concat(Learners).Concat(LearnersNext).Distinct().Order();

    /// <inheritdoc/>
    public bool Equals(ConfigurationState? other) => other is not null && AutoLeave == other.AutoLeave && Voters.SequenceEqual(other.Voters)
        && VotersOutgoing.SequenceEqual(other.VotersOutgoing) && Learners.SequenceEqual(other.Learners) && LearnersNext.SequenceEqual(other.LearnersNext);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var id in Voters.Concat(VotersOutgoing).Concat(Learners).Concat(LearnersNext))
        {
            hash.Add(id);
        }

        return hash.ToHashCode();
    }

    /// <summary>"voters=(1 2 3)&amp;&amp;(1 2) learners=(4) learners_next=(5) autoleave", parts that are empty left out.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("voters=").Append(Set(Voters));
        text.Append(IsJoint ? "&&" + Set(VotersOutgoing) : "");
        text.Append(Learners.Count > 0 ? " learners=" + Set(Learners) : "");
        text.Append(LearnersNext.Count > 0 ? " learners_next=" + Set(LearnersNext) : "");
        return text.Append(AutoLeave ? " autoleave" : "").ToString();
    }

    private static string Set(IEnumerable<ulong> ids) => $"({string.Join(' ', ids.Select(id => id.ToString(CultureInfo.InvariantCulture)))})";
}
