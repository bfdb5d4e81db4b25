using ShardConsole.Shared.Cluster;

namespace ShardConsole.ControlPlane.Planning.Paper;

/// <summary>What became of a paper cluster.</summary>
/// <param name="OverloadNodeMinutes">Minutes outside the comfort zone, summed over the nodes.</param>
/// <param name="ViolationMinutes">Minutes in which the 99th percentile of the answers of a node was over the target, summed over the nodes.</param>
/// <param name="ViolatedMinutes">Minutes in which that was so of at least one node.</param>
/// <param name="WorstP99Ms">Largest 99th percentile of any node in any step, ms; infinite where one was full.</param>
/// <param name="BytesMoved">Bytes copied, those of unfinished moves included.</param>
/// <param name="Reversed">Moves that took a segment straight back.</param>
/// <param name="Peak">Largest utilisation of any node in any step.</param>
/// <param name="Mean">Utilisation of all judged nodes over the whole time; NaN where none is judged.</param>
/// <param name="Moves">Moves in the order of their ends, then those that were not done.</param>
/// <param name="Waiting">Moves that never began.</param>
/// <param name="Map">The map at the end.</param>
/// <param name="ColumnSeconds">Time of one column of <paramref name="Utilisation"/>.</param>
/// <param name="Utilisation">[column][member]: largest utilisation in the column; NaN where the capacity is not limited.</param>
internal sealed record PaperResult(
    DateTimeOffset From, DateTimeOffset To, double OverloadNodeMinutes, double ViolationMinutes, double ViolatedMinutes, double WorstP99Ms, long BytesMoved, int Reversed,
    double Peak, double Mean, IReadOnlyList<PaperMove> Moves, int Waiting, ShardMap Map, int ColumnSeconds, IReadOnlyList<float[]> Utilisation)
{
    /// <summary>Moves that ended.</summary>
    public int Done => Moves.Count(m => m.EndedAt is not null);

    /// <summary>When the last move ended; null where none did.</summary>
    public DateTimeOffset? LastEnd => Moves.Max(m => m.EndedAt);
}
