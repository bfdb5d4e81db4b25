using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ShardConsole.Shared.Security;

/// <summary>A certificate with its key, and what stands behind it in its file: the certificates of those who signed it.</summary>
public sealed record TlsIdentity(X509Certificate2 Certificate, X509Certificate2Collection Chain)
{
    /// <summary>Reads the texts of two PEM files. The certificate's may hold the whole chain, its own certificate first.</summary>
    /// <param name="certificatePath">How the certificate's file is called, for the words of a problem; likewise <paramref name="keyPath"/>.</param>
    /// <param name="now">The certificate has to be in force.</param>
    /// <exception cref="FormatException">A text holds something else, or the two do not belong together, or the certificate is not in force; the message says which and what to do.</exception>
    public static TlsIdentity FromPem(string certificatePath, string certificateText, string keyPath, string keyText, DateTimeOffset now)
    {
        if (!certificateText.Contains("BEGIN CERTIFICATE", StringComparison.Ordinal))
        {
            throw new FormatException($"--tls-certificate {certificatePath} holds no certificate in PEM (a line \"-----BEGIN CERTIFICATE-----\"). Convert it with openssl x509.");
        }

        if (keyText.Contains("ENCRYPTED", StringComparison.Ordinal))
        {
            throw new FormatException($"--tls-key {keyPath} is encrypted. Name a key without a password (openssl pkey -in KEY -out PLAIN) that this user alone may read.");
        }

        if (!keyText.Contains("PRIVATE KEY", StringComparison.Ordinal))
        {
            throw new FormatException($"--tls-key {keyPath} holds no private key in PEM (a line \"-----BEGIN PRIVATE KEY-----\").");
        }

        try
        {
            var certificate = X509Certificate2.CreateFromPem(certificateText, keyText);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(certificateText);
            return now >= certificate.NotBefore && now <= certificate.NotAfter
                ? new TlsIdentity(certificate, chain)
                : throw new FormatException($"--tls-certificate {certificatePath} is in force from {certificate.NotBefore.ToUniversalTime():u} to {certificate.NotAfter.ToUniversalTime():u}, not now ({now:u}). Name one that is.");
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new FormatException($"--tls-certificate {certificatePath} and --tls-key {keyPath} cannot be used together: {e.Message} Name the key that the certificate was made for.");
        }
    }
}
