namespace ShardConsole.ControlPlane.Demo;

/// <summary>The generated load of a demonstration. Section "Demo".</summary>
internal sealed class DemoOptions
{
    /// <summary>Section of appsettings.json.</summary>
    public const string Section = "Demo";

    /// <summary>Sharding threshold of a demonstration, mcore: a machine of two cores must be able to pass it with everything on it.</summary>
    public const double DefaultThresholdMillicores = 25;

    /// <summary>Seed of everything that is drawn.</summary>
    public int Seed { get; set; } = 1;

    /// <summary>Model days of history that are generated, 1..28.</summary>
    public int Days { get; set; } = 14;

    /// <summary>Requests a second that are spread over all segments, 1..10000.</summary>
    public double BaseOpsPerSecond { get; set; } = 400;

    /// <summary>CPU that those may cost on average, mcore over all leaders, 1..10000: where a request is dear fewer are sent, or no shard would have room for what is hot elsewhere.</summary>
    public double BaseMillicores { get; set; } = 100;

    /// <summary>CPU that the hot band is meant to cost at its peak, mcore over all leaders, 1..10000. Its requests follow from their measured cost.</summary>
    public double BandMillicores { get; set; } = 70;

    /// <summary>Most requests a second of the hot band, 1..50000.</summary>
    public double MaxBandOpsPerSecond { get; set; } = 4000;

    /// <summary>Ratio of writes, 0..1.</summary>
    public double WriteShare { get; set; } = 0.3;

    /// <summary>Keys in each segment, 1..10000.</summary>
    public int KeysPerSegment { get; set; } = 20;

    /// <summary>Length of a value, bytes, 1..65536.</summary>
    public int ValueBytes { get; set; } = 100;

    /// <summary>Requests under way at once, 1..10000; what would be more is not sent.</summary>
    public int MaxInFlight { get; set; } = 512;

    /// <summary>Real seconds between two looks at what a request costs now; the requests a second follow, so that the load stays as planned, 1..600.</summary>
    public int AdaptSeconds { get; set; } = 10;

    /// <summary>Part of the band that segments draw which are not of the shard that is to be hot, 0..1.</summary>
    public double HeatElsewhere { get; set; } = 0.12;

    /// <summary>Real seconds of load from which the cost of a request is taken, 1..60.</summary>
    public int CalibrateSeconds { get; set; } = 8;

    /// <summary>All that is wrong with these options, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (Days is < 1 or > 28)
        {
            yield return $"Demo:Days {Days} is outside 1..28.";
        }

        if (BaseOpsPerSecond is not (>= 1 and <= 10_000))
        {
            yield return $"Demo:BaseOpsPerSecond {BaseOpsPerSecond} is outside 1..10000.";
        }

        if (BaseMillicores is not (>= 1 and <= 10_000))
        {
            yield return $"Demo:BaseMillicores {BaseMillicores} is outside 1..10000.";
        }

        if (BandMillicores is not (>= 1 and <= 10_000))
        {
            yield return $"Demo:BandMillicores {BandMillicores} is outside 1..10000.";
        }

        if (MaxBandOpsPerSecond is not (>= 1 and <= 50_000))
        {
            yield return $"Demo:MaxBandOpsPerSecond {MaxBandOpsPerSecond} is outside 1..50000.";
        }

        if (WriteShare is not (>= 0 and <= 1))
        {
            yield return $"Demo:WriteShare {WriteShare} is outside 0..1.";
        }

        if (KeysPerSegment is < 1 or > 10_000)
        {
            yield return $"Demo:KeysPerSegment {KeysPerSegment} is outside 1..10000.";
        }

        if (ValueBytes is < 1 or > 65_536)
        {
            yield return $"Demo:ValueBytes {ValueBytes} is outside 1..65536.";
        }

        if (MaxInFlight is < 1 or > 10_000)
        {
            yield return $"Demo:MaxInFlight {MaxInFlight} is outside 1..10000.";
        }

        if (AdaptSeconds is < 1 or > 600)
        {
            yield return $"Demo:AdaptSeconds {AdaptSeconds} is outside 1..600.";
        }

        if (HeatElsewhere is not (>= 0 and <= 1))
        {
            yield return $"Demo:HeatElsewhere {HeatElsewhere} is outside 0..1.";
        }

        if (CalibrateSeconds is < 1 or > 60)
        {
            yield return $"Demo:CalibrateSeconds {CalibrateSeconds} is outside 1..60.";
        }
    }
}
