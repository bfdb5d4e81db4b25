using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ShardConsole.ControlPlane.Security;

/// <summary>A certificate with its key, and what stands behind it in its file: the certificates of those who signed it.</summary>
internal sealed record TlsIdentity(X509Certificate2 Certificate, X509Certificate2Collection Chain);

/// <summary>Reads a certificate and its key from PEM files.</summary>
internal static class TlsFiles
{
    /// <summary>Reads them. The certificate's file may hold the whole chain, its own certificate first.</summary>
    /// <exception cref="StartupException">A file is missing or holds something else, or the two do not belong together, or the certificate is not in force.</exception>
    public static TlsIdentity Load(string certificatePath, string keyPath, DateTimeOffset now)
    {
        var certificateText = Read("--tls-certificate", certificatePath);
        var keyText = Read("--tls-key", keyPath);
        if (!certificateText.Contains("BEGIN CERTIFICATE", StringComparison.Ordinal))
        {
            throw new StartupException($"--tls-certificate {certificatePath} holds no certificate in PEM (a line \"-----BEGIN CERTIFICATE-----\"). Convert it with openssl x509.");
        }

        if (keyText.Contains("ENCRYPTED", StringComparison.Ordinal))
        {
            throw new StartupException($"--tls-key {keyPath} is encrypted. Name a key without a password (openssl pkey -in KEY -out PLAIN) that this user alone may read.");
        }

        if (!keyText.Contains("PRIVATE KEY", StringComparison.Ordinal))
        {
            throw new StartupException($"--tls-key {keyPath} holds no private key in PEM (a line \"-----BEGIN PRIVATE KEY-----\").");
        }

        try
        {
            var certificate = X509Certificate2.CreateFromPem(certificateText, keyText);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(certificateText);
            if (now < certificate.NotBefore || now > certificate.NotAfter)
            {
                throw new StartupException($"--tls-certificate {certificatePath} is in force from {certificate.NotBefore.ToUniversalTime():u} to {certificate.NotAfter.ToUniversalTime():u}, not now ({now:u}). Name one that is.");
            }

            return new TlsIdentity(certificate, chain);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new StartupException($"--tls-certificate {certificatePath} and --tls-key {keyPath} cannot be used together: {e.Message} Name the key that the certificate was made for.");
        }
    }

    private static string Read(string flag, string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{flag} {path} cannot be read ({e.Message}). Name a PEM file that this user may read.");
        }
    }
}
