using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ShardConsole.Shared.Security;

/// <summary>
/// Whom the programs of one cluster trust when they call one another: certificates that these roots have signed, or that are among them, and no others. Names are not
/// compared: nodes are known by addresses that change, and prove the cluster key inside of the connection. Safe for concurrent use.
/// </summary>
public sealed class TlsTrust
{
    private readonly X509Certificate2Collection roots;

    private TlsTrust(X509Certificate2Collection roots) => this.roots = roots;

    /// <summary>Reads the text of a PEM file with one or several certificates.</summary>
    /// <param name="flag">Flag and path of the file, for the words of a problem.</param>
    /// <exception cref="FormatException">It holds none; the message says what to do.</exception>
    public static TlsTrust FromPem(string flag, string text)
    {
        var found = new X509Certificate2Collection();
        try
        {
            found.ImportFromPem(text);
        }
        catch (CryptographicException e)
        {
            throw new FormatException($"{flag} cannot be read as certificates in PEM: {e.Message}");
        }

        return found.Count > 0 ? new TlsTrust(found) : throw new FormatException($"{flag} holds no certificate in PEM (a line \"-----BEGIN CERTIFICATE-----\"). Convert it with openssl x509.");
    }

    /// <summary>Whether a certificate that the other side showed is in force and signed by one of the roots. Nothing is asked of the network for it.</summary>
    /// <param name="certificate">What was shown; null: nothing.</param>
    /// <param name="shown">What came with it; null: nothing.</param>
    public bool Trusts(X509Certificate? certificate, X509Chain? shown)
    {
        if (certificate is not X509Certificate2 own)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        if (shown is not null)
        {
            chain.ChainPolicy.ExtraStore.AddRange(shown.ChainPolicy.ExtraStore);
            foreach (var element in shown.ChainElements)
            {
                chain.ChainPolicy.ExtraStore.Add(element.Certificate);
            }
        }

        return chain.Build(own);
    }
}
