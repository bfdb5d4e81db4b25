namespace ShardConsole.ControlPlane.Fleet;

/// <summary>How the nodes' reports are taken. Section "Intake".</summary>
internal sealed class IntakeOptions
{
    /// <summary>Section of appsettings.json.</summary>
    public const string Section = "Intake";

    /// <summary>Largest report, bytes, 64 KiB..64 MiB.</summary>
    public int MaxBodyBytes { get; set; } = 8 << 20;

    /// <summary>Over how many real seconds "now" is a mean, 1..600.</summary>
    public double LiveSeconds { get; set; } = 20;

    /// <summary>Hot keys remembered per segment, 4..1024.</summary>
    public int HotKeys { get; set; } = 32;

    /// <summary>Samples of a segment after which its hot keys' counts are halved, 100..1000000.</summary>
    public int HotKeySamples { get; set; } = 5000;

    /// <summary>Boots of which the taken sequences are remembered, 16..100000; the oldest is forgotten.</summary>
    public int MaxBoots { get; set; } = 1024;

    /// <summary>All that is wrong with these options, one sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (MaxBodyBytes is < 1 << 16 or > 1 << 26)
        {
            yield return $"Intake:MaxBodyBytes {MaxBodyBytes} is outside 65536..67108864.";
        }

        if (LiveSeconds is not (>= 1 and <= 600))
        {
            yield return $"Intake:LiveSeconds {LiveSeconds} is outside 1..600.";
        }

        if (HotKeys is < 4 or > 1024)
        {
            yield return $"Intake:HotKeys {HotKeys} is outside 4..1024.";
        }

        if (HotKeySamples is < 100 or > 1_000_000)
        {
            yield return $"Intake:HotKeySamples {HotKeySamples} is outside 100..1000000.";
        }

        if (MaxBoots is < 16 or > 100_000)
        {
            yield return $"Intake:MaxBoots {MaxBoots} is outside 16..100000.";
        }
    }
}
