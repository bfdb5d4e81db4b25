using ShardConsole.ControlPlane.Api.Model;

namespace ShardConsole.ControlPlane.Forecasting;

/// <summary>A forecast with what is needed to add it up.</summary>
/// <param name="Frame">What is kept and shown. A segment without any history has NaN everywhere and the model "none".</param>
/// <param name="Risk">Spread and what the segments' errors have in common.</param>
/// <param name="Skill">How much better than repeating yesterday.</param>
/// <param name="Coverage">Per segment: share of recent actual values that fell between q10 and q90 as they would have been issued (0.8 is promised); NaN unknown.</param>
/// <param name="HistoryDays">Days of history seen.</param>
internal sealed record ForecastResult(ForecastFrame Frame, ForecastRisk Risk, ForecastSkill Skill, float[] Coverage, double HistoryDays);

/// <summary>
/// The error of a forecast, so that sums of segments can be judged: error = Σ loading × factor + own part, the factors and own parts
/// independent with unit variance and variance Sd² − Σ loading². Arrays are [step][segment], in the metric's unit.
/// </summary>
/// <param name="Sd">Standard deviation of the whole error.</param>
/// <param name="Loadings">[factor][step][segment].</param>
internal sealed record ForecastRisk(IReadOnlyList<float[]> Sd, IReadOnlyList<IReadOnlyList<float[]>> Loadings);

/// <summary>1 − error ÷ error of repeating yesterday, over all segments; 0 or below: no better. NaN while too little was scored.</summary>
/// <param name="HourAhead">Of the 5 minutes that end one hour ahead.</param>
/// <param name="DayAhead">Of the hour that ends 23 hours ahead.</param>
internal sealed record ForecastSkill(double HourAhead, double DayAhead);
