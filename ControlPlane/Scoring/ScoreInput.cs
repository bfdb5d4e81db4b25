using ShardConsole.ControlPlane.Forecasting;
using ShardConsole.Shared.Cluster;
using ShardConsole.Shared.Contracts;

namespace ShardConsole.ControlPlane.Scoring;

/// <summary>A member with what is known of it at the moment.</summary>
/// <param name="Member">The member.</param>
/// <param name="Alive">Gossip and reports say that it is there.</param>
/// <param name="Use">Its process's own use over the last minute; null while unknown.</param>
internal sealed record MemberLoad(Member Member, bool Alive, NodeUse? Use);

/// <summary>Load of the last minutes per segment, mcore; NaN = not measured.</summary>
/// <param name="Cpu">CPU of the leader.</param>
/// <param name="FollowerCpu">CPU of one follower.</param>
internal sealed record MeasuredLoad(float[] Cpu, float[] FollowerCpu);

/// <summary>What the scores are made from.</summary>
/// <param name="Now">Model time.</param>
/// <param name="Map">The map in force.</param>
/// <param name="Members">All members.</param>
/// <param name="Measured">The last minutes (five, say).</param>
/// <param name="Cpu">Newest forecast of the leader's CPU; null before the first.</param>
/// <param name="FollowerCpu">Newest forecast of one follower's CPU; null: a follower costs nothing.</param>
internal sealed record ScoreInput(
    DateTimeOffset Now, ShardMap Map, IReadOnlyList<MemberLoad> Members, MeasuredLoad Measured, ForecastResult? Cpu, ForecastResult? FollowerCpu)
{
    /// <summary>Over which model time <see cref="Measured"/> is a mean; null: not known, and the forecast is not compared with it.</summary>
    public TimeSpan? MeasuredOver { get; init; }
}
