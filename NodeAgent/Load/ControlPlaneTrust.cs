using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ShardConsole.NodeAgent.Load;

/// <summary>
/// Whether the control plane is who it should be, by certificates of a file: it shows one of them itself (then its name does not matter: the file names it), or one
/// that was signed by them for its name. What the machine trusts is trusted as ever.
/// </summary>
internal sealed class ControlPlaneTrust
{
    private readonly X509Certificate2Collection known;

    private ControlPlaneTrust(X509Certificate2Collection known) => this.known = known;

    /// <summary>Reads the file.</summary>
    /// <exception cref="StartupException">It cannot be read or holds no certificate.</exception>
    public static ControlPlaneTrust Load(string path)
    {
        try
        {
            var known = new X509Certificate2Collection();
            known.ImportFromPemFile(path);
            return known.Count > 0 ? new ControlPlaneTrust(known) : throw new StartupException($"--control-plane-certificate {path} holds no certificate in PEM.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new StartupException($"--control-plane-certificate {path} cannot be read ({e.Message}). Name a PEM file with the control plane's certificate.");
        }
    }

    /// <summary>Decides on what the control plane shows.</summary>
    public bool Check(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        if (certificate is not X509Certificate2 shown)
        {
            return false;
        }

        if (known.Any(k => k.RawDataMemory.Span.SequenceEqual(shown.RawDataMemory.Span)))
        {
            return true;
        }

        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(known);
        own.ChainPolicy.ExtraStore.AddRange(chain?.ChainPolicy.ExtraStore ?? []);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return errors == SslPolicyErrors.RemoteCertificateChainErrors && own.Build(shown);
    }
}
