namespace ShardConsole.ControlPlane;

/// <summary>How the control plane itself is started. Section "ControlPlane" of appsettings.json, SHARDCONSOLE_ControlPlane__* of the environment, or flags.</summary>
internal sealed class ControlPlaneOptions
{
    /// <summary>Section of appsettings.json.</summary>
    public const string Section = "ControlPlane";

    /// <summary>Folder of everything that is kept.</summary>
    public string Data { get; set; } = "data";

    /// <summary>Address to listen at; loopback unless told otherwise.</summary>
    public string Bind { get; set; } = "127.0.0.1";

    /// <summary>Port to listen at, 0..65535; 0 takes a free one.</summary>
    public int Port { get; set; } = 5080;

    /// <summary>Whole addresses, separated by semicolons; when set, <see cref="Bind"/> and <see cref="Port"/> are not read.</summary>
    public string Urls { get; set; } = "";

    /// <summary>Model seconds per real second, 1..1000; 0: 1, or 144 with <see cref="Demo"/>.</summary>
    public double Clock { get; set; }

    /// <summary>Generated load on a generated history.</summary>
    public bool Demo { get; set; }

    /// <summary>Name for people.</summary>
    public string Name { get; set; } = "local";

    /// <summary>Model seconds per real second that are in force.</summary>
    public double ClockFactor => Clock > 0 ? Clock : Demo ? 144 : 1;

    /// <summary>The address to listen at.</summary>
    public string ListenUrls => Urls.Length > 0 ? Urls : $"http://{(Bind.Contains(':', StringComparison.Ordinal) ? $"[{Bind}]" : Bind)}:{Port}";

    /// <summary>All that is wrong with these options, one sentence each; empty when they can be used.</summary>
    public IEnumerable<string> Problems()
    {
        if (Data.Length == 0)
        {
            yield return "--data names no folder.";
        }

        if (Port is < 0 or > 65535)
        {
            yield return $"--port {Port} is outside 0..65535.";
        }

        if (Clock is not (>= 0 and <= 1000) || (Clock > 0 && Clock < 1))
        {
            yield return $"--clock {Clock} is outside 1..1000.";
        }

        if (Urls.Length == 0 && !System.Net.IPAddress.TryParse(Bind, out _))
        {
            yield return $"--bind {Bind} is no IP address.";
        }
    }
}
