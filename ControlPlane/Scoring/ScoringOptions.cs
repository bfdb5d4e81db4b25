namespace ShardConsole.ControlPlane.Scoring;

/// <summary>Limits that scores are judged by.</summary>
internal sealed class ScoringOptions
{
    /// <summary>The sharding threshold: largest load score that a shard may be predicted to reach, mcore, above 0.</summary>
    public double ThresholdMillicores { get; init; } = 250;

    /// <summary>The comfort zone: utilisation of CPU, memory, disk and network inside which a node is at ease, 0.05..1.</summary>
    public double ComfortZone { get; init; } = 0.7;

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
