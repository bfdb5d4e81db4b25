namespace ShardConsole.NodeAgent.Consensus.Core;

/// <summary>
/// Arithmetic of majorities. A set of no voters agrees with everything, so that a simple configuration is the joint one whose outgoing half is empty.
/// </summary>
internal static class Quorum
{
    /// <summary>Smallest number of voters of <paramref name="count"/> that is a majority.</summary>
    public static int Size(int count) => (count / 2) + 1;

    /// <summary>The largest value that a majority has reached; <see cref="ulong.MaxValue"/> of no voters. Sorts <paramref name="reached"/>, one value per voter.</summary>
    public static ulong Reached(Span<ulong> reached) => Reached(reached, Size(reached.Length));

    /// <summary>The largest value that <paramref name="size"/> voters have reached.</summary>
    public static ulong Reached(Span<ulong> reached, int size)
    {
        if (reached.IsEmpty)
        {
            return ulong.MaxValue;
        }

        reached.Sort();
        return reached[^size];
    }

    /// <summary>How a vote of <paramref name="voters"/> stands after <paramref name="yes"/> and <paramref name="no"/>.</summary>
    public static VoteResult Vote(int voters, int yes, int no) => Vote(voters, yes, no, Size(voters));

    /// <summary>The same where <paramref name="size"/> voters decide.</summary>
    public static VoteResult Vote(int voters, int yes, int no, int size)
    {
        if (voters == 0 || yes >= size)
        {
            return VoteResult.Won;
        }

        return voters - no >= size ? VoteResult.Pending : VoteResult.Lost;
    }

    /// <summary>A joint vote is won when both halves won it, and lost when one half lost it.</summary>
    public static VoteResult Both(VoteResult incoming, VoteResult outgoing)
    {
        if (incoming == outgoing)
        {
            return incoming;
        }

        return incoming == VoteResult.Lost || outgoing == VoteResult.Lost ? VoteResult.Lost : VoteResult.Pending;
    }
}
