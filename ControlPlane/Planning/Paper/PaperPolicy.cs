using ShardConsole.ControlPlane.Scoring;
using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Planning.Paper;

/// <summary>Who decides about moves on a paper cluster.</summary>
internal interface IPaperPolicy
{
    /// <summary>Asked at the beginning of every step. A move whose segment is elsewhere by now, or already under way, is left out.</summary>
    IReadOnlyList<WantedMove> Decide(PaperMoment moment);
}

/// <summary>What a policy may know at a moment: never a load that is still to come.</summary>
/// <param name="Now">Beginning of the step.</param>
/// <param name="Map">Who owns what.</param>
/// <param name="Members">All members, the lost ones not alive.</param>
/// <param name="SegmentBytes">Bytes per segment.</param>
/// <param name="UnderWay">Moves that wait or run.</param>
/// <param name="Past">Moves that ended within the last day.</param>
/// <param name="Measured">Largest load of each segment in the last five minutes.</param>
internal sealed record PaperMoment(
    DateTimeOffset Now, ShardMap Map, IReadOnlyList<MemberLoad> Members, IReadOnlyList<long> SegmentBytes, IReadOnlyList<MoveUnderWay> UnderWay,
    IReadOnlyList<PastMove> Past, MeasuredLoad Measured);

/// <summary>Nothing ever moves.</summary>
internal sealed class NoMovesPolicy : IPaperPolicy
{
    /// <inheritdoc/>
    public IReadOnlyList<WantedMove> Decide(PaperMoment moment) => [];
}

/// <summary>Given moves at a given time: a plan that is looked at.</summary>
internal sealed class GivenPolicy(DateTimeOffset at, IReadOnlyList<WantedMove> moves) : IPaperPolicy
{
    private bool done;

    /// <inheritdoc/>
    public IReadOnlyList<WantedMove> Decide(PaperMoment moment)
    {
        if (done || moment.Now < at)
        {
            return [];
        }

        done = true;
        return moves;
    }
}
