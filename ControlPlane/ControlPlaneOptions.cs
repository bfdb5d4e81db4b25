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

    /// <summary>PEM file with the certificate of the console's port, and those behind it; empty: no TLS.</summary>
    public string TlsCertificate { get; set; } = "";

    /// <summary>PEM file with the certificate's key, not encrypted; goes with <see cref="TlsCertificate"/>.</summary>
    public string TlsKey { get; set; } = "";

    /// <summary>Whether the console is served over https.</summary>
    public bool HasTls => TlsCertificate.Length > 0;

    /// <summary>Model seconds per real second, 1..1000; 0: 1, or 144 with <see cref="Demo"/>.</summary>
    public double Clock { get; set; }

    /// <summary>Generated load on a generated history.</summary>
    public bool Demo { get; set; }

    /// <summary>Name for people.</summary>
    public string Name { get; set; } = "local";

    /// <summary>Model seconds per real second that are in force.</summary>
    public double ClockFactor => Clock > 0 ? Clock : Demo ? 144 : 1;

    /// <summary>The address to listen at.</summary>
    public string ListenUrls => Urls.Length > 0 ? Urls : $"{(HasTls ? "https" : "http")}://{(Bind.Contains(':', StringComparison.Ordinal) ? $"[{Bind}]" : Bind)}:{Port}";

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

        if (HasTls != TlsKey.Length > 0)
        {
            yield return HasTls ? $"--tls-certificate {TlsCertificate} needs --tls-key with the file of its key." : $"--tls-key {TlsKey} needs --tls-certificate with the file of its certificate.";
        }

        if (Urls.Length > 0 && Urls.Contains("https://", StringComparison.OrdinalIgnoreCase) != HasTls)
        {
            yield return HasTls ? $"--tls-certificate is given, but --urls {Urls} names no https:// address." : $"--urls {Urls} names an https:// address; that needs --tls-certificate and --tls-key.";
        }

        if (Urls.Length == 0 && !System.Net.IPAddress.TryParse(Bind, out _))
        {
            yield return $"--bind {Bind} is no IP address.";
        }
    }
}
