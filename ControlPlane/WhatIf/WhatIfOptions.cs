namespace ShardConsole.ControlPlane.WhatIf;

/// <summary>Limits of replays. Section "WhatIf".</summary>
internal sealed class WhatIfOptions
{
    /// <summary>Section of appsettings.json.</summary>
    public const string Section = "WhatIf";

    /// <summary>Replays that may wait, 1..100.</summary>
    public int MaxWaiting { get; set; } = 8;

    /// <summary>Replays that are kept, 1..1000; the oldest that has ended goes first.</summary>
    public int MaxKept { get; set; } = 20;

    /// <summary>Time between two forecasts of a replay, minutes, 5..1440. The product makes one every five; a replay of weeks would take long then.</summary>
    public int ForecastMinutes { get; set; } = 60;

    /// <summary>Series that a replay forecasts, 2..16384: the heaviest segments alone, the others in pools.</summary>
    public int MaxSeries { get; set; } = 192;

    /// <summary>What a request needs on an idle node, ms, above 0.</summary>
    public double ServiceMs { get; set; } = 0.2;

    /// <summary>99th percentile over which a minute counts as violated, ms.</summary>
    public double TargetMs { get; set; } = 5;

    /// <summary>CPU of copying, core-milliseconds per megabyte, at least 0.</summary>
    public double CopyMillisecondsPerMegabyte { get; set; } = 4;

    /// <summary>All that is wrong with these options, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (MaxWaiting is < 1 or > 100 || MaxKept is < 1 or > 1000)
        {
            yield return $"WhatIf:MaxWaiting {MaxWaiting} and MaxKept {MaxKept} must be 1..100 and 1..1000.";
        }

        if (ForecastMinutes is < 5 or > 1440)
        {
            yield return $"WhatIf:ForecastMinutes {ForecastMinutes} is outside 5..1440.";
        }

        if (MaxSeries is < 2 or > 16_384)
        {
            yield return $"WhatIf:MaxSeries {MaxSeries} is outside 2..16384.";
        }

        if (!(ServiceMs > 0) || !(TargetMs > Math.Log(100) * ServiceMs) || !(CopyMillisecondsPerMegabyte >= 0))
        {
            yield return $"WhatIf:ServiceMs {ServiceMs} must be above 0, TargetMs {TargetMs} above {Math.Log(100) * ServiceMs:0.###}, CopyMillisecondsPerMegabyte not negative.";
        }
    }
}
