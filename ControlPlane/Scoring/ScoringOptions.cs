namespace ShardConsole.ControlPlane.Scoring;

/// <summary>Limits that scores are judged by.</summary>
internal sealed class ScoringOptions
{
    /// <summary>The sharding threshold: largest load score that a shard may be predicted to reach, mcore, above 0.</summary>
    public double ThresholdMillicores { get; init; } = 250;

    /// <summary>The comfort zone: utilisation of CPU, memory, disk and network inside which a node is at ease, 0.05..1.</summary>
    public double ComfortZone { get; init; } = 0.7;

    /// <summary>The quantile of predicted load that is judged, 0.5..0.99: 0.9 plans for load that comes one time in ten. Of measured load there is only one value.</summary>
    public double Quantile { get; init; } = 0.9;

    /// <summary>How far ahead is judged, 1..48 h. Beyond the 24 h that a forecast reaches, the same hours of the day before are taken to come again, with √2 of the spread.</summary>
    public double HorizonHours { get; init; } = 24;

    /// <summary>A forecast older than this is not used, model minutes.</summary>
    public double ForecastMaxAgeMinutes { get; init; } = 15;

    /// <summary>How long measured load is taken to last when there is no usable forecast, minutes.</summary>
    public double ReactiveHorizonMinutes { get; init; } = 60;

    /// <summary>All problems of these settings, in words; empty when they are usable.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (!(ThresholdMillicores > 0) || double.IsInfinity(ThresholdMillicores))
        {
            problems.Add($"Scoring:ThresholdMillicores is {ThresholdMillicores}; it must be above 0.");
        }

        if (ComfortZone is not (>= 0.05 and <= 1))
        {
            problems.Add($"Scoring:ComfortZone is {ComfortZone}; it must be 0.05..1 (0.7 is 70 %).");
        }

        if (Quantile is not (>= 0.5 and <= 0.99))
        {
            problems.Add($"Scoring:Quantile is {Quantile}; it must be 0.5..0.99 (0.9 plans for load that comes one time in ten).");
        }

        if (HorizonHours is not (>= 1 and <= 48))
        {
            problems.Add($"Scoring:HorizonHours is {HorizonHours}; it must be 1..48 h.");
        }

        if (!(ForecastMaxAgeMinutes > 0))
        {
            problems.Add($"Scoring:ForecastMaxAgeMinutes is {ForecastMaxAgeMinutes}; it must be above 0.");
        }

        if (!(ReactiveHorizonMinutes > 0))
        {
            problems.Add($"Scoring:ReactiveHorizonMinutes is {ReactiveHorizonMinutes}; it must be above 0.");
        }

        return problems;
    }
}
