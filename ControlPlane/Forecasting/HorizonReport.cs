namespace ShardConsole.ControlPlane.Forecasting;

/// <summary>What was learnt of the fleet or of one segment, and how good its CPU forecasts were at every horizon.</summary>
/// <param name="Segment">Null: the fleet.</param>
/// <param name="DaysSeen">Days since the first measured bucket that is remembered; of the fleet: of its oldest segment.</param>
/// <param name="DaysKept">Days remembered at most: seasons are said as "n of m days, n of m weeks".</param>
/// <param name="Refused">Values that were refused because they were negative or infinite.</param>
/// <param name="Gaps">Five-minute buckets without a measured value.</param>
internal sealed record HorizonReport(int? Segment, double DaysSeen, int DaysKept, long Refused, long Gaps, IReadOnlyList<HorizonQuality> Horizons)
{
    /// <summary>Whole days and whole weeks seen, in words.</summary>
    public string Seasons => FormattableString.Invariant($"{(int)DaysSeen} of {DaysKept} daily, {(int)DaysSeen / 7} of {DaysKept / 7} weekly seasons seen");
}
